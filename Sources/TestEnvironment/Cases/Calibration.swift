/// Names of samples of the calibration table (spec/06 §10.1): the report prints StreamSpace's measured value beside
/// the distribution of the samples. Sample them with ``CaseRecord/sample(_:_:)``.
public enum Calibration: String, Sendable, Equatable, CaseIterable {
  case sessionStart = "calibration: session start"
  case fiveSerialStarts = "calibration: five starts on one agent"
  case stop = "calibration: stop, objects deleted"
  case tunnel = "calibration: running to tunnel ready"
  case agentRollout = "calibration: agent rollout"
  case hostingReplicaLoss = "calibration: hosting replica lost"
  case gracefulLeaderChange = "calibration: graceful leader change"
  case crashLeaderChange = "calibration: crash leader change"
  case leaseAcquisition = "calibration: lease acquisition"
  case forwardedCommand = "calibration: forwarded command"
  case registration = "calibration: registration"
  case handshake = "calibration: socket handshake"
  case firstHeartbeat = "calibration: first heartbeat after connect"
  case dockerStart = "calibration: docker start"
  case dockerElection = "calibration: docker election, first attempt"
  case badHeartbeatCut = "calibration: docker agent cut after a bad heartbeat"
  case leaderlessEviction = "calibration: eviction without election"
}

extension CaseRecord {
  /// One measured value of a quantity of the calibration table.
  public func sample(_ quantity: Calibration, _ value: Duration) { sample(quantity.rawValue, value) }
}
