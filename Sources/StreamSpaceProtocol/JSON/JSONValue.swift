/// A JSON document as a value: what every typed model is read from and rendered to.
///
/// Object keys keep their order, because the answers of StreamSpace are compared byte for byte: maps render in byte
/// order, structs in declared order (spec/02 §3). Equality is therefore sensitive to the order of keys; use
/// ``isEquivalent(to:)`` to ignore it.
package enum JSONValue: Sendable, Hashable {
  case null
  case bool(Bool)
  /// An integer without fraction and exponent that fits 64 bits.
  case int(Int64)
  /// Every other number. It is carried through, never computed with: no outcome depends on floating point.
  case double(Double)
  case string(String)
  case array([JSONValue])
  case object(JSONObject)

  /// The kinds of a document, named as Go's decoder words them in its errors.
  package enum Kind: String, Sendable, Hashable {
    case null
    case bool
    case number
    case string
    case array
    case object
  }

  /// What sort of value this is.
  package var kind: Kind {
    switch self {
    case .null: .null
    case .bool: .bool
    case .int, .double: .number
    case .string: .string
    case .array: .array
    case .object: .object
    }
  }

  /// The text of a string, nil for every other kind.
  package var text: String? {
    if case .string(let text) = self { text } else { nil }
  }

  /// The value of an integer, nil for every other kind.
  package var integer: Int64? {
    if case .int(let value) = self { value } else { nil }
  }

  /// The value of a truth value, nil for every other kind.
  package var flag: Bool? {
    if case .bool(let value) = self { value } else { nil }
  }

  /// The elements of an array, nil for every other kind.
  package var elements: [JSONValue]? {
    if case .array(let elements) = self { elements } else { nil }
  }

  /// The members of an object, nil for every other kind.
  package var members: JSONObject? {
    if case .object(let members) = self { members } else { nil }
  }

  /// The member of that name, nil when this is no object or has no such key.
  package subscript(key: String) -> JSONValue? {
    members?[key]
  }

  /// Whether both say the same, whatever the order of their keys.
  package func isEquivalent(to other: JSONValue) -> Bool {
    switch (self, other) {
    case (.array(let left), .array(let right)):
      return left.count == right.count && zip(left, right).allSatisfy { $0.isEquivalent(to: $1) }
    case (.object(let left), .object(let right)):
      guard left.count == right.count else { return false }
      return left.members.allSatisfy { member in
        guard let twin = right[member.key] else { return false }
        return member.value.isEquivalent(to: twin)
      }
    default:
      return self == other
    }
  }

  /// The same document with all keys in byte order, as Go renders maps (spec/02 §3).
  package var sortedByKey: JSONValue {
    switch self {
    case .array(let elements): .array(elements.map(\.sortedByKey))
    case .object(let members): .object(members.sortedByKey)
    default: self
    }
  }

  /// The same document with the keys as a `jsonb` column of PostgreSQL gives them back: shorter ones first, those of one
  /// length in byte order [rec 01, manifests].
  package var inJSONBOrder: JSONValue {
    switch self {
    case .array(let elements): .array(elements.map(\.inJSONBOrder))
    case .object(let members): .object(members.inJSONBOrder)
    default: self
    }
  }
}

extension JSONValue: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByStringLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  package init(nilLiteral: ()) { self = .null }
  package init(booleanLiteral value: Bool) { self = .bool(value) }
  package init(integerLiteral value: Int64) { self = .int(value) }
  package init(stringLiteral value: String) { self = .string(value) }
  package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
  package init(dictionaryLiteral elements: (String, JSONValue)...) {
    self = .object(JSONObject(elements.map { JSONObject.Member(key: $0.0, value: $0.1) }))
  }
}
