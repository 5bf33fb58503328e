/// The client's side of a connection: bytes in, replies out, RESP2 and RESP3. Sans I/O, fed with any pieces.
///
/// Attributes (`|n`) are read and dropped. After an error the stream is lost: the decoder yields nothing more.
package struct RESPReplyDecoder: Sendable {
  /// The bounds it keeps; ``RESPLimits/lineLength`` does not bind the texts of a server.
  package let limits: RESPLimits

  private var buffer: [UInt8] = []
  private var position = 0
  private var open: [Aggregate] = []
  private var bulk: Bulk?
  private var hasFailed = false

  /// An aggregate whose elements are still arriving.
  private struct Aggregate: Sendable {
    var type: UInt8
    var missing: Int64
    var elements: [RESPValue] = []
  }

  /// A bulk, verbatim string or bulk error whose bytes are still arriving.
  private struct Bulk: Sendable {
    var type: UInt8
    var length: Int
  }

  package init(limits: RESPLimits = RESPLimits()) {
    self.limits = limits
  }

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

  /// The next whole reply or push, nil when more bytes are needed.
  package mutating func next() throws(RESPProtocolError) -> RESPValue? {
    guard !hasFailed else { return nil }
    do {
      while let value = try readScalar() {
        if let whole = close(with: value) { return whole }
      }
      return nil
    } catch {
      hasFailed = true
      buffer = []
      position = 0
      open = []
      throw error
    }
  }

  /// Gives a finished value to the innermost open aggregate; the value of a whole reply, if that finished too.
  private mutating func close(with finished: RESPValue) -> RESPValue? {
    var value = finished
    while var aggregate = open.popLast() {
      aggregate.elements.append(value)
      aggregate.missing -= 1
      if aggregate.missing > 0 {
        open.append(aggregate)
        return nil
      }
      guard let whole = Self.value(of: aggregate) else { return nil }
      value = whole
    }
    return value
  }

  /// The value of a complete aggregate, nil for attributes.
  private static func value(of aggregate: Aggregate) -> RESPValue? {
    switch aggregate.type {
    case UInt8(ascii: "%"):
      .map(
        stride(from: 0, to: aggregate.elements.count - 1, by: 2).map {
          RESPMapEntry(aggregate.elements[$0], aggregate.elements[$0 + 1])
        })
    case UInt8(ascii: "~"): .set(aggregate.elements)
    case UInt8(ascii: ">"): .push(aggregate.elements)
    case UInt8(ascii: "|"): nil
    default: .array(aggregate.elements)
    }
  }

  /// Reads until a value is complete that has no open elements; opens aggregates on the way.
  private mutating func readScalar() throws(RESPProtocolError) -> RESPValue? {
    while true {
      if bulk != nil { return try readBulk() }
      guard position < buffer.count, let end = lineEnd() else { return nil }
      let type = buffer[position]
      let line = buffer[(position + 1)..<end]
      position = end + 2
      switch type {
      case UInt8(ascii: "+"): return .simple(String(decoding: line, as: UTF8.self))
      case UInt8(ascii: "-"): return .error(String(decoding: line, as: UTF8.self))
      case UInt8(ascii: ":"): return .integer(try number(line))
      case UInt8(ascii: "_"):
        guard line.isEmpty else { throw .malformedReply }
        return .null
      case UInt8(ascii: "#"):
        switch Array(line) {
        case [UInt8(ascii: "t")]: return .boolean(true)
        case [UInt8(ascii: "f")]: return .boolean(false)
        default: throw .malformedReply
        }
      case UInt8(ascii: ","): return .double(String(decoding: line, as: UTF8.self))
      case UInt8(ascii: "("): return .bigNumber(String(decoding: line, as: UTF8.self))
      case UInt8(ascii: "$"), UInt8(ascii: "="), UInt8(ascii: "!"):
        let length = try number(line)
        if length == -1, type == UInt8(ascii: "$") { return .null }
        guard length >= 0, length <= limits.bulkLength else { throw .invalidBulkLength }
        bulk = Bulk(type: type, length: Int(length))
      case UInt8(ascii: "*"), UInt8(ascii: "%"), UInt8(ascii: "~"), UInt8(ascii: ">"), UInt8(ascii: "|"):
        if let value = try openAggregate(type, count: number(line)) { return value }
      default: throw .unknownType(type)
      }
    }
  }

  /// Opens an aggregate; an empty or missing one is complete at once.
  private mutating func openAggregate(_ type: UInt8, count: Int64) throws(RESPProtocolError) -> RESPValue? {
    if count == -1, type == UInt8(ascii: "*") { return .nullArray }
    guard count >= 0, count <= limits.arguments else { throw .invalidMultibulkLength }
    guard open.count < limits.depth else { throw .nestedTooDeeply }
    let isPaired = type == UInt8(ascii: "%") || type == UInt8(ascii: "|")
    let aggregate = Aggregate(type: type, missing: isPaired ? count * 2 : count)
    if count == 0 { return Self.value(of: aggregate) }
    open.append(aggregate)
    return nil
  }

  private mutating func readBulk() throws(RESPProtocolError) -> RESPValue? {
    guard let pending = bulk, buffer.count - position >= pending.length + 2 else { return nil }
    let bytes = [UInt8](buffer[position..<(position + pending.length)])
    guard buffer[position + pending.length] == 13, buffer[position + pending.length + 1] == 10 else {
      throw .malformedReply
    }
    position += pending.length + 2
    bulk = nil
    switch pending.type {
    case UInt8(ascii: "="):
      guard bytes.count >= 4, bytes[3] == UInt8(ascii: ":") else { throw .malformedReply }
      return .verbatim(format: String(decoding: bytes[..<3], as: UTF8.self), text: [UInt8](bytes[4...]))
    case UInt8(ascii: "!"): return .error(String(decoding: bytes, as: UTF8.self))
    default: return .bulk(bytes)
    }
  }

  private func number(_ line: ArraySlice<UInt8>) throws(RESPProtocolError) -> Int64 {
    guard let number = RESPNumber.integer(line) else { throw .malformedReply }
    return number
  }

  /// The index of the carriage return that ends the line at the position, if its line feed is there too.
  private func lineEnd() -> Int? {
    buffer.withUnsafeBufferPointer { bytes in
      var index = position
      while index + 1 < bytes.count {
        if bytes[index] == 13, bytes[index + 1] == 10 { return index }
        index += 1
      }
      return nil
    }
  }
}
