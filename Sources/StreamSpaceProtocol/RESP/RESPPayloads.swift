/// A request as a typed frame: what a client in the same process sends instead of bytes.
package struct RESPCommandPayload: Hashable, Sendable {
  /// The command's name, then its arguments.
  package let arguments: [[UInt8]]
  /// Length of the encoding in bytes.
  package let byteCount: Int

  package init(_ arguments: [[UInt8]]) {
    self.arguments = arguments
    byteCount = RESPLength.request(arguments)
  }

  package init(_ arguments: [String]) {
    self.init(arguments.map { Array($0.utf8) })
  }

  /// Reads the bytes of exactly one request; nil when they hold none or more.
  package static func decode(_ bytes: [UInt8]) throws(RESPProtocolError) -> RESPCommandPayload? {
    var decoder = RESPRequestDecoder()
    decoder.append(bytes)
    guard let arguments = try decoder.next(), decoder.bufferedBytes == 0 else { return nil }
    return RESPCommandPayload(arguments)
  }

  /// The bytes this stands for.
  package var encoded: [UInt8] {
    var bytes: [UInt8] = []
    bytes.appendRequest(arguments)
    return bytes
  }
}

/// A reply or a pushed message as a typed frame.
package struct RESPReplyPayload: Hashable, Sendable {
  /// The value as the connection's protocol version shows it.
  package let value: RESPValue
  package let version: RESPVersion
  /// Length of the encoding in bytes.
  package let byteCount: Int

  package init(_ value: RESPValue, version: RESPVersion) {
    self.value = value.represented(in: version)
    self.version = version
    byteCount = value.encodedLength(in: version)
  }

  /// Reads the bytes of exactly one reply; nil when they hold none or more.
  package static func decode(
    _ bytes: [UInt8], version: RESPVersion
  ) throws(RESPProtocolError) -> RESPReplyPayload? {
    var decoder = RESPReplyDecoder()
    decoder.append(bytes)
    guard let value = try decoder.next(), value.encodedLength(in: version) == bytes.count else { return nil }
    return RESPReplyPayload(value, version: version)
  }

  /// The bytes this stands for.
  package var encoded: [UInt8] { value.encoded(in: version) }
}
