/// Header fields in the order they were added; names are looked up without regard to ASCII case.
package struct HTTPHeaders: Sendable, Hashable {
  /// One field.
  package struct Field: Sendable, Hashable {
    package var name: String
    package var value: String

    package init(name: String, value: String) {
      self.name = name
      self.value = value
    }
  }

  /// All fields in order; a name may occur more than once.
  package private(set) var fields: [Field]

  package init() { fields = [] }

  package init(_ fields: [Field]) { self.fields = fields }

  /// The value of the first field of that name. Setting replaces all of that name, setting nil removes them.
  package subscript(name: String) -> String? {
    get { fields.first { HTTPHeaders.matches($0.name, name) }?.value }
    set {
      fields.removeAll { HTTPHeaders.matches($0.name, name) }
      if let newValue { fields.append(Field(name: name, value: newValue)) }
    }
  }

  /// The values of all fields of that name, in order.
  package func values(_ name: String) -> [String] {
    fields.filter { HTTPHeaders.matches($0.name, name) }.map(\.value)
  }

  /// Appends a field beside those of the same name.
  package mutating func add(_ name: String, _ value: String) {
    fields.append(Field(name: name, value: value))
  }

  /// Bytes the fields take in HTTP/1.1, exactly: name, colon, space, value, CR LF.
  package var byteCount: Int {
    fields.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count + 4 }
  }

  private static func matches(_ left: String, _ right: String) -> Bool {
    guard left.utf8.count == right.utf8.count else { return false }
    return zip(left.utf8, right.utf8).allSatisfy { lowercased($0) == lowercased($1) }
  }

  private static func lowercased(_ byte: UInt8) -> UInt8 {
    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
  }
}

extension HTTPHeaders: ExpressibleByDictionaryLiteral {
  package init(dictionaryLiteral elements: (String, String)...) {
    fields = elements.map { Field(name: $0.0, value: $0.1) }
  }
}

/// Names of the header fields the protocol uses.
package enum HTTPHeaderName {
  package static let agentAPIKey = "X-Agent-API-Key"
  package static let authorization = "Authorization"
  package static let contentType = "Content-Type"
  package static let contentLength = "Content-Length"
  package static let cookie = "Cookie"
  package static let setCookie = "Set-Cookie"
  package static let forwardedFor = "X-Forwarded-For"
  package static let cache = "X-Cache"
  package static let webSocketProtocol = "Sec-WebSocket-Protocol"
  package static let upgrade = "Upgrade"
  package static let requestID = "X-Request-Id"
}
