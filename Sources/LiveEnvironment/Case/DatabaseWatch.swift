#if Live
  import Dispatch
  import PostgreSQL
  import SimulatedEnvironment
  import StreamSpaceProtocol

  /// The real database of a run: looks at its rows again and again, and carries out what the environment asks of it, all on a
  /// thread of its own.
  ///
  /// Unchecked: `connection` and `isOver` are touched on `queue` only.
  package final class DatabaseWatch: @unchecked Sendable {
    /// What a look saw; nil: the database did not answer.
    package typealias Seen = @Sendable (ControlPlaneRows?) -> Void

    private let url: String
    private let queue = DispatchQueue(label: "database-watch")
    private var connection: PostgreSQLConnection?
    private var isOver = false

    package init(url: String) { self.url = url }

    /// Looks every `period` milliseconds and tells `seen` each time, from its own thread.
    package func begin(everyMilliseconds period: Int, _ seen: @escaping Seen) {
      queue.async { [self] in look(everyMilliseconds: period, seen) }
    }

    /// Looks now.
    package func look(_ seen: @escaping Seen) {
      queue.async { [self] in seen(isOver ? nil : rows()) }
    }

    /// Carries out one statement.
    package func run(
      _ statement: SQLStatement, _ parameters: [SQLValue],
      _ done: @escaping @Sendable (Result<SQLResult, SQLError>) -> Void
    ) {
      queue.async { [self] in
        guard !isOver else { return done(.failure(.connectionLost)) }
        done(answer(statement, parameters))
      }
    }

    private func look(everyMilliseconds period: Int, _ seen: @escaping Seen) {
      guard !isOver else { return }
      seen(rows())
      queue.asyncAfter(deadline: .now() + .milliseconds(period)) { [weak self] in
        self?.look(everyMilliseconds: period, seen)
      }
    }

    /// Looks no more; returns when nothing is under way.
    package func end() {
      queue.sync {
        isOver = true
        connection?.close()
        connection = nil
      }
    }

    // MARK: On the queue

    private func rows() -> ControlPlaneRows? {
      var results: [SQLResult?] = []
      for statement in ControlPlaneRows.statements {
        switch answer(statement, []) {
        case .success(let result): results.append(result)
        case .failure:
          // Gone, or a schema that does not have the table yet.
          if connection == nil { return nil }
          results.append(nil)
        }
      }
      return try? ControlPlaneRows(commands: results[0], sessions: results[1], agents: results[2])
    }

    private func answer(_ statement: SQLStatement, _ parameters: [SQLValue]) -> Result<SQLResult, SQLError> {
      do throws(SQLError) {
        let open: PostgreSQLConnection
        if let connection { open = connection } else { open = try PostgreSQLConnection(url: url, timeout: 2) }
        connection = open
        switch open.answer(.execute(statement, parameters)) {
        case .result(let result): return .success(result)
        case .failure(let error):
          if open.isLost { drop() }
          return .failure(error)
        }
      } catch {
        drop()
        return .failure(error)
      }
    }

    private func drop() {
      connection?.close()
      connection = nil
    }
  }
#endif
