import Testing

@testable import SchemaMigrations

@Suite struct MigrationCheckTests {
  @Test func `the contract's folder is in order`() { #expect(MigrationSet.check() == []) }

  /// What the check says of the contract's folder after a change.
  private func problems(
    _ change: (inout MigrationManifest, inout [MigrationFile]) -> Void
  ) -> [String] {
    var manifest = MigrationSet.contractManifest
    var files = MigrationSet.embeddedFiles
    change(&manifest, &files)
    return MigrationCheck.problems(of: manifest, files: files)
  }

  @Test func `a file that the manifest does not know is told (A-33)`() {
    let found = problems { _, files in
      files.append(MigrationFile(name: "011_forgotten.up.sql", text: "-- step: schema\nSELECT 1;\n"))
    }
    #expect(found == ["011_forgotten.up.sql: the manifest does not know it, nobody would run it"])
  }

  @Test func `a file that is missing, a gap and a way up without a way back are told`() {
    #expect(
      problems { _, files in files.removeAll { $0.name == "005_agent_keys.down.sql" } }.contains(
        "005_agent_keys.down.sql: the manifest names it, and it is not there"))
    #expect(
      problems { manifest, _ in manifest.entries.removeAll { $0.version == 4 } }.contains(
        "version 4 is missing before version 5"))
    #expect(
      problems { manifest, _ in manifest.entries[3].down = nil }.contains("version 3: there is no way back"))
  }

  @Test func `a number that is used twice is told (B-81)`() {
    let found = problems { manifest, files in
      files.append(
        MigrationFile(
          name: "007_agent_approval.up.sql",
          text: "-- step: schema\nALTER TABLE agents ADD COLUMN IF NOT EXISTS approved_why TEXT;\n"))
      manifest.entries.insert(
        .init(
          version: 7, name: "agent_approval", up: "007_agent_approval.up.sql", down: nil,
          effects: DeclaredEffects(adds: ["agents.approved_why"])), at: 8)
    }
    #expect(found.contains("version 7 is there twice or out of order"))
    #expect(found.contains("007_agent_approval.up.sql: has the number of 007_session_ends.up.sql"))
  }

  @Test(
    arguments: [
      (
        "008_streaming_protocol.up.sql", "ALTER TABLE users ADD COLUMN IF NOT EXISTS x TEXT;",
        "version 8: adds users.x and does not say so"
      ),
      (
        "008_streaming_protocol.down.sql", "ALTER TABLE users DROP COLUMN IF EXISTS full_name;",
        "version 8: loses users.full_name and does not say so"
      ),
      (
        "008_streaming_protocol.up.sql", "CREATE TABLE IF NOT EXISTS webhooks (id INT);",
        "version 8: the table webhooks is made a second time"
      ),
      (
        "009_claims_and_connections.up.sql", "ALTER TABLE users ADD COLUMN IF NOT EXISTS x INT NOT NULL DEFAULT 0;",
        "version 9: users.x is not nullable, so it is not compatible"
      ),
      (
        "007_session_ends.up.sql", "ALTER TABLE sessions ADD CONSTRAINT c CHECK (state <> '');",
        "version 7: it fails when it is run again: ALTER TABLE sessions ADD CONSTRAINT c CHECK (state <> '')"
      ),
      (
        "007_session_ends.up.sql", "CREATE INDEX x ON users(role);",
        "version 7: it fails when it is run again: CREATE INDEX x ON users(role)"
      ),
      (
        "007_session_ends.up.sql", "GRANT ALL ON users TO PUBLIC;",
        "version 7: a statement that the check does not know: GRANT ALL ON users TO PUBLIC"
      ),
    ])
  func `what a statement does besides is told`(file: String, statement: String, complaint: String) {
    let found = problems { _, files in
      for position in files.indices where files[position].name == file {
        files[position].text += "\n-- step: schema\n\(statement)\n"
      }
    }
    #expect(found.contains(complaint), "\(found)")
  }

  @Test func `a back-fill in one go, or over rows that have a value, is told`() {
    let found = problems { _, files in
      for position in files.indices where files[position].name == "004_command_update_times.up.sql" {
        files[position].text.replace(
          " WHERE command_id > $1 AND command_id <= $2 AND updated_at IS NULL", with: "")
      }
    }
    #expect(
      found == [
        "version 4: the back-fill of agent_commands is not limited to a batch by command_id",
        "version 4: the back-fill of agent_commands is not limited to rows without a value",
      ])
  }

  @Test func `the shipped files are told to fail when they are run again (B-82)`() {
    var set = MigrationSet.contract
    var behaviour = MigrationBehaviour()
    behaviour.guards = .asShipped
    set = behaviour.migrations
    let found = SetCheck(set).problems
    #expect(found.contains { $0.hasPrefix("version 2: it fails when it is run again: ALTER TABLE sessions ADD CONS") })
    #expect(found.contains { $0.hasPrefix("version 5: it fails when it is run again: ALTER TABLE agents ADD COLUMN") })
  }
}
