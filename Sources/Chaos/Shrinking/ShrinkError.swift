/// Why a run cannot be shrunk.
public enum ShrinkError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The run has no failure.
  case green
  /// Two runs of the same plan went differently: nothing that is left out of such a run means anything.
  case notRepeatable(first: String, second: String)
  /// The run fails, but not in the way that was asked for.
  case otherFailure(wanted: String, found: String)

  public var description: String {
    switch self {
    case .green: "the run is green: there is nothing to shrink"
    case .notRepeatable(let first, let second):
      "two runs of the same plan differ (\(first) and \(second)): it cannot be shrunk"
    case .otherFailure(let wanted, let found): "the run violates \(found), not \(wanted)"
    }
  }
}
