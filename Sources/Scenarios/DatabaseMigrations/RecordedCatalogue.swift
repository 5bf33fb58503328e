import Fixtures
import StreamSpaceProtocol

/// The schema that a real PostgreSQL 15 had after one start of the shipped API, as it was recorded (recording 20).
enum RecordedCatalogue {
  /// Reads the recording; its words are those of ``SQLCatalogue``, but for what ``normalised(_:)`` says.
  ///
  /// - Throws: `WireError` when it is not what it was.
  static func shipped() throws(WireError) -> SQLCatalogue {
    let document = try JSONReader(JSONParser.parse(Fixtures.recordedCatalogue))
    var catalogue = SQLCatalogue()
    for member in try document.optionalObject("tables")?.members ?? [] {
      let reader = try JSONReader(member.value)
      var table = SQLCatalogue.Table()
      for column in try reader.optionalObject("columns")?.members ?? [] {
        if case .string(let definition) = column.value { table.columns[column.key] = normalised(definition) }
      }
      for line in try reader.optionalTexts("constraints") ?? [] {
        let (name, definition) = split(line)
        table.constraints[name] = definition
      }
      for line in try reader.optionalTexts("indexes") ?? [] {
        let (name, definition) = split(line)
        table.indexes[name] = definition
      }
      catalogue.tables[member.key] = table
    }
    return catalogue
  }

  /// The recording names array types by PostgreSQL's inner names and leaves the precision of numbers out.
  static func normalised(_ definition: String) -> String {
    var text = definition
    if text.hasPrefix("_text") { text = "text[]" + text.dropFirst("_text".count) }
    if text.hasPrefix("numeric("), let end = text.firstIndex(of: ")") {
      text = "numeric" + text[text.index(after: end)...]
    }
    return text
  }

  private static func split(_ line: String) -> (name: String, definition: String) {
    guard let colon = line.firstRange(of: ": ") else { return (line, "") }
    return (String(line[..<colon.lowerBound]), String(line[colon.upperBound...]))
  }
}

extension SQLCatalogue {
  /// In the words of the recording.
  var asRecorded: SQLCatalogue {
    var copy = self
    for (name, table) in tables {
      copy.tables[name]?.columns = table.columns.mapValues(RecordedCatalogue.normalised)
    }
    return copy
  }
}
