import StreamSpaceProtocol
import TestEnvironment

/// What the components use (scenario 7), and the licence.
extension SimulatedCaseEnvironment {
  package func beginMeasuring() async throws { meter = try ResourceMeter(deployment) }

  package func measuredUse() async throws -> [ComponentUse] {
    guard let meter else { throw EnvironmentError("nobody has begun to measure") }
    return meter.use()
  }

  package func setLicence(_ sessions: Int) async throws {
    try await write(EnvironmentStatements.raiseLicence, [.integer(Int64(sessions))])
  }
}
