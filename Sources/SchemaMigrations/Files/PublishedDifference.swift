import Fixtures
import StreamSpaceProtocol

/// In what our schema differs from the recorded one, on purpose or for want of a fact, and why.
package struct PublishedDifference: Sendable, Equatable {
  /// As `SQLCatalogue.differences(from:)` words them.
  package var lines: [String]
  /// Whether the start-up list's schema has them too, and not only that of versions 0 to 8.
  package var isOfStartUpList: Bool
  package var reason: String

  /// All of them; empty when the document cannot be read.
  package static let all: [PublishedDifference] = (try? read()) ?? []

  private static func read() throws(WireError) -> [PublishedDifference] {
    let document = try JSONReader(JSONParser.parse(Fixtures.schemaDifferences))
    guard case .array(let elements)? = document.object["differences"] else { return [] }
    var all: [PublishedDifference] = []
    for element in elements {
      let reader = try JSONReader(element)
      all.append(
        PublishedDifference(
          lines: try reader.optionalTexts("lines") ?? [],
          isOfStartUpList: try reader.text("stands") == "start-up list and files", reason: try reader.text("reason")))
    }
    return all
  }
}
