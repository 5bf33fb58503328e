import Fixtures
import StreamSpaceProtocol

/// The schema that a real PostgreSQL 15 had under the shipped product, as it was recorded (recording 20).
struct RecordedCatalogue {
  /// After one start on an empty database.
  private(set) var afterStart = SQLCatalogue()
  /// After the eight files on top of it.
  private(set) var afterFiles = SQLCatalogue()

  /// - Throws: `WireError` when the recording is not what it was.
  init() throws(WireError) {
    let document = try JSONReader(JSONParser.parse(Fixtures.recordedCatalogue))
    for member in try document.optionalObject("tables")?.members ?? [] {
      let reader = try JSONReader(member.value)
      var table = SQLCatalogue.Table()
      try Self.add(reader, to: &table, columns: "columns", constraints: "constraints", indexes: "indexes")
      afterStart.tables[member.key] = table
    }
    afterFiles = afterStart
    guard let later = document.value("after_applying_api_migrations_001_to_008") else { return }
    let after = try JSONReader(later)
    for member in try after.optionalObject("differences")?.members ?? [] {
      var table = afterFiles.tables[member.key] ?? SQLCatalogue.Table()
      try Self.add(
        JSONReader(member.value), to: &table, columns: "added_or_changed_columns", constraints: "added_constraints",
        indexes: "added_indexes")
      afterFiles.tables[member.key] = table
    }
    guard case .array(let triggers)? = after.value("triggers"), case .array(let functions)? = after.value("functions")
    else { return }
    var name = ""
    for function in functions {
      name = try JSONReader(function).text("proname")
      afterFiles.functions[name] = "plpgsql returns trigger"
    }
    for trigger in triggers {
      let reader = try JSONReader(trigger)
      afterFiles.tables[try reader.text("t")]?.triggers[try reader.text("n")] =
        "\(try reader.text("e")) FOR EACH ROW EXECUTE FUNCTION \(name)()"
    }
  }

  private static func add(
    _ reader: JSONReader, to table: inout SQLCatalogue.Table, columns: String, constraints: String, indexes: String
  ) throws(WireError) {
    for column in try reader.optionalObject(columns)?.members ?? [] {
      // The recording has the inner name of the type.
      if case .string(let words) = column.value { table.columns[column.key] = words == "_text" ? "text[]" : words }
    }
    for line in try reader.optionalTexts(constraints) ?? [] { add(line, to: &table.constraints) }
    for line in try reader.optionalTexts(indexes) ?? [] { add(line, to: &table.indexes) }
  }

  /// A line `name: definition` of the recording.
  private static func add(_ line: String, to facts: inout [String: String]) {
    guard let colon = line.firstRange(of: ": ") else { return }
    facts[String(line[..<colon.lowerBound])] = String(line[colon.upperBound...])
  }
}
