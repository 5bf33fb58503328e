import Database
import SimulationRuntime
import StreamSpaceProtocol
import TestEnvironment

/// The database and the binaries of the replicas (scenario 9), looked at past the network.
extension SimulatedCaseEnvironment {
  package func setBinary(_ version: Int?, of replica: String) async throws {
    try deployment.replica(replica).binary = version
  }

  package func unreadiness(of replica: String) async throws -> String? { deployment.recorder.unreadiness[replica] }

  package func databaseRequests(of replica: String) async throws -> Int { try deployment.replica(replica).requests }

  package func ledger() async throws -> [LedgerRow] {
    do {
      return try await statements.run(EnvironmentStatements.ledger, []).rows.map { row in
        LedgerRow(
          version: Int(try row.integer("version")), step: Int(try row.integer("step")), name: try row.text("name"),
          checksum: try row.text("checksum"), state: try row.text("state"), position: try row.optionalText("position"),
          appliedBy: try row.optionalText("applied_by"))
      }
    } catch let error as SQLError {
      if case .undefinedTable = error.kind { return [] }
      throw error
    }
  }

  package func catalogue() async throws -> [String] {
    let catalogue = try SQLCatalogue(await statements.run(SQLCatalogue.query, []))
    var lines = catalogue.tables.flatMap { name, table in
      table.columns.map { "\(name).\($0): \($1)" } + table.constraints.map { "\(name) constraint \($0): \($1)" }
        + table.indexes.map { "\(name) index \($0): \($1)" } + table.triggers.map { "\(name) trigger \($0): \($1)" }
    }
    lines += catalogue.functions.map { "function \($0): \($1)" }
    return lines.sorted()
  }

  package func sql(_ text: String) async throws -> [[String: String?]] {
    let result = try await write(SQLStatement("caseStatement", text, isPrepared: false), [])
    return result.rows.map { row in
      Dictionary(zip(row.columns.names, row.values.map(Self.text))) { first, _ in first }
    }
  }

  private static func text(_ value: SQLValue) -> String? {
    switch value {
    case .null: nil
    case .text(let text): text
    case .integer(let number), .timestamp(let number): String(number)
    case .boolean(let isTrue): String(isTrue)
    case .bytes(let bytes): String(decoding: bytes, as: UTF8.self)
    }
  }

  package func orphans(at replica: String) async throws -> [ListedOrphan] {
    let document = try await client("admin").document("/api/v1/admin/orphans", at: replica)
    guard let list = document?["orphans"]?.elements else {
      throw EnvironmentError("\(replica) did not list the orphans")
    }
    return list.map { item in
      let found = item["foundAt"]?.text.flatMap { Timestamp(rfc3339: $0) }
      return ListedOrphan(
        session: item["sessionId"]?.text ?? "", agent: item["agentId"]?.text ?? "",
        found: found.map { deployment.recorder.time($0.nanosecondsSince1970 / 1_000) } ?? .zero)
    }
  }

  // MARK: Backup and restore (DBM-16)

  package func backUp() async throws { try deployment.database.startArchive() }

  package func restoreDatabase(to instant: Duration) async throws -> RestoredDatabase {
    let deployment = deployment
    let before = deployment.recorder.sessionRows
    try deployment.database.restore(to: Epoch.microseconds + TimeSpan(instant).microseconds)
    let sessions = try deployment.database.query(EnvironmentStatements.restoredSessions).rows
    let commands = try allCommands()
    let lost = deployment.recorder.restored(
      sessions: try sessions.map { try RestoredSession(row: $0) }, commands: commands,
      at: instant)
    let changed = try sessions.compactMap { row -> String? in
      let id = try row.text("id")
      return try before[id]?.state == row.optionalText("state") ? nil : id
    }
    return RestoredDatabase(instant: instant, lost: lost, changed: changed)
  }
}
