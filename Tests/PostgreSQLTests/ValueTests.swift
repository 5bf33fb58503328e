import DatabaseTestSupport
import StreamSpaceProtocol
import Testing

@testable import PostgreSQL

extension RealServer {
  @Suite("Values")
  struct Values {
    struct Case: Sendable, CustomTestStringConvertible {
      let type: String
      let value: SQLValue

      init(_ type: String, _ value: SQLValue) {
        self.type = type
        self.value = value
      }

      var testDescription: String { "\(type): \(value)" }
    }

    static let texts = [
      "", " ", "plain", "tab\tline\nreturn\rback\\slash", "\\N", "\\.", "'single' \"double\"", "{a,b}", "[1]",
      "Grüße, 日本語, 🦆, e\u{301}", "\u{1}\u{7f}\u{8}\u{b}\u{c}", "$1 ? :x %s", String(repeating: "é", count: 40_000),
    ]

    static let cases: [Case] =
      texts.map { Case("TEXT", .text($0)) } + texts.map { Case("TEXT[]", .array([$0, "x", $0])) }
      + [Int64.min, -1, 0, 1, .max].map { Case("BIGINT", .integer($0)) }
      + [-2_147_483_648, 2_147_483_647].map { Case("INTEGER", .integer($0)) }
      + [-32_768, 32_767].map { Case("SMALLINT", .integer($0)) }
      + [true, false].map { Case("BOOLEAN", .boolean($0)) }
      + [[], [0], [0x5c, 0x78, 0x0a, 0x09, 0xff], Array(0...255)].map { Case("BYTEA", .bytes($0)) }
      + ["TIMESTAMP", "TIMESTAMPTZ"].flatMap { type in
        // Around 1970 and a leap day; 0001-01-01, the day before it, and the first that PostgreSQL has.
        [
          0, -1, 1, 1_767_225_600_123_456, 951_782_399_999_999, 951_868_800_000_000, -62_135_596_800_000_000,
          -62_135_596_800_000_001, -210_866_803_200_000_000, .max,
        ].map { Case(type, .timestamp(microseconds: $0)) }
      } + [
        Case("VARCHAR(5)", "äöüßé"), Case("JSONB", "[1, \"a\", null]"), Case("JSON", "{\"b\":1,  \"a\":2}"),
        Case("UUID", "00000000-0000-4000-8000-0123456789ab"), Case("NUMERIC", "12345678901234567890.0123456789"),
        Case("DECIMAL(3,2)", "4.50"), Case("BIGINT[]", .array([Int64.min, 0, .max])), Case("INTEGER[]", "[]"),
        Case("TEXT[]", .array([String]())), Case("TEXT[]", "[\"NULL\",null,\"null\"]"),
        Case("BOOLEAN[]", "[true,false]"),
        Case("TEXT[]", "[[\"a\",\"b\"],[\"c\",\"d\"]]"), Case("TEXT[]", .array(["a,b", "{}", "\"", "\\", "c d"])),
      ]
      + ["TEXT", "TEXT[]", "BIGINT", "BOOLEAN", "BYTEA", "TIMESTAMPTZ", "JSONB", "UUID"].map { Case($0, .null) }

    @Test("every value comes back as it was sent, by INSERT, by COPY, in a pipeline and as a parameter")
    func roundTrip() throws {
      let connection = try RealServer.connection()
      for (number, sample) in Self.cases.enumerated() {
        let table = "t\(number)"
        try connection.execute("CREATE TEMP TABLE \(table) (way TEXT, v \(sample.type))")
        let insert = SQLStatement("insert", "INSERT INTO \(table) VALUES ($1, $2)")
        try connection.execute(insert, ["insert", sample.value])
        let responses = connection.answer([
          .execute(insert, ["pipe 1", sample.value]), .execute(insert, ["pipe 2", sample.value]),
        ])
        #expect(responses == [.result(SQLResult(rowCount: 1)), .result(SQLResult(rowCount: 1))])
        #expect(try connection.load([["copy", sample.value]], into: table, columns: ["way", "v"]) == 1)
        let rows = try connection.execute(SQLStatement("read", "SELECT way, v FROM \(table)")).rows
        #expect(
          rows.map(\.values) == ["insert", "pipe 1", "pipe 2", "copy"].map { [$0, sample.value] }, "\(sample.type)")
        #expect(try connection.value("SELECT $1::\(sample.type)", [sample.value]) == sample.value)
      }
    }

    @Test("infinite times have no value here and are refused with their column")
    func infinity() throws {
      let connection = try RealServer.connection()
      let error = try connection.error("SELECT 'infinity'::timestamptz AS ends")
      #expect(error.sqlState == "22008")
      #expect(error.message == "column \"ends\" holds infinity, which is no value of its kind")
      #expect(try connection.error("SELECT '-infinity'::timestamp AS ends").sqlState == "22008")
      #expect(try connection.value("SELECT 1") == 1)
    }

    @Test("a time that PostgreSQL does not have is refused by it")
    func range() throws {
      let connection = try RealServer.connection()
      for outside in [Int64.min, -210_866_803_200_000_001] {
        let error = try connection.error("SELECT $1::timestamptz", [.timestamp(microseconds: outside)])
        #expect(error.sqlState == "22008" && error.kind == .invalidText, "\(outside)")
      }
    }

    @Test("the character NUL is refused before libpq can cut the text at it")
    func nul() throws {
      let connection = try RealServer.connection()
      try connection.execute("CREATE TEMP TABLE t (v TEXT)")
      let insert = SQLStatement("insert", "INSERT INTO t VALUES ($1)")
      #expect(try connection.error(.execute(insert, ["a\0b"])) == .nulCharacter)
      let answers = connection.answer([.execute(insert, ["a"]), .execute(insert, ["\0"]), .execute(insert, ["b"])])
      #expect(answers[1] == .failure(.nulCharacter))
      #expect(throws: SQLError.nulCharacter) { try connection.load([["c"], ["\0"]], into: "t", columns: ["v"]) }
      #expect(try connection.value("SELECT string_agg(v, '' ORDER BY v) FROM t") == "ab")
    }

    @Test("computed values have the type the server gives them")
    func computed() throws {
      let connection = try RealServer.connection()
      #expect(try connection.value("SELECT count(*) FROM pg_class WHERE false") == 0)
      #expect(try connection.value("SELECT EXISTS (SELECT 1)") == true)
      #expect(try connection.value("SELECT sum(x) FROM (VALUES (1::bigint)) AS v (x)") == "1")
      #expect(try connection.value("SELECT array_agg(x) FROM (VALUES ('a'), (NULL)) AS v (x)") == "[\"a\",null]")
      guard case .timestamp = try connection.value("SELECT now()") else { throw Unexpected(description: "now()") }
      guard case .text(let zone) = try connection.value("SHOW timezone") else { throw Unexpected(description: "zone") }
      #expect(zone == "UTC")
    }

    @Test("names of columns are PostgreSQL's, and a repeated one is found first")
    func names() throws {
      let result = try RealServer.connection().execute("SELECT count(*), 1 AS a, 2 AS a, 'x'")
      #expect(result.columns.names == ["count", "a", "a", "?column?"])
      #expect(try result.singleRow().integer("a") == 1)
    }
  }
}
