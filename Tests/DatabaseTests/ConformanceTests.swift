import DatabaseTestSupport
import PostgreSQL
import SchemaMigrations
import StreamSpaceProtocol
import TestEnvironment
import Testing

@testable import Database

/// The simulated database and a PostgreSQL server, given the same statements.
private struct Pair {
  let ours: any SQLConnection
  let theirs: any SQLConnection
  private let database: any LaboratoryDatabase
  private let memory: MemoryDatabase

  init() throws {
    memory = try MemoryDatabase(image: .empty(), at: TestDatabase.start)
    ours = memory.connect()
    database = try TestServer.laboratory().makeDatabase()
    theirs = try database.connect()
  }

  func drop() { database.drop() }

  /// Sends a statement to both and compares how it ended: row count, or SQLSTATE and message.
  @discardableResult
  func send(_ text: String, _ parameters: [SQLValue] = []) -> SQLResponse {
    let request = SQLRequest.execute(SQLStatement("pair", text, isPrepared: false), parameters)
    let mine = ours.answer(request)
    let real = theirs.answer(request)
    let (ended, expected) = (Self.outcome(mine), Self.outcome(real))
    if ended != expected { Issue.record("\(ended) instead of \(expected): \(text)") }
    return real
  }

  func compareCatalogues(_ comment: String = "") throws {
    let mine = try SQLCatalogue(ours.execute(SQLCatalogue.query))
    let real = try SQLCatalogue(theirs.execute(SQLCatalogue.query))
    let differences = mine.differences(from: real)
    if !differences.isEmpty { Issue.record("\(comment): \(differences)") }
  }

  private static func outcome(_ response: SQLResponse) -> String {
    switch response {
    case .result: "done"
    case .failure(let error): "\(error.sqlState) \(error.message)"
    }
  }
}

@Suite("The catalogue is PostgreSQL's", .enabled(if: TestServer.isAvailable), .serialized)
struct ConformanceTests {
  @Test("after every version, forwards and backwards")
  func migrations() throws {
    let pair = try Pair()
    defer { pair.drop() }
    func send(_ steps: [MigrationStep]) {
      for step in steps {
        let parameters: [SQLValue] = if case .backfill = step.kind { ["", "zzzz"] } else { [] }
        for statement in step.statements { pair.send(statement, parameters) }
      }
    }
    for migration in MigrationSet.contract.migrations {
      send(migration.up)
      try pair.compareCatalogues("up \(migration.version)")
    }
    for migration in MigrationSet.contract.migrations.reversed() {
      send(migration.down)
      try pair.compareCatalogues("down \(migration.version)")
    }
  }

  @Test("every form of DDL, and every refusal, in the same words")
  func forms() throws {
    let pair = try Pair()
    defer { pair.drop() }
    for statement in Self.forms {
      pair.send(statement)
      try pair.compareCatalogues(statement)
    }
  }

  @Test("random sequences of DDL with rows in place", arguments: 1...12 as ClosedRange<UInt64>)
  func random(seed: UInt64) throws {
    let pair = try Pair()
    defer { pair.drop() }
    var generator = DefinitionGenerator(seed: seed)
    for _ in 0..<60 {
      let statement = generator.next()
      pair.send(statement)
    }
    try pair.compareCatalogues("seed \(seed)")
    for table in DefinitionGenerator.tables {
      pair.send("SELECT count(*) FROM \(table)")
    }
  }

