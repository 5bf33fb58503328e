import StreamSpaceProtocol
import Testing

@testable import Database

@Suite("PostgreSQL text becomes SQLite text")
struct TranslatorTests {
  private func sql(_ text: String) throws -> String { try PostgresTranslator.translate(text).sql }

  @Test(
    "each construct is translated",
    arguments: [
      ("SELECT id FROM sessions WHERE id = $1", "select id from sessions where id = ?1"),
      ("UPDATE agents SET updated_at = NOW()", "update agents set updated_at = now_us()"),
      ("SELECT CURRENT_TIMESTAMP", "select now_us()"),
      ("SELECT clock_timestamp()", "select clock_us()"),
      ("SELECT NOW() - INTERVAL '90 seconds'", "select now_us() - 90000000"),
      ("SELECT INTERVAL '1 hour 30 minutes'", "select 5400000000"),
      ("SELECT '5 minutes'::interval", "select 300000000"),
      ("SELECT ($1 || ' seconds')::interval", "select interval_us((?1 || ' seconds'))"),
      ("SELECT make_interval(secs => $1)", "select ((?1) * 1000000)"),
      ("SELECT id::text", "select CAST(id AS TEXT)"),
      ("SELECT count(*)::int", "select CAST(count(*) AS INTEGER)"),
      ("SELECT $1::jsonb", "select ?1"),
      ("SELECT CAST($1 AS VARCHAR(20))", "select CAST(?1 AS TEXT)"),
      ("SELECT $1::timestamp with time zone", "select ?1"),
      ("SELECT a FROM t WHERE b = TRUE AND c IS NOT FALSE", "select a from t where b = true and c IS NOT false"),
      ("SELECT a FROM t WHERE id = $1 FOR UPDATE", "select a from t where id = ?1"),
      ("SELECT a FROM t AS x FOR NO KEY UPDATE OF x SKIP LOCKED", "select a from t as x"),
      ("SELECT a FROM t WHERE b ILIKE $1", "select a from t where b REGEXP ?1"),
      ("SELECT a FROM t WHERE b NOT LIKE 'x%'", "select a from t where b not MATCH 'x%'"),
      ("SELECT GREATEST(0, a - 1)", "select greatest(0 , a - 1)"),
      ("SELECT a FROM t WHERE id = ANY($1)", "select a from t where id IN (SELECT value FROM json_each(?1))"),
      ("SELECT a FROM t WHERE id = ANY($1::text[])", "select a from t where id IN (SELECT value FROM json_each(?1))"),
      ("SELECT a FROM t WHERE $1 = ANY(tags)", "select a from t where ?1 IN (SELECT value FROM json_each(tags))"),
      ("SELECT a FROM t WHERE n != ALL($2)", "select a from t where n NOT IN (SELECT value FROM json_each(?2))"),
      (
        "SELECT a FROM t WHERE tags && $1",
        "select a from t where EXISTS (SELECT 1 FROM json_each(tags) AS l JOIN json_each(?1) AS r ON l.value = r.value)"
      ),
      ("SELECT ARRAY[]::TEXT[]", "select '[]'"),
      (
        "SELECT a FROM t ORDER BY b DESC, c LIMIT 5",
        "select a from t order by b desc NULLS FIRST , c NULLS LAST limit 5"
      ),
      ("SELECT a FROM t ORDER BY b NULLS FIRST", "select a from t order by b nulls first"),
      ("SELECT a IS DISTINCT FROM b", "select a IS NOT b"),
      ("SELECT a IS NOT DISTINCT FROM b", "select a IS b"),
      ("SELECT \"timestamp\" FROM audit_log", "select timestamp from audit_log"),
      ("SELECT \"Weird Name\" FROM t", "select [Weird Name] from t"),
      ("SELECT s.id FROM public.sessions s", "select s.id from sessions s"),
      ("SELECT EXTRACT(EPOCH FROM a - b)", "select ((a - b) / 1000000.0)"),
      ("SELECT NOW() AT TIME ZONE 'UTC'", "select now_us()"),
      ("INSERT INTO t (a) VALUES ($1) RETURNING id", "insert INTO t (a) values (?1) returning id"),
      (
        "INSERT INTO t (a) VALUES (1) ON CONFLICT (a) DO UPDATE SET b = EXCLUDED.b",
        "insert INTO t (a) values (1) ON CONFLICT (a) do update set b = excluded.b"
      ),
      (
        "INSERT INTO t (a) SELECT b FROM u ON CONFLICT (a) DO NOTHING",
        "insert INTO t (a) select b from u WHERE true ON CONFLICT (a) do nothing"
      ),
      ("SELECT 1; -- done", "select 1"),
      ("SELECT /* why */ 'it''s'", "select 'it''s'"),
    ])
  func construct(postgres: String, sqlite: String) throws {
    #expect(try sql(postgres) == sqlite)
  }

