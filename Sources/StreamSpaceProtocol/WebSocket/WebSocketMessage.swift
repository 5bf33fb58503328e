/// One data message of a WebSocket, typed as long as it stays in one process.
package enum WebSocketMessage: Sendable {
  /// A text message of JSON documents: one under contract (C5); the shipped writer joins several with newlines
  /// (spec/01 §1.5).
  case documents([any WireEncodable])
  /// A text message as received.
  case text(String)
  /// A binary message.
  case binary([UInt8])

  /// A text message of one document.
  package static func document(_ value: some WireEncodable) -> WebSocketMessage { .documents([value]) }

  /// The bytes of the message.
  package var bytes: [UInt8] {
    switch self {
    case .documents(let documents): Array(documents.map(\.encoded).joined(separator: [UInt8(ascii: "\n")]))
    case .text(let text): Array(text.utf8)
    case .binary(let bytes): bytes
    }
  }

  /// How many bytes the message takes, without a frame header: exact for text and binary, an estimate for documents.
  package var byteCount: Int {
    switch self {
    case .documents(let documents):
      documents.reduce(max(0, documents.count - 1)) { $0 + $1.estimatedByteCount }
    case .text(let text): text.utf8.count
    case .binary(let bytes): bytes.count
    }
  }

  /// The same message as it would come out of a socket.
  package var asBytes: WebSocketMessage {
    if case .documents = self { .text(String(decoding: bytes, as: UTF8.self)) } else { self }
  }

  /// The message as one model. Several documents in one message fail, as they do in the shipped agents.
  package func decode<Model: WireDecodable>(
    as type: Model.Type = Model.self, limits: JSONLimits = .agentFrame
  ) throws(WireError) -> Model {
    if case .documents(let documents) = self, documents.count == 1, let model = documents[0] as? Model { return model }
    return try Model(decoding: bytes, limits: limits)
  }

  /// The message as newline-joined documents, which agents of the contract accept (C5): each is read on its own, one
  /// bad document does not spoil the others.
  package func decodeEach<Model: WireDecodable>(
    as type: Model.Type = Model.self, limits: JSONLimits = .agentFrame
  ) -> [Result<Model, WireError>] {
    if case .documents(let documents) = self {
      return documents.map { document in
        if let model = document as? Model { return .success(model) }
        return WebSocketMessage.read { () throws(WireError) in try Model(json: document.json) }
      }
    }
    return bytes.split(separator: UInt8(ascii: "\n")).map { line in
      WebSocketMessage.read { () throws(WireError) in try Model(decoding: Array(line), limits: limits) }
    }
  }

  private static func read<Model>(_ body: () throws(WireError) -> Model) -> Result<Model, WireError> {
    Result(catching: body)
  }
}