  private static let forms: [String] = [
    "CREATE TABLE a (id SERIAL PRIMARY KEY, name VARCHAR(50) NOT NULL UNIQUE, flag BOOLEAN DEFAULT true, n INT DEFAULT -1, big BIGINT DEFAULT 0, d DECIMAL(10,2) DEFAULT 0.5, e DECIMAL(3,2) DEFAULT 0, f DOUBLE PRECISION DEFAULT 0.3, r REAL, t TEXT DEFAULT 'it''s', j JSONB DEFAULT '{}', tags TEXT[] DEFAULT '{}', more TEXT[] DEFAULT ARRAY[]::TEXT[], words TEXT[] DEFAULT ARRAY['x','y'], at TIMESTAMP DEFAULT CURRENT_TIMESTAMP, z TIMESTAMPTZ DEFAULT now(), day DATE, u UUID DEFAULT gen_random_uuid(), b BYTEA, nothing TEXT DEFAULT NULL, nil VARCHAR(5) DEFAULT NULL, ip INET, v VARCHAR, s SMALLINT DEFAULT 7, c VARCHAR(9) DEFAULT 'x'::text, k JSONB DEFAULT '[]'::jsonb)",
    "CREATE TABLE a (id INT)", "CREATE TABLE IF NOT EXISTS a (id INT)", "CREATE TABLE a_id_seq (id INT)",
    "CREATE TABLE twice (id INT, id INT)", "CREATE TABLE odd (id NOTYPE)",
    "CREATE TABLE two (id INT PRIMARY KEY, x INT PRIMARY KEY)",
    "CREATE TABLE b (id BIGSERIAL, a_id INT REFERENCES a ON DELETE CASCADE, a_name VARCHAR(50) REFERENCES a(name) ON DELETE SET NULL ON UPDATE CASCADE, parent BIGINT, rating INT CHECK (rating >= 1 AND rating <= 5), lo INT, hi INT, status VARCHAR(20) CHECK (status IN ('x', 'y')), mood TEXT CHECK (mood <> 'bad'), CHECK (lo < hi), CONSTRAINT named CHECK (lo IS NOT NULL OR hi IS NOT NULL), UNIQUE (a_id, rating), PRIMARY KEY (id), FOREIGN KEY (parent) REFERENCES b(id))",
    "CREATE TABLE c (x INT REFERENCES nowhere(id))", "CREATE TABLE c (x INT REFERENCES a(n))",
    "CREATE TABLE c (x INT REFERENCES a(nope))", "CREATE TABLE c (x TEXT REFERENCES a(id))",
    "CREATE TABLE c (x INT, FOREIGN KEY (y) REFERENCES a(id))", "CREATE TABLE c (x INT, UNIQUE (y))",
    "CREATE TABLE c (x INT, CHECK (y > 1))",
    "CREATE TABLE c (percent INT CHECK (percent BETWEEN 0 AND 100), m DECIMAL(5,1) CHECK (m > 0), kind INT CHECK (kind IN (1,2,3)), w TEXT CHECK (w IN ('p','q') AND NOT (w = 'r')), x DOUBLE PRECISION CHECK (x >= 0), \"timestamp\" TIMESTAMP, \"user\" TEXT, ok BOOLEAN CHECK (ok))",
    "CREATE INDEX idx_c ON c (percent)", "CREATE INDEX idx_c ON c (m)", "CREATE INDEX IF NOT EXISTS idx_c ON c (m)",
    "CREATE INDEX ON c (percent, m DESC)", "CREATE INDEX ON c (percent, m)", "CREATE INDEX idx_d ON c (nope)",
    "CREATE INDEX idx_d ON nope (x)",
    "CREATE INDEX idx_e ON c (\"timestamp\" DESC, \"user\") WHERE \"user\" IS NOT NULL AND percent > 5",
    "CREATE UNIQUE INDEX idx_f ON b (status) WHERE status IN ('x')",
    "CREATE INDEX idx_g ON b (lower(status)) WHERE status NOT IN ('x', 'y')",
    "CREATE INDEX idx_h ON a USING gin (tags)", "CREATE INDEX CONCURRENTLY idx_i ON a (flag) WHERE flag",
    "CREATE INDEX idx_j ON a (n NULLS FIRST, big DESC NULLS LAST) WHERE flag = true",
    "CREATE INDEX idx_k ON a (at) WHERE name = 'x' OR t = 'y'", "CREATE INDEX idx_l ON a (n) WHERE d > 5 AND big > 5",
    "DROP INDEX nope", "DROP INDEX IF EXISTS nope", "DROP INDEX a", "DROP INDEX a_pkey", "DROP INDEX idx_c",
    "DROP INDEX CONCURRENTLY IF EXISTS idx_e", "DROP TABLE nope", "DROP TABLE IF EXISTS nope", "DROP TABLE idx_f",
    "DROP TABLE a", "INSERT INTO a (name, n) VALUES ('one', 1), ('two', 2)",
    "INSERT INTO b (a_id, rating, lo, hi, status) VALUES (1, 3, 1, 2, 'x'), (2, 5, 1, 3, 'y')",
    "INSERT INTO b (a_id, rating, lo, hi) VALUES (1, 9, 1, 2)", "INSERT INTO b (a_id, lo, hi) VALUES (1, 3, 2)",
    "ALTER TABLE nope ADD COLUMN x INT", "ALTER TABLE IF EXISTS nope ADD COLUMN x INT",
    "ALTER TABLE a ADD COLUMN name TEXT",
    "ALTER TABLE a ADD COLUMN IF NOT EXISTS name TEXT", "ALTER TABLE a ADD COLUMN x1 TEXT NOT NULL",
    "ALTER TABLE a ADD COLUMN x2 TEXT NOT NULL DEFAULT 'd'",
    "ALTER TABLE a ADD COLUMN x3 TIMESTAMP DEFAULT CURRENT_TIMESTAMP",
    "ALTER TABLE a ADD COLUMN x4 INT REFERENCES c(percent)",
    "ALTER TABLE a ADD COLUMN x5 BIGINT REFERENCES b(id) ON DELETE SET NULL, ADD COLUMN x6 INT DEFAULT 6 CHECK (x6 > 5), ADD x7 VARCHAR(3) UNIQUE",
    "ALTER TABLE a DROP COLUMN nope", "ALTER TABLE a DROP COLUMN IF EXISTS nope", "ALTER TABLE a DROP COLUMN id",
    "ALTER TABLE a DROP COLUMN x5, DROP COLUMN x7", "ALTER TABLE b DROP COLUMN lo", "ALTER TABLE a DROP COLUMN flag",
    "ALTER TABLE b ADD CONSTRAINT named2 CHECK (rating > 4)", "ALTER TABLE b ADD CONSTRAINT named2 CHECK (rating > 2)",
    "ALTER TABLE b ADD CONSTRAINT named2 CHECK (rating > 2)", "ALTER TABLE b ADD CONSTRAINT uq UNIQUE (a_name)",
    "ALTER TABLE b ADD CONSTRAINT uq UNIQUE (rating)", "ALTER TABLE b ADD UNIQUE (rating)",
    "ALTER TABLE b ADD PRIMARY KEY (rating)",
    "ALTER TABLE b ADD COLUMN loose INT", "UPDATE b SET loose = 77",
    "ALTER TABLE b ADD CONSTRAINT fk FOREIGN KEY (loose) REFERENCES a(id)",
    "UPDATE b SET loose = 1", "ALTER TABLE b ADD CONSTRAINT fk FOREIGN KEY (loose) REFERENCES a(id) ON DELETE RESTRICT",
    "ALTER TABLE b ADD CONSTRAINT fk FOREIGN KEY (loose) REFERENCES a(id)",
    "ALTER TABLE b ADD FOREIGN KEY (loose) REFERENCES a(id)",
    "DELETE FROM a WHERE id = 1", "CREATE UNIQUE INDEX idx_loose ON b (loose)",
    "ALTER TABLE b ADD CONSTRAINT lu UNIQUE (loose)",
    "ALTER TABLE b DROP CONSTRAINT nope", "ALTER TABLE b DROP CONSTRAINT IF EXISTS nope",
    "ALTER TABLE b DROP CONSTRAINT fk",
    "ALTER TABLE a DROP CONSTRAINT a_name_key", "ALTER TABLE a DROP CONSTRAINT a_name_key CASCADE",
    "ALTER TABLE b DROP CONSTRAINT b_pkey",
    "ALTER TABLE a ALTER COLUMN n SET DEFAULT 8", "ALTER TABLE a ALTER COLUMN n DROP DEFAULT",
    "ALTER TABLE a ALTER nope SET DEFAULT 1",
    "ALTER TABLE a ALTER COLUMN day SET NOT NULL", "ALTER TABLE a ALTER COLUMN n SET NOT NULL",
    "ALTER TABLE a ALTER COLUMN n DROP NOT NULL",
    "ALTER TABLE a ALTER COLUMN id DROP NOT NULL",
    "ALTER TABLE a ALTER COLUMN at TYPE TIMESTAMPTZ USING at AT TIME ZONE 'UTC'",
    "ALTER TABLE a ALTER COLUMN at TYPE TIMESTAMP USING at AT TIME ZONE 'UTC', ALTER COLUMN z TYPE TIMESTAMP",
    "ALTER TABLE a ALTER COLUMN name TYPE VARCHAR(2)",
    "ALTER TABLE a ALTER COLUMN name TYPE VARCHAR(100)", "ALTER TABLE a ALTER COLUMN name TYPE TEXT",
    "ALTER TABLE a ALTER COLUMN n TYPE BIGINT",
    "ALTER TABLE a ALTER COLUMN t TYPE INT", "ALTER TABLE a ALTER COLUMN id SET DEFAULT 5",
    "ALTER TABLE a ALTER COLUMN n SET DEFAULT 5, ALTER COLUMN nope SET NOT NULL",
    "CREATE FUNCTION touch() RETURNS TRIGGER AS $$ BEGIN NEW.x3 = NOW(); RETURN NEW; END; $$ LANGUAGE plpgsql",
    "CREATE FUNCTION touch() RETURNS TRIGGER AS $$ BEGIN NEW.x3 = NOW(); RETURN NEW; END; $$ LANGUAGE plpgsql",
    "CREATE OR REPLACE FUNCTION touch() RETURNS TRIGGER AS $body$\nBEGIN\n  NEW.x3 := CURRENT_TIMESTAMP;\n  RETURN NEW;\nEND\n$body$ LANGUAGE plpgsql",
    "CREATE TRIGGER touched BEFORE UPDATE ON a FOR EACH ROW EXECUTE FUNCTION touch()",
    "CREATE TRIGGER touched BEFORE UPDATE ON a FOR EACH ROW EXECUTE FUNCTION touch()",
    "CREATE TRIGGER other BEFORE UPDATE ON a FOR EACH ROW EXECUTE FUNCTION nope()",
    "CREATE TRIGGER other BEFORE UPDATE ON nope FOR EACH ROW EXECUTE FUNCTION touch()",
    "DROP FUNCTION touch()", "DROP TRIGGER nope ON a", "DROP TRIGGER IF EXISTS nope ON a",
    "DROP TRIGGER touched ON nope", "DROP TRIGGER touched ON a", "DROP FUNCTION touch()",
    "DROP FUNCTION touch()", "DROP FUNCTION IF EXISTS touch()", "COMMENT ON TABLE a IS 'x'",
    "COMMENT ON TABLE nope IS 'x'",
    "COMMENT ON COLUMN a.name IS 'x'", "COMMENT ON COLUMN a.nope IS 'x'", "SET lock_timeout = '2s'",
    "SET LOCAL statement_timeout = 500", "SET timezone = 'UTC'",
    "SET nonsense = 1", "LOCK TABLE a", "TRUNCATE a", "TRUNCATE a CASCADE", "TRUNCATE TABLE b", "DROP TABLE a",
    "DROP TABLE a, b CASCADE", "DROP TABLE c RESTRICT",
    "CREATE TABLE this_is_a_table_with_a_rather_long_name_indeed (another_column_with_a_long_name_too INT UNIQUE REFERENCES this_is_a_table_with_a_rather_long_name_indeed(another_column_with_a_long_name_too), CHECK (another_column_with_a_long_name_too > 0))",
  ]
}
