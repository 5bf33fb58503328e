/// The body of a request or an answer: bytes, or a typed value that becomes bytes only where bytes matter.
package enum HTTPBody: Sendable {
  /// No body at all.
  case empty
  /// Bytes as they came from or go to a socket.
  case bytes([UInt8])
  /// A value of the protocol that travels as it is inside one process.
  case typed(any WireEncodable)

  /// Plain text.
  package static func text(_ text: String) -> HTTPBody { .bytes(Array(text.utf8)) }

  package var isEmpty: Bool {
    switch self {
    case .empty: true
    case .bytes(let bytes): bytes.isEmpty
    case .typed: false
    }
  }

  /// The bytes; a typed value is encoded at each call.
  package var bytes: [UInt8] {
    switch self {
    case .empty: []
    case .bytes(let bytes): bytes
    case .typed(let value): value.encoded
    }
  }

  /// How many bytes the body takes: exact for bytes, an estimate for a typed value, which is not encoded for it. It
  /// serves bandwidth models only; use ``exactByteCount`` where it must be right.
  package var byteCount: Int {
    switch self {
    case .empty: 0
    case .bytes(let bytes): bytes.count
    case .typed(let value): value.estimatedByteCount
    }
  }

  /// How many bytes the body takes, exactly; encodes a typed value.
  package var exactByteCount: Int { bytes.count }

  /// The body as a model. A typed value of that very type is handed over as it is; anything else goes through JSON, so
  /// the result does not depend on how the body travelled. An empty body fails with Go's text `EOF`.
  package func decode<Model: WireDecodable>(
    as type: Model.Type = Model.self, limits: JSONLimits = .standard
  ) throws(WireError) -> Model {
    switch self {
    case .empty: throw .syntax(JSONSyntaxError(.empty, at: 0))
    case .bytes(let bytes): return try Model(decoding: bytes, limits: limits)
    case .typed(let value):
      if let model = value as? Model { return model }
      return try Model(json: value.json)
    }
  }

  /// The body as a document.
  package func json(limits: JSONLimits = .standard) throws(WireError) -> JSONValue {
    switch self {
    case .empty: throw .syntax(JSONSyntaxError(.empty, at: 0))
    case .bytes(let bytes): return try JSONParser.parse(bytes, limits: limits)
    case .typed(let value): return value.json
    }
  }

  /// The same body as bytes: what a run does that checks that encoded messages carry the same as typed ones.
  package var asBytes: HTTPBody { isEmpty ? .empty : .bytes(bytes) }
}
