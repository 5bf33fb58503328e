extension ClipboardMessage {
  private static let formatBits: UInt32 = 0xffff
  private static let actionBits: UInt32 = 0xff00_0000
  private static let capabilityBit: UInt32 = 1 << 24
  private static let requestBit: UInt32 = 1 << 25
  private static let peekBit: UInt32 = 1 << 26
  private static let notifyBit: UInt32 = 1 << 27
  private static let provideBit: UInt32 = 1 << 28

  /// Flags and payload, without the length before them.
  func write(to sink: ByteSink) {
    switch self {
    case .capabilities(let flags, let sizes):
      sink.uint32(flags | ClipboardMessage.capabilityBit)
      sizes.forEach(sink.uint32)
    case .request(let formats): sink.uint32(ClipboardMessage.requestBit | formats & ClipboardMessage.formatBits)
    case .peek(let formats): sink.uint32(ClipboardMessage.peekBit | formats & ClipboardMessage.formatBits)
    case .notify(let formats): sink.uint32(ClipboardMessage.notifyBit | formats & ClipboardMessage.formatBits)
    case .provide(let contents):
      let plain = ByteSink()
      var formats: UInt32 = 0
      for content in contents where (0..<16).contains(content.format) {
        formats |= 1 << UInt32(content.format)
        plain.uint32(UInt32(content.data.count))
        plain.append(content.data)
      }
      sink.uint32(ClipboardMessage.provideBit | formats)
      Deflater(level: 6).finish(plain.base, count: plain.count, into: sink)
    }
  }

  /// Reads flags and payload, at least four bytes. Contents after one larger than `limit` are left out, as TigerVNC does;
  /// nil when none are left.
  static func parse(_ bytes: [UInt8], limit: Int) throws(RFBError) -> ClipboardMessage? {
    var input = InputBuffer()
    input.append(bytes)
    guard input.count >= 4 else { throw .badClipboard("shorter than its flags") }
    let flags = input.uint32(at: 0)
    let formats = flags & formatBits
    if flags & capabilityBit != 0 {
      let count = formats.nonzeroBitCount
      guard input.count >= 4 + 4 * count else { throw .badClipboard("fewer sizes than formats") }
      return .capabilities(flags: flags, sizes: (0..<count).map { input.uint32(at: 4 + 4 * $0) })
    }
    switch flags & actionBits {
    case requestBit: return .request(formats: formats)
    case peekBit: return .peek(formats: formats)
    case notifyBit: return .notify(formats: formats)
    case provideBit: return try provided(formats, Array(bytes.dropFirst(4)), limit: limit)
    default: throw .badClipboard("not one action")
    }
  }

  private static func provided(
    _ formats: UInt32, _ compressed: [UInt8], limit: Int
  ) throws(RFBError) -> ClipboardMessage? {
    var input = InputBuffer()
    input.append(compressed)
    let contents = try input.withBytes { (bytes) throws(RFBError) -> [Content] in
      guard let base = bytes.baseAddress else { return [] }
      let inflater = Inflater()
      var contents: [Content] = []
      do throws(RFBError) {
        try inflater.begin(base, count: bytes.count)
        for format in 0..<16 where formats & (1 << UInt32(format)) != 0 {
          try inflater.require(4)
          var prefix = InputBuffer()
          prefix.append([UInt8](UnsafeBufferPointer(start: inflater.pointer, count: 4)))
          let size = Int(prefix.uint32(at: 0))
          inflater.consume(4)
          guard size <= limit else { break }
          contents.append(Content(format: format, data: try data(size, of: inflater)))
        }
      } catch {
        throw .badClipboard("\(error)")
      }
      return contents
    }
    return contents.isEmpty ? nil : .provide(contents)
  }

  private static func data(_ size: Int, of inflater: Inflater) throws(RFBError) -> [UInt8] {
    var data: [UInt8] = []
    while data.count < size {
      let part = min(size - data.count, Inflater.windowSize)
      try inflater.require(part)
      data.append(contentsOf: UnsafeBufferPointer(start: inflater.pointer, count: part))
      inflater.consume(part)
    }
    return data
  }
}
