/// Bytes that wait, in the pieces in which they came: a piece that fits is passed on as it is, without a copy.
struct ByteQueue: Sendable {
  private var pieces: [[UInt8]] = []
  private var first = 0
  /// How much of the first piece is gone.
  private var offset = 0
  private(set) var byteCount = 0

  var isEmpty: Bool { byteCount == 0 }

  mutating func add(_ bytes: [UInt8]) {
    guard !bytes.isEmpty else { return }
    pieces.append(bytes)
    byteCount += bytes.count
  }

  /// The first piece, whatever its size; nil when there is none.
  mutating func takeFirst() -> [UInt8]? {
    guard !isEmpty else { return nil }
    return take(pieces[first].count - offset)
  }

  /// As much as `limit` allows: a part of the first piece, or as many whole ones as fit. Nil when there is nothing, or
  /// the limit is 0.
  mutating func take(upTo limit: Int) -> [UInt8]? {
    guard !isEmpty, limit > 0 else { return nil }
    let firstSize = pieces[first].count - offset
    guard firstSize <= limit else { return take(limit) }
    var bytes = take(firstSize)
    guard !isEmpty, pieces[first].count <= limit - bytes.count else { return bytes }
    while !isEmpty, pieces[first].count <= limit - bytes.count { bytes += take(pieces[first].count) }
    return bytes
  }

  /// `count` bytes of the first piece, which has them.
  private mutating func take(_ count: Int) -> [UInt8] {
    let piece = pieces[first]
    byteCount -= count
    if offset + count < piece.count {
      defer { offset += count }
      return Array(piece[offset..<offset + count])
    }
    let bytes = offset == 0 ? piece : Array(piece[offset...])
    pieces[first] = []
    first += 1
    offset = 0
    if first == pieces.count {
      pieces.removeAll(keepingCapacity: true)
      first = 0
    }
    return bytes
  }
}
