import SimulationRuntime

/// A fault of the database as a value (spec/05 §2: `db(down | slow | fail stmt n | commit-unknown)`).
package struct DatabaseFault: Sendable, Equatable {
  package enum Effect: Sendable, Equatable {
    /// The server crashes: connections are reset, dials refused, until the fault ends. What was committed stays.
    case down
    /// The server is frozen until the fault ends: nothing is answered, nothing refused.
    case pause
    /// Statements take longer.
    case slow(LatencyModel)
    /// Statements fail with a SQLSTATE and change nothing; an open transaction is aborted.
    case fail(sqlState: String)
    /// The connection is cut before the answer; whether the statement, or the commit, was done is up to `outcome`.
    case loseReply(Outcome)
  }

  /// What becomes of a statement whose answer is lost.
  package enum Outcome: Sendable, Equatable {
    case done
    case notDone
    /// A decision.
    case either
  }

  /// Which requests a fault touches. Every condition must hold.
  package struct Scope: Sendable, Equatable {
    /// Hosts whose connections are touched; nil for all.
    package var clients: [String]?
    /// Names of statements (`insertSession`, `commit`, `begin`); nil for all.
    package var statements: [String]?
    package var occurrence = Occurrence.every

    package init(clients: [String]? = nil, statements: [String]? = nil, occurrence: Occurrence = .every) {
      self.clients = clients
      self.statements = statements
      self.occurrence = occurrence
    }

    package static let everything = Scope()
  }

  /// How often a fault strikes among the requests it could touch.
  package enum Occurrence: Sendable, Equatable {
    case every
    /// With this probability, by decision.
    case share(Int, in: Int)
    /// Only the n-th from the fault's beginning, counted from 1; the fault has then ended.
    case nth(Int)
  }

  package let effect: Effect
  package let scope: Scope

  package init(_ effect: Effect, scope: Scope = .everything) {
    self.effect = effect
    self.scope = scope
  }

  package static let down = DatabaseFault(.down)
  package static let pause = DatabaseFault(.pause)

  /// 0.2 to 2 s more for every statement in scope (spec/06 §10.3).
  package static func slow(
    _ extra: LatencyModel = .uniform(.milliseconds(200), .seconds(2)), scope: Scope = .everything
  ) -> DatabaseFault {
    DatabaseFault(.slow(extra), scope: scope)
  }

  /// The n-th statement from now on fails.
  package static func failStatement(_ number: Int, sqlState: String) -> DatabaseFault {
    DatabaseFault(.fail(sqlState: sqlState), scope: Scope(occurrence: .nth(number)))
  }

  /// The answer to the n-th COMMIT from now on is lost.
  package static func commitUnknown(_ outcome: Outcome = .either, number: Int = 1) -> DatabaseFault {
    DatabaseFault(.loseReply(outcome), scope: Scope(statements: ["commit"], occurrence: .nth(number)))
  }

  /// As spec/05 §2 writes it: `db(slow)`, with the scope behind it.
  package var text: String {
    var text =
      switch effect {
      case .down: "db(down"
      case .pause: "db(pause"
      case .slow: "db(slow"
      case .fail(let sqlState): "db(fail \(sqlState)"
      case .loseReply where scope.statements == ["commit"]: "db(commit-unknown"
      case .loseReply: "db(lose-reply"
      }
    switch scope.occurrence {
    case .every: break
    case .share(let part, let whole): text += " \(part)/\(whole)"
    case .nth(let number): text += " #\(number)"
    }
    if let statements = scope.statements { text += " of \(statements.joined(separator: "+"))" }
    if let clients = scope.clients { text += " from \(clients.joined(separator: "+"))" }
    return text + ")"
  }
}
