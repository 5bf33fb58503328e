import Foundation
import StreamSpaceProtocol
import Testing

@testable import SchemaMigrations

@Suite struct MigrationFileTests {
  @Test func `the contract has versions 0 to 10, each with steps and a way back`() {
    #expect(MigrationSet.contractProblems == [])
    #expect(MigrationSet.contract.migrations.map(\.version) == Array(0...10))
    for migration in MigrationSet.contract.migrations {
      #expect(!migration.up.isEmpty)
      #expect(migration.down.isEmpty == (migration.version == 0))
    }
  }

  @Test func `the base is one statement per table and index and the seeds`() {
    let base = MigrationSet.contract.migrations[0]
    let statements = base.up.flatMap(\.statements)
    #expect(statements.count == 398)
    #expect(statements.count { $0.hasPrefix("CREATE TABLE") } == 90)
    #expect(base.effects.adds.count == 90)
  }

  @Test func `a semicolon in a string, a name, a comment or a body ends no statement`() {
    let text = """
      SELECT ';' || 'it''s;' AS "a;b"; -- not; here
      /* nor; /* here; */ ; */ UPDATE t SET a = $1;
      CREATE FUNCTION f() RETURNS TRIGGER AS $body$ BEGIN NEW.x = $$;$$; RETURN NEW; END; $body$ LANGUAGE plpgsql;
      ;
      """
    #expect(
      StatementSplitter.statements(of: text) == [
        "SELECT ';' || 'it''s;' AS \"a;b\"", "UPDATE t SET a = $1",
        "CREATE FUNCTION f() RETURNS TRIGGER AS $body$ BEGIN NEW.x = $$;$$; RETURN NEW; END; $body$ LANGUAGE plpgsql",
      ])
  }

  @Test func `line ends do not change a checksum`() {
    let text = "-- step: schema\nSELECT 1;\nSELECT 2;\n"
    let dos = text.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\r\n")
    let steps = StepParser.steps(of: text).steps
    #expect(steps == StepParser.steps(of: dos).steps)
    #expect(steps[0].checksum == SHA256.hex("SELECT 1;\nSELECT 2;"))
  }

  @Test func `a file says what is wrong with it`() {
    #expect(StepParser.steps(of: "SELECT 1;").problems == ["a statement stands before the first step"])
    #expect(StepParser.steps(of: "-- step: magic\nSELECT 1;").problems == ["unknown step: -- step: magic"])
    #expect(StepParser.steps(of: "-- step: schema\n-- nothing\n").problems == ["step 1 is empty"])
    #expect(
      StepParser.steps(of: "-- step: index t\nSELECT 1; SELECT 2;").problems
        == ["step 1 has 2 statements, one is allowed"])
  }
}

@Suite struct MigrationFolderTests {
  /// A file that lies in the folder and is not compiled in would be run by nobody.
  @Test func `the folder has the files that are compiled in and no others`() throws {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("fixtures/schema")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".sql") }
    #expect(names.sorted() == MigrationSet.embeddedFiles.map(\.name))
    for file in MigrationSet.embeddedFiles {
      #expect(try String(contentsOf: folder.appendingPathComponent(file.name), encoding: .utf8) == file.text)
    }
  }
}
