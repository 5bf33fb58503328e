import Foundation
import StreamSpaceProtocol

/// The schema of the shipped product as recording 20 tells it.
enum RecordedCatalogue {
  /// After one start on an empty database.
  static let afterStart: SQLCatalogue = read()?.start ?? SQLCatalogue()
  /// After the eight files on top of it.
  static let afterFiles: SQLCatalogue = read()?.files ?? SQLCatalogue()

  private static func read() -> (start: SQLCatalogue, files: SQLCatalogue)? {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let path = root.appendingPathComponent("fixtures/recordings/20-postgres-schema.json").path
    guard let data = FileManager.default.contents(atPath: path),
      let document = try? JSONDecoder().decode(Document.self, from: data)
    else { return nil }
    var start = SQLCatalogue()
    for (name, table) in document.tables { start.tables[name] = table.catalogue }
    var files = start
    for (name, added) in document.after.differences {
      for (column, words) in added.columns ?? [:] { files.tables[name]?.columns[column] = words }
      for line in added.constraints ?? [] { files.tables[name]?.constraints.add(line) }
      for line in added.indexes ?? [] { files.tables[name]?.indexes.add(line) }
    }
    for trigger in document.after.triggers {
      files.tables[trigger.t]?.triggers[trigger.n] =
        "\(trigger.e) FOR EACH ROW EXECUTE FUNCTION update_agent_commands_updated_at()"
    }
    for function in document.after.functions { files.functions[function.proname] = "plpgsql returns trigger" }
    return (start, files)
  }

  private struct Document: Decodable {
    var tables: [String: Table]
    var after: After

    enum CodingKeys: String, CodingKey {
      case tables
      case after = "after_applying_api_migrations_001_to_008"
    }
  }

  private struct Table: Decodable {
    var columns: [String: String]
    var constraints: [String]
    var indexes: [String]

    var catalogue: SQLCatalogue.Table {
      var table = SQLCatalogue.Table()
      // The recording has the internal name of the type.
      table.columns = columns.mapValues { $0 == "_text" ? "text[]" : $0 }
      for line in constraints { table.constraints.add(line) }
      for line in indexes { table.indexes.add(line) }
      return table
    }
  }

  private struct After: Decodable {
    struct Added: Decodable {
      var columns: [String: String]?
      var constraints: [String]?
      var indexes: [String]?

      enum CodingKeys: String, CodingKey {
        case columns = "added_or_changed_columns"
        case constraints = "added_constraints"
        case indexes = "added_indexes"
      }
    }

    struct Trigger: Decodable {
      var t: String
      var n: String
      var e: String
    }

    struct Function: Decodable { var proname: String }

    var differences: [String: Added]
    var triggers: [Trigger]
    var functions: [Function]
  }
}

extension [String: String] {
  /// A line `name: definition` of the recording.
  fileprivate mutating func add(_ line: String) {
    guard let colon = line.range(of: ": ") else { return }
    self[String(line[..<colon.lowerBound])] = String(line[colon.upperBound...])
  }
}
