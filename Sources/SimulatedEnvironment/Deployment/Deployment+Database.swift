import ControlPlane
import Database
import SchemaMigrations
import SimulationRuntime
import StreamSpaceProtocol
import TestEnvironment

/// The database of a deployment: what it holds at the start, and who brings it up to date.
extension Deployment {
  private static let seedPause = TimeSpan.milliseconds(20)
  private static let seedWait = TimeSpan.seconds(1)
  private static let seedLabel = EventLabel("environment.seed")
  private static let restartLabel = EventLabel("environment.restart")

  /// The platform starts a replica again that ended because of its migrations: at once, then after 10, 20, 40 .. 300 s,
  /// as Kubernetes backs off.
  func restartAfterFailedMigrations(_ process: SimulatedProcess, _ replica: DeployedReplica) {
    let told = process.onEnd
    process.onEnd = { [unowned process, unowned replica] incarnation, reason in
      told?(incarnation, reason)
      guard case .finished(let text) = reason, text.hasPrefix(Self.failedMigrations) else { return }
      let wait = replica.failedStarts == 0 ? 1 : min(Int64(10) << Int64(min(replica.failedStarts - 1, 5)), 300)
      replica.failedStarts += 1
      process.start(after: .seconds(wait))
    }
  }

  /// A standby where the topology has one, or the replicas would ask one: then it is a second behind (C-14).
  static func makeStandby(
    of database: SimulatedDatabase, _ topology: Topology, _ behaviours: Behaviours
  ) throws -> SimulatedDatabase? {
    let isAsked = behaviours.controlPlane.database.reads == .standby
    guard let lag = topology.standbyLag ?? (isAsked ? .seconds(1) : nil) else { return nil }
    return try database.makeStandby(named: "\(HostName.database)-standby", delay: TimeSpan(lag))
  }

  private static let failedMigrations = "Failed to run migrations"

  /// Puts the fixtures in place once the schema bears them, and starts the agents then.
  func seedLate() {
    guard !isSeedingLate else { return }
    isSeedingLate = true
    do {
      seed(try FixtureRows.rows(hasAdministrator: false) + Self.agentAndLicenceRows(topology), from: 0)
    } catch {
      simulation.note(Self.seedLabel, ("error", .text("\(error)")))
    }
  }

  private func seed(_ rows: [(SQLStatement, [SQLValue])], from first: Int) {
    for index in first..<rows.count {
      do {
        _ = try database.query(rows[index].0, rows[index].1)
      } catch {
        // A transaction stands in the way, or the column comes with a later version.
        let wait = error.sqlState == SQLError.lockTimeout.sqlState ? Self.seedPause : Self.seedWait
        simulation.schedule(after: wait, Self.seedLabel) { [weak self] in self?.seed(rows, from: index) }
        return
      }
    }
    isSeeded = true
    startAgents()
  }
}
