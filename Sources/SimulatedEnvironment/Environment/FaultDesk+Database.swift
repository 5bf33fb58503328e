import Database
import SimulationRuntime
import TestEnvironment

/// Faults of one request of one replica to the database.
extension FaultDesk {

  /// `struck` is called when it has struck.
  func databaseRequest(
    of replica: String, _ number: Int, _ trouble: DatabaseTrouble, struck: @escaping () -> Void
  ) throws -> (String, (() -> Void)?) {
    guard let process = try deployment.processes(of: .replica(replica)).first else {
      throw EnvironmentError("there is no \(replica)")
    }
    let scope = DatabaseFault.Scope(clients: [process.host.name], occurrence: .nth(number))
    switch trouble {
    case .error(let sqlState): return try database(DatabaseFault(.fail(sqlState: sqlState), scope: scope))
    case .answerLost(let isDone):
      let outcome: DatabaseFault.Outcome = isDone.map { $0 ? .done : .notDone } ?? .either
      return try database(DatabaseFault(.loseReply(outcome), scope: scope))
    case .crash: return try crash(process, atRequest: number, struck: struck)
    }
  }

  private func crash(
    _ process: SimulatedProcess, atRequest number: Int, struck: @escaping () -> Void
  ) throws -> (String, (() -> Void)?) {
    let replica = try deployment.replica(process.name)
    let simulation = simulation
    let record = simulation.faults.begin("crash(\(process.name), database request #\(number))", at: simulation.now)
    var seen = 0
    replica.onRequest = { [unowned replica] in
      seen += 1
      guard seen == number else { return }
      replica.onRequest = nil
      record.touch(at: simulation.now)
      struck()
      process.crash()
    }
    return (
      record.name,
      { [unowned replica] in
        if seen < number { replica.onRequest = nil }
        simulation.faults.end(record, at: simulation.now)
      }
    )
  }
}
