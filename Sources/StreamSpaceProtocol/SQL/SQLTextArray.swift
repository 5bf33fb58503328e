import Foundation

/// The text form in which a `TEXT[]` travels: a JSON array of strings (spec/02 §8.4).
package enum SQLTextArray {
  /// The elements, or nil when the text is not a JSON array of strings.
  package static func elements(of json: String) -> [String]? {
    if json == "[]" { return [] }
    return try? JSONDecoder().decode([String].self, from: Data(json.utf8))
  }
}
