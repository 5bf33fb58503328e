/// The `data` of a `vnc_data` frame: RFB bytes, turned into base64 only where bytes matter, or the text a peer sent.
package struct VNCChunk: Sendable, Hashable {
  private enum Content: Sendable {
    case bytes([UInt8])
    case text(String)
  }

  private let content: Content

  /// Most bytes one frame carries under contract (spec/00, Streaming).
  package static let maximumBytes = 32_768

  /// RFB bytes.
  package init(bytes: [UInt8]) { content = .bytes(bytes) }

  /// A text as it came from a viewer or a frame; need not be base64.
  package init(text: String) { content = .text(text) }

  /// The RFB bytes; nil when the text is not base64.
  package var bytes: [UInt8]? {
    switch content {
    case .bytes(let bytes): bytes
    case .text(let text): Base64.decode(text)
    }
  }

  /// The text that stands in the frame.
  package var text: String {
    switch content {
    case .bytes(let bytes): Base64.encode(bytes)
    case .text(let text): text
    }
  }

  /// Bytes of the text, exactly, without making it. A text that needs JSON escapes takes more in a frame; base64 never
  /// does.
  package var encodedCount: Int {
    switch content {
    case .bytes(let bytes): Base64.encodedCount(bytes.count)
    case .text(let text): text.utf8.count
    }
  }

  /// Two chunks are equal when they read the same in a frame.
  package static func == (left: VNCChunk, right: VNCChunk) -> Bool {
    if case (.bytes(let left), .bytes(let right)) = (left.content, right.content) { return left == right }
    return left.text == right.text
  }

  package func hash(into hasher: inout Hasher) { hasher.combine(text) }
}
