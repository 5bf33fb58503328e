import Testing

@testable import StreamSpaceProtocol

@Suite("SQL values, rows and errors")
struct SQLValueTests {
  @Test(
    "an array of texts survives its text form",
    arguments: [[], ["a"], ["", "two words", "quote\" back\\slash", "line\nbreak\ttab", "\u{1}é😀"]])
  func textArrays(elements: [String]) throws {
    guard case .text(let json) = SQLValue.array(elements) else {
      Issue.record("an array is not a text")
      return
    }
    #expect(SQLTextArray.elements(of: json) == elements)
  }

  @Test("what is not an array of texts is refused", arguments: ["", "{}", "[1]", "[\"a\"", "null"])
  func notAnArray(json: String) {
    #expect(SQLTextArray.elements(of: json) == nil)
  }

  @Test("a statement is equal to itself and to its like, not to another of the same name")
  func statements() {
    let statement = SQLStatement("readSession", "SELECT 1")
    #expect(statement == statement)
    #expect(statement == SQLStatement("readSession", "SELECT 1"))
    #expect(statement != SQLStatement("readSession", "SELECT 2"))
    #expect(Set([statement, SQLStatement("readSession", "SELECT 1")]).count == 1)
  }

  @Test("a row is read by name and type")
  func rows() throws {
    let row = try SQLResult(row: [
      "id": "s1", "state": nil, "count": 3, "active": true, "at": .timestamp(microseconds: 5), "icon": .bytes([1, 2]),
      "tags": .array(["x"]), "exists": 1,
    ]).singleRow()
    #expect(try row.text("id") == "s1")
    #expect(try row.optionalText("state") == nil)
    #expect(try row.integer("count") == 3)
    #expect(try row.boolean("active"))
    #expect(try row.boolean("exists"))
    #expect(try row.microseconds("at") == 5)
    #expect(try row.bytes("icon") == [1, 2])
    #expect(try row.textArray("tags") == ["x"])
    #expect(try row.textArray("state").isEmpty)
  }

  @Test("a row that disappoints says so in the words of database/sql")
  func rowErrors() throws {
    let row = try SQLResult(row: ["id": "s1", "error_message": nil]).singleRow()
    #expect {
      try row.text("error_message")
    } throws: {
      "\($0)"
        == "sql: Scan error on column index 1, name \"error_message\": converting NULL to string is unsupported"
    }
    #expect {
      try row.integer("id")
    } throws: {
      "\($0)" == "sql: Scan error on column index 0, name \"id\": unsupported Scan, storing text 's1' into int64"
    }
    #expect(throws: SQLRowError.noSuchColumn("ID", present: ["id", "error_message"])) { try row.text("ID") }
    #expect(throws: SQLRowError.noRows) { try SQLResult(rowCount: 0).singleRow() }
  }

  @Test("errors are worded as lib/pq words them, and say whether the connection is gone")
  func errors() {
    let duplicate = SQLError.uniqueViolation(constraint: "users_username_key")
    #expect(
      duplicate.description == "pq: duplicate key value violates unique constraint \"users_username_key\"")
    #expect(duplicate.constraint == "users_username_key")
    #expect(!duplicate.endsConnection)
    #expect(SQLError.commitUnknown.endsConnection)
    #expect(SQLError.commitUnknown.description == "driver: bad connection")
    #expect(SQLError.injected(sqlState: "40001").message == "could not serialize access due to concurrent update")
    #expect(SQLError.injected(sqlState: "ZZ999").sqlState == "ZZ999")
  }

  @Test("sizes are those of PostgreSQL's protocol")
  func wireSizes() {
    #expect(SQLRequest.commit.wireSize == "Q".utf8.count + 4 + "COMMIT".utf8.count + 1)
    let statement = SQLStatement("s", "SELECT $1")
    // Bind: B, length, portal, name, one format, count, length and text of one value, one result format.
    let bind = 1 + 4 + 1 + 2 + 2 + 2 + (4 + 3) + 2
    #expect(SQLRequest.execute(statement, ["abc"]).wireSize == bind + 10 + 5)
    let long = SQLResponse.result(SQLResult(row: ["a": .text(String(repeating: "x", count: 100))]))
    let short = SQLResponse.result(SQLResult(row: ["a": nil]))
    #expect(long.wireSize - short.wireSize == 100)
  }

  @Test("a response gives its result or throws its error")
  func responses() throws {
    #expect(try SQLResponse.result(SQLResult(rowCount: 2)).get().rowCount == 2)
    #expect(throws: SQLError.lockTimeout) { try SQLResponse.failure(.lockTimeout).get() }
  }
}
