import StreamSpaceProtocol
import Testing

@testable import Database

/// An engine with ready sessions, for tests without a network.
final class TestDatabase {
  let engine: DatabaseEngine
  /// Microseconds since 1970; tests move it.
  var now: Int64 = 1_767_225_600_000_000
  private(set) var changes: [DatabaseChange] = []
  private(set) var answers: [DatabaseEffects.Answer] = []

  static let start: Int64 = 1_767_225_600_000_000

  private static let contract = Result { try DatabaseImage(schema: .contract, at: start) }
  private static let shipped = Result { try DatabaseImage(schema: .shipped, at: start) }

  /// Made once for the tests.
  static func image(_ schema: InitialSchema = .contract) throws -> DatabaseImage {
    switch schema {
    case .contract: try contract.get()
    case .shipped: try shipped.get()
    default: try DatabaseImage(schema: schema, at: start)
    }
  }

  init(
    _ schema: InitialSchema = .contract, locking: TransactionLocking = .atBegin,
    identifierSeed: UInt64 = 7
  ) throws {
    engine = try DatabaseEngine(
      image: Self.image(schema), identifierSeed: identifierSeed, locking: locking)
  }

  /// Sends a request; nil when it waits.
  func send(_ request: SQLRequest, from session: Int = 1) -> SQLResponse? {
    let effects = engine.submit(request, from: DatabaseSession(session), at: now)
    record(effects)
    return effects.answer(to: DatabaseSession(session))
  }

  /// Runs a statement that must be answered at once.
  @discardableResult
  func run(_ text: String, _ parameters: [SQLValue] = [], from session: Int = 1) throws -> SQLResult {
    let response = try #require(send(.execute(SQLStatement(text, text), parameters), from: session))
    return try response.get()
  }

  /// The error of a statement that must fail at once.
  func error(_ text: String, _ parameters: [SQLValue] = [], from session: Int = 1) throws -> SQLError {
    let response = try #require(send(.execute(SQLStatement(text, text), parameters), from: session))
    guard case .failure(let error) = response else {
      throw Unexpected(description: "the statement succeeded: \(text)")
    }
    return error
  }

  func disconnect(_ session: Int, finishingStatement: Bool = true) {
    record(
      engine.disconnect(DatabaseSession(session), at: now, finishingStatement: finishingStatement))
  }

  func takeAnswers(to session: Int) -> [SQLResponse] {
    let found = answers.filter { $0.session == DatabaseSession(session) }.map(\.response)
    answers.removeAll { $0.session == DatabaseSession(session) }
    return found
  }

  func takeChanges() -> [DatabaseChange] {
    defer { changes = [] }
    return changes
  }

  private func record(_ effects: DatabaseEffects) {
    answers += effects.answers
    changes += effects.changes
  }

  struct Unexpected: Error, CustomStringConvertible {
    let description: String
  }
}

extension TestDatabase {
  /// An agent and a user, so that sessions can be inserted.
  func addAgentAndUser() throws {
    try run("INSERT INTO users (id, username, email) VALUES ('u1', 'alice', 'alice@example.org')")
    try run("INSERT INTO agents (agent_id, platform) VALUES ('k8s-1', 'kubernetes')")
    _ = takeChanges()
    answers = []
  }
}
