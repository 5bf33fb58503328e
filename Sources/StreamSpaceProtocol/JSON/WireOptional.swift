/// A member whose absence and null are told apart, for messages that must come out as they went in.
package enum WireOptional<Value: Sendable & Hashable>: Sendable, Hashable {
  /// The key is not there.
  case absent
  /// The key is there with null.
  case null
  case value(Value)

  /// The value, nil for both other cases.
  package var wrapped: Value? {
    if case .value(let value) = self { value } else { nil }
  }
}

extension JSONObject {
  /// Appends a member as it was: nothing, null or the value.
  package mutating func add<Value: JSONConvertible>(_ key: String, _ value: WireOptional<Value>) {
    switch value {
    case .absent: break
    case .null: add(key, JSONValue.null)
    case .value(let value): add(key, value)
    }
  }
}

extension JSONReader {
  /// A list of texts, null or nothing.
  package func wireTexts(_ key: String) throws(WireError) -> WireOptional<[String]> {
    if let texts = try optionalTexts(key) { return .value(texts) }
    return object[key] == nil ? .absent : .null
  }
}
