import StreamSpaceProtocol

/// A JSON text as cases look at it: the messages of agents, the answers of the API. Cases do not see the protocol's own
/// types, so that the same case reads what a real program sent.
public struct JSONDocument: Sendable, Equatable {
  private let value: JSONValue

  private init(_ value: JSONValue) { self.value = value }

  /// Nil: the text is no JSON.
  public init?(_ text: String) {
    guard let value = try? JSONParser.parse(Array(text.utf8)) else { return nil }
    self.value = value
  }

  /// The member of an object; nil: it has none, or this is no object.
  public subscript(key: String) -> JSONDocument? { value[key].map { JSONDocument($0) } }

  /// The text; nil: this is none.
  public var text: String? { value.text }
  /// The elements of an array; nil: this is none.
  public var elements: [JSONDocument]? { value.elements?.map { JSONDocument($0) } }
  /// The whole number; nil: this is none.
  public var integer: Int64? { value.integer }
  /// As JSON again.
  public var json: String { JSONWriter.text(of: value) }
  /// As JSON with the keys in order.
  public var sortedJSON: String { JSONWriter.text(of: value.sortedByKey) }

  /// Whether a text is a time of RFC 3339.
  public static func isTime(_ text: String) -> Bool { Timestamp(rfc3339: text) != nil }
}
