import Foundation
import StreamSpaceProtocol
import Testing

/// One transcript of the real system under `fixtures/recordings`.
struct Recording: Sendable, CustomTestStringConvertible {
  let name: String
  let events: [JSONValue]

  var testDescription: String { name }

  /// All transcripts that hold events, by name.
  static let all: [Recording] = load()

  private static func load() -> [Recording] {
    let folder = URL(fileURLWithPath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("fixtures/recordings")
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return names.filter { $0.hasSuffix(".json") }.sorted().compactMap { name in
      guard let data = try? Data(contentsOf: folder.appendingPathComponent(name)),
        let document = try? JSONParser.parse(Array(data)), let events = document["events"]?.elements
      else { return nil }
      return Recording(name: name, events: events)
    }
  }
}
