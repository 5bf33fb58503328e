import StreamSpaceProtocol

/// What the database costs, in real nanoseconds per operation: the programs behind spec/06 §10.4's table.
package enum DatabaseBenchmark {
  /// One measured program.
  package struct Measurement: Sendable, Hashable {
    package let name: String
    package let nanoseconds: Int64
    /// The figure of spec/06 §10.4, where it has one.
    package let budget: Int64?
  }

  /// Runs every program `repetitions` times. `clock` gives real nanoseconds: this target has no clock of its own.
  package static func run(repetitions: Int, clock: () -> Int64) throws(SQLError) -> [Measurement] {
    let image = try DatabaseImage(schema: .contract, at: start, rows: rows)
    let engine = try DatabaseEngine(image: image, identifierSeed: 1)
    let session = DatabaseSession(1)
    func execute(_ statement: SQLStatement, _ parameters: [SQLValue]) throws(SQLError) {
      let effects = engine.submit(.execute(statement, parameters), from: session, at: start)
      if case .failure(let error)? = effects.answer(to: session) { throw error }
    }
    var measurements: [Measurement] = []
    func measure(
      _ name: String, budget: Int64?, atMost most: Int = .max, _ body: (Int) throws(SQLError) -> Void
    ) throws(SQLError) {
      let rounds = min(repetitions, most)
      for warmUp in 0..<min(3, most) { try body(-1 - warmUp) }
      let began = clock()
      for round in 0..<rounds { try body(round) }
      measurements.append(Measurement(name: name, nanoseconds: (clock() - began) / Int64(rounds), budget: budget))
    }
    try measure("all versions on an empty database", budget: 40_000_000, atMost: 10) { _ throws(SQLError) in
      let database = try MemoryDatabase(image: .empty(translations: image.translations), at: start)
      try InitialSchema.contract.make(on: database.connect())
    }
    try measure("1 000 rows of commands loaded", budget: 10_000_000, atMost: 10) { round throws(SQLError) in
      let database = try MemoryDatabase(image: image, at: start)
      let rows = (0..<1_000).map { [SQLValue.text("l\($0)"), .text("a\($0 % 10)"), .text("stop_session"), payload] }
      _ = try database.connect().load(
        rows, into: "agent_commands", columns: ["command_id", "agent_id", "action", "payload"])
    }
    try measure("copy of a prepared image", budget: 600_000) { round throws(SQLError) in
      _ = try DatabaseEngine(image: image, identifierSeed: UInt64(bitPattern: Int64(round)))
    }
    try measure("read by key", budget: 3_000) { round throws(SQLError) in
      try execute(readSession, [.text("s\(abs(round) % 50)")])
    }
    try measure("choice of an agent", budget: 34_000) { _ throws(SQLError) in try execute(chooseAgent, []) }
    try measure("heartbeat", budget: 9_000) { round throws(SQLError) in
      try execute(heartbeat, [.text("a\(abs(round) % 10)"), .timestamp(microseconds: start + Int64(round))])
    }
    try measure("command status", budget: 21_000) { round throws(SQLError) in
      try execute(commandStatus, [.text("c\(abs(round) % 50)"), .text(round.isMultiple(of: 2) ? "sent" : "ack")])
    }
    try measure("session state", budget: 27_000) { round throws(SQLError) in
      try execute(sessionState, [.text("s\(abs(round) % 50)"), .text(round.isMultiple(of: 2) ? "running" : "waking")])
    }
    try measure("session and command in one transaction", budget: 64_000) { round throws(SQLError) in
      _ = engine.submit(.begin, from: session, at: start)
      try execute(insertSession, [.text("n\(round)"), .text("a\(abs(round) % 10)")])
      try execute(insertCommand, [.text("n\(round)"), .text("a\(abs(round) % 10)"), payload])
      _ = engine.submit(.commit, from: session, at: start)
    }
    return measurements
  }

  /// 2026-01-01T00:00:00Z.
  private static let start: Int64 = 1_767_225_600_000_000
  /// A command with a manifest of about 1 KB.
  private static let payload = SQLValue.text("{\"manifest\":\"\(String(repeating: "x", count: 1_000))\"}")

  /// 10 agents, 50 sessions and as many commands.
  private static let rows: [(SQLStatement, [SQLValue])] =
    (0..<10).map { (insertAgent, [.text("a\($0)")]) }
    + (0..<50).map { (insertSession, [.text("s\($0)"), .text("a\($0 % 10)")]) }
    + (0..<50).map { (insertCommand, [.text("c\($0)"), .text("a\($0 % 10)"), payload]) }

  private static let insertAgent = SQLStatement(
    "benchInsertAgent",
    "INSERT INTO agents (agent_id, platform, status, last_heartbeat) VALUES ($1, 'kubernetes', 'online', NOW())")
  private static let insertSession = SQLStatement(
    "benchInsertSession",
    "INSERT INTO sessions (id, user_id, template_name, state, agent_id, cpu, memory) VALUES ($1, 'admin', 'firefox', 'running', $2, '1000m', '2Gi')"
  )
  private static let insertCommand = SQLStatement(
    "benchInsertCommand",
    "INSERT INTO agent_commands (command_id, agent_id, action, payload) VALUES ($1, $2, 'start_session', $3)")
  private static let readSession = SQLStatement(
    "benchReadSession", "SELECT id, state, agent_id, url FROM sessions WHERE id = $1")
  private static let chooseAgent = SQLStatement(
    "benchChooseAgent",
    """
    SELECT a.agent_id, (SELECT COUNT(*) FROM sessions s WHERE s.agent_id = a.agent_id AND s.state IN ('running', 'pending')) AS load
    FROM agents a WHERE a.status = 'online' AND a.platform = 'kubernetes'
    AND a.last_heartbeat > NOW() - INTERVAL '90 seconds' ORDER BY load, a.last_heartbeat DESC, a.agent_id LIMIT 1
    """)
  private static let heartbeat = SQLStatement(
    "benchHeartbeat",
    "UPDATE agents SET last_heartbeat = $2, status = 'online', updated_at = NOW() WHERE agent_id = $1")
  private static let commandStatus = SQLStatement(
    "benchCommandStatus",
    "UPDATE agent_commands SET status = $2, sent_at = NOW(), updated_at = NOW() WHERE command_id = $1")
  private static let sessionState = SQLStatement(
    "benchSessionState", "UPDATE sessions SET state = $2, updated_at = NOW() WHERE id = $1")
}
