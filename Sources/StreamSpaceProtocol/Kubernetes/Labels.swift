/// Labels or annotations of an object: pairs in order of their keys, each key once. Copies share one buffer, so that a
/// pod does not repeat what its deployment holds.
package struct Labels: Sendable, Hashable {
  /// One label.
  package struct Pair: Sendable, Hashable {
    package var key: String
    package var value: String

    package init(key: String, value: String) {
      self.key = key
      self.value = value
    }
  }

  /// All pairs in order of their keys.
  package private(set) var pairs: [Pair]

  package init() { pairs = [] }

  /// Of a repeated key the last value counts.
  package init(_ pairs: [(String, String)]) {
    self.init()
    for (key, value) in pairs { self[key] = value }
  }

  package var isEmpty: Bool { pairs.isEmpty }

  /// The value of a key; setting nil removes it.
  package subscript(key: String) -> String? {
    get {
      for pair in pairs where pair.key == key { return pair.value }
      return nil
    }
    set {
      let index = pairs.firstIndex { $0.key >= key } ?? pairs.count
      let exists = index < pairs.count && pairs[index].key == key
      switch (newValue, exists) {
      case (let value?, true): pairs[index].value = value
      case (let value?, false): pairs.insert(Pair(key: key, value: value), at: index)
      case (nil, true): pairs.remove(at: index)
      case (nil, false): break
      }
    }
  }
}

extension Labels: ExpressibleByDictionaryLiteral {
  package init(dictionaryLiteral elements: (String, String)...) { self.init(elements) }
}

/// The keys StreamSpace puts on what belongs to a session: four recorded ones and the two of the contract (C27).
package enum SessionLabel {
  package static let app = "app"
  package static let session = "session"
  package static let user = "user"
  package static let template = "template"
  /// Which agent id owns the object (C27).
  package static let agent = "agent"
  /// The start command that made the object (C27).
  package static let command = "command"
  /// The value of ``app`` (spec/03 §3).
  package static let appValue = "streamspace-session"
}
