/// The server's side of a connection: bytes in, requests out. Sans I/O, fed with any pieces.
///
/// It reads as Redis 7 does (`spec/04 §3.1`): arrays of bulks, and lines (inline commands) for any other first byte.
/// Empty and negative arrays and blank lines are skipped. The two bytes behind a bulk are not looked at. After an
/// error the stream is lost: the decoder yields nothing more.
package struct RESPRequestDecoder: Sendable {
  /// The bounds it keeps.
  package let limits: RESPLimits

  private var buffer: [UInt8] = []
  private var position = 0
  private var request: [[UInt8]] = []
  private var missingArguments: Int64 = 0
  private var bulkLength: Int?
  private var hasFailed = false

  package init(limits: RESPLimits = RESPLimits()) {
    self.limits = limits
  }

  /// Number of bytes received and not yet part of a request: what a limit on buffered input looks at.
  package var bufferedBytes: Int { buffer.count - position }

  /// Takes bytes from the peer.
  package mutating func append(_ bytes: some Collection<UInt8>) {
    guard !hasFailed else { return }
    if position == buffer.count {
      buffer.removeAll(keepingCapacity: true)
      position = 0
    } else if position > 65_536, position > buffer.count / 2 {
      buffer.removeFirst(position)
      position = 0
    }
    buffer.append(contentsOf: bytes)
  }

  /// The next whole request, nil when more bytes are needed.
  ///
  /// - Parameter authenticated: whether the client may send long requests; asked per request, because the request
  ///   before may have been the `AUTH`.
  /// - Throws: why the stream is not RESP; answer with the error's reply and close.
  package mutating func next(authenticated: Bool = true) throws(RESPProtocolError) -> [[UInt8]]? {
    guard !hasFailed else { return nil }
    do {
      return try read(authenticated: authenticated)
    } catch {
      hasFailed = true
      buffer = []
      position = 0
      throw error
    }
  }

  private mutating func read(authenticated: Bool) throws(RESPProtocolError) -> [[UInt8]]? {
    while missingArguments == 0 {
      guard position < buffer.count else { return nil }
      if buffer[position] == UInt8(ascii: "*") {
        guard try readArrayHeader(authenticated: authenticated) else { return nil }
      } else {
        guard let line = try readLine() else { return nil }
        let arguments = try RESPInlineCommand.split(line)
        if !arguments.isEmpty { return arguments }
      }
    }
    while missingArguments > 0 {
      guard try readArgument(authenticated: authenticated) else { return nil }
    }
    defer { request = [] }
    return request
  }

  /// Reads `*n`; false when the line is not complete.
  private mutating func readArrayHeader(authenticated: Bool) throws(RESPProtocolError) -> Bool {
    guard let end = try headerEnd(tooLong: .multibulkHeaderTooLong) else { return false }
    guard let count = RESPNumber.integer(buffer[(position + 1)..<end]), count <= limits.arguments else {
      throw .invalidMultibulkLength
    }
    if !authenticated, count > limits.unauthenticatedArguments { throw .unauthenticatedMultibulkLength }
    position = end + 2
    if count > 0 {
      missingArguments = count
      request.reserveCapacity(Int(min(count, 16)))
    }
    return true
  }

  /// Reads `$n` and its bytes; false when they are not complete.
  private mutating func readArgument(authenticated: Bool) throws(RESPProtocolError) -> Bool {
    let length: Int
    if let known = bulkLength {
      length = known
    } else {
      guard let end = try headerEnd(tooLong: .bulkHeaderTooLong) else { return false }
      guard buffer[position] == UInt8(ascii: "$") else { throw .expectedBulk(buffer[position]) }
      guard let number = RESPNumber.integer(buffer[(position + 1)..<end]), number >= 0, number <= limits.bulkLength
      else { throw .invalidBulkLength }
      if !authenticated, number > limits.unauthenticatedBulkLength { throw .unauthenticatedBulkLength }
      position = end + 2
      length = Int(number)
      bulkLength = length
    }
    guard buffer.count - position >= length + 2 else { return false }
    request.append([UInt8](buffer[position..<(position + length)]))
    position += length + 2
    bulkLength = nil
    missingArguments -= 1
    return true
  }

  /// The index of the carriage return of a header line whose line feed is there too (it is not looked at).
  private func headerEnd(tooLong: RESPProtocolError) throws(RESPProtocolError) -> Int? {
    guard let end = index(of: 13) else {
      if buffer.count - position > limits.lineLength { throw tooLong }
      return nil
    }
    return end + 1 < buffer.count ? end : nil
  }

  /// A line without its line end, nil when it is not complete.
  private mutating func readLine() throws(RESPProtocolError) -> ArraySlice<UInt8>? {
    guard let end = index(of: 10) else {
      if buffer.count - position > limits.lineLength { throw .inlineTooLong }
      return nil
    }
    defer { position = end + 1 }
    let hasReturn = end > position && buffer[end - 1] == 13
    return buffer[position..<(hasReturn ? end - 1 : end)]
  }

  private func index(of byte: UInt8) -> Int? {
    buffer.withUnsafeBufferPointer { bytes in
      var index = position
      while index < bytes.count {
        if bytes[index] == byte { return index }
        index += 1
      }
      return nil
    }
  }
}
