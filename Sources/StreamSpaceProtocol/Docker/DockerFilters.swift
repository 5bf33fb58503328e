/// The `filters` of a list or of the event stream: a list of values for each key, in order of the keys.
///
/// An object must match one value of every key; of `label` all of them.
package struct DockerFilters: Sendable, Hashable {
  /// One key with its values.
  package struct Entry: Sendable, Hashable {
    package var key: String
    package var values: [String]
  }

  /// All keys in order.
  package private(set) var entries: [Entry]

  package init() { entries = [] }

  /// No filter.
  package static let none = DockerFilters()

  /// Objects with that label: `key` or `key=value`.
  package static func label(_ key: String, _ value: String? = nil) -> DockerFilters {
    DockerFilters.none.and("label", value.map { "\(key)=\($0)" } ?? key)
  }

  /// The same filters and one more value.
  package func and(_ key: String, _ value: String) -> DockerFilters {
    var copy = self
    copy.add(key, value)
    return copy
  }

  /// Adds a value of a key.
  package mutating func add(_ key: String, _ value: String) {
    let index = entries.firstIndex { $0.key >= key } ?? entries.count
    if index < entries.count, entries[index].key == key {
      entries[index].values.append(value)
    } else {
      entries.insert(Entry(key: key, values: [value]), at: index)
    }
  }

  package var isEmpty: Bool { entries.isEmpty }

  /// The values of a key; empty when it is not there.
  package subscript(key: String) -> [String] {
    entries.first { $0.key == key }?.values ?? []
  }

  /// Whether labels satisfy the key `label`: every value, `key` or `key=value`.
  package func matches(_ labels: Labels) -> Bool {
    self["label"].allSatisfy { wanted in
      guard let equals = wanted.firstIndex(of: "=") else { return labels[wanted] != nil }
      return labels[String(wanted[..<equals])] == String(wanted[wanted.index(after: equals)...])
    }
  }
}
