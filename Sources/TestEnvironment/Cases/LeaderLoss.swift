/// What happened to a leader. Its raw value ends the name of a fail-over sample and fills the column `kind`.
public enum LeaderLoss: String, Sendable, Equatable, CaseIterable {
  case graceful, crash, pause, partition

  /// The name under which fail-over times of this kind are sampled: `fail-over crash`.
  public var sampleName: String { "fail-over \(rawValue)" }
}

extension CaseRecord {
  /// One measured fail-over time of a kind.
  public func sample(_ loss: LeaderLoss, _ value: Duration) { sample(loss.sampleName, value) }
}
