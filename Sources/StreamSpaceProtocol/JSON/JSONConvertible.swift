/// A value that has one rendering as JSON.
package protocol JSONConvertible {
  /// The document this value renders to, keys in the order in which they are sent.
  var json: JSONValue { get }
}

extension JSONValue: JSONConvertible {
  package var json: JSONValue { self }
}

extension JSONObject: JSONConvertible {
  package var json: JSONValue { .object(self) }
}

extension String: JSONConvertible {
  package var json: JSONValue { .string(self) }
}

extension Bool: JSONConvertible {
  package var json: JSONValue { .bool(self) }
}

extension Int: JSONConvertible {
  package var json: JSONValue { .int(Int64(self)) }
}

extension Int64: JSONConvertible {
  package var json: JSONValue { .int(self) }
}

extension Array: JSONConvertible where Element: JSONConvertible {
  package var json: JSONValue { .array(map(\.json)) }
}

extension JSONConvertible where Self: RawRepresentable, RawValue == String {
  package var json: JSONValue { .string(rawValue) }
}