  @Test(
    "what is not known is refused, with a name for it",
    arguments: [
      ("SELECT DISTINCT ON (a) a FROM t", "DISTINCT ON"),
      ("SELECT date_trunc('day', a)", "date_trunc"),
      ("SELECT INTERVAL '3 months'", "3 months"),
      ("CREATE TABLE t (a int)", "CREATE"),
      ("BEGIN", "BEGIN"),
      ("SELECT pg_advisory_lock(1)", "advisory"),
      ("SELECT a @> b", "@>"),
      ("SELECT payload || $1::jsonb", "||"),
      ("WITH x AS (DELETE FROM t RETURNING id) SELECT id FROM x", "DELETE inside"),
      ("SELECT max(a, b) FROM t", "max"),
      ("SELECT now_us()", "now_us"),
      ("SELECT E'a'", "E'"),
      ("SELECT 1; SELECT 2", "several statements"),
      ("UPDATE t SET a = DEFAULT", "DEFAULT"),
      ("INSERT OR REPLACE INTO t VALUES (1)", "OR"),
      ("UPDATE t SET a = 1 LIMIT 1", "LIMIT"),
      ("SELECT a FROM t WHERE b == 1", "="),
      ("SELECT ?1", "?"),
      ("SELECT (1", "end of input"),
      ("SELECT 1)", ")"),
      ("SELECT 'open", "end of input"),
      ("SELECT a[1]", "subscripts"),
      ("", "end of input"),
    ])
  func refused(text: String, names: String) {
    #expect { try PostgresTranslator.translate(text) } throws: { error in
      guard let error = error as? SQLError else { return false }
      return error.message.contains(names) && !error.sqlState.isEmpty
    }
  }

  @Test("the written columns and the table are known, for the wording of errors")
  func writtenColumns() throws {
    let update = try PostgresTranslator.translate("UPDATE sessions SET state = $1, updated_at = NOW() WHERE id = $2")
    #expect(update.table == "sessions")
    #expect(update.writtenColumns == ["state", "updated_at"])
    #expect(update.parameterCount == 2)
    let insert = try PostgresTranslator.translate(
      "INSERT INTO t (a, b) VALUES (1, 2) ON CONFLICT (a) DO UPDATE SET c = 3")
    #expect(insert.writtenColumns == ["a", "b", "c"])
    #expect(insert.kind == .insert)
  }

  @Test("a locking read is known as such")
  func locking() throws {
    #expect(try PostgresTranslator.translate("SELECT 1 FOR UPDATE SKIP LOCKED").locksRows)
    #expect(try !PostgresTranslator.translate("SELECT 1").locksRows)
  }

  @Test("no text makes the translator trap", arguments: 0..<200)
  func hostile(seed: Int) {
    let pieces = [
      "SELECT", "(", ")", "[", "]", "::", "->", "->>", "ANY", "=", "$1", "$0", "$99999", "'", "\"", ".", ",", "FROM",
      "interval", "cast", "extract", "array", "ON", "CONFLICT", "FOR", "UPDATE", "a", "1", "&&", "order by", "is",
      "not", "distinct", "make_interval", "=>", "into", "public", ";", "--", "/*", "é", "||", "as",
    ]
    var state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 &+ 1
    var text = seed.isMultiple(of: 2) ? "SELECT" : ""
    for _ in 0..<(seed % 25) {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      text += " " + pieces[Int(state >> 33) % pieces.count]
    }
    _ = try? PostgresTranslator.translate(text)
  }
}

@Suite("Intervals are exact microseconds")
struct IntervalTests {
  @Test(
    "every form the control plane writes",
    arguments: [
      ("90 seconds", 90_000_000), ("1 second", 1_000_000), ("5 minutes", 300_000_000), ("2 hours", 7_200_000_000),
      ("1 day", 86_400_000_000), ("30m seconds", 1_800_000_000), ("30m", 1_800_000_000), ("1.5 hours", 5_400_000_000),
      ("-5 min", -300_000_000), ("01:30:00", 5_400_000_000), ("00:05", 300_000_000), ("250 ms", 250_000),
      ("7", 7_000_000),
    ] as [(String, Int64)])
  func reads(text: String, microseconds: Int64) {
    #expect(PostgresInterval.microseconds(of: text) == microseconds)
  }

  @Test(
    "calendar lengths and nonsense are refused",
    arguments: ["1 month", "2 years", "", "seconds", "1 x", "a b", "99999999999999 days"])
  func refuses(text: String) {
    #expect(PostgresInterval.microseconds(of: text) == nil)
  }
}

@Suite("LIKE as PostgreSQL has it")
struct LikePatternTests {
  @Test(
    "wildcards, quoting and case",
    arguments: [
      ("fire%", "firefox", false, true), ("%fox", "firefox", false, true), ("f_refox", "firefox", false, true),
      ("FIRE%", "firefox", false, false), ("FIRE%", "firefox", true, true), ("100\\%", "100%", false, true),
      ("100\\%", "1000", false, false), ("%a%b%", "xxaxxbxx", false, true), ("%a%b%", "xxbxxa", false, false),
      ("", "", false, true), ("%", "", false, true), ("_", "", false, false), ("a%%%b", "ab", false, true),
    ])
  func matches(pattern: String, text: String, folding: Bool, expected: Bool) {
    #expect(LikePattern(pattern, foldingCase: folding).matches(text) == expected)
  }
}
