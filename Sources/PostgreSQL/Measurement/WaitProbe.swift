import StreamSpaceProtocol
import TestEnvironment

/// Sends a small statement again and again on a thread and a connection of its own, and measures how long each answer
/// took.
final class WaitProbe {
  private let record: Record
  private let loop: BackgroundLoop
  private let connection: PostgreSQLConnection

  /// Begins to send.
  init(_ probe: LockProbe, to database: PostgreSQLDatabase) throws(SQLError) {
    let connection = try database.open()
    self.connection = connection
    let record = Record(probe)
    self.record = record
    loop = BackgroundLoop(everyMilliseconds: probe.interval) { record.send(on: connection) }
  }

  /// Ends, and says how it fared. Waits for an answer that is still to come.
  func stop() -> LockReport.Probe {
    loop.stop()
    connection.close()
    return record.report()
  }

  /// What was measured. Used by the sending thread alone until that has ended.
  private final class Record {
    private let probe: LockProbe
    private let clock = ContinuousClock()
    private var waits: [Duration] = []
    private var failures: [SQLError] = []
    private var sent = 0

    init(_ probe: LockProbe) { self.probe = probe }

    /// False when the connection is gone.
    func send(on connection: PostgreSQLConnection) -> Bool {
      let parameters = probe.parameters.isEmpty ? [] : probe.parameters[sent % probe.parameters.count]
      sent += 1
      let start = clock.now
      let answer = connection.answer(.execute(probe.statement, parameters))
      waits.append(start.duration(to: clock.now))
      guard case .failure(let error) = answer else { return true }
      failures.append(error)
      return !error.endsConnection
    }

    func report() -> LockReport.Probe {
      let sorted = waits.sorted()
      return LockReport.Probe(
        name: probe.statement.name, answered: sent - failures.count, failures: failures,
        longest: sorted.last ?? .zero, median: sorted.isEmpty ? .zero : sorted[sorted.count / 2])
    }
  }
}
