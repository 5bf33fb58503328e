/// Messages of bytes that wait, in order. Taking a whole message copies nothing.
struct ByteQueue {
  private var pieces: [[UInt8]] = []
  private var first = 0
  /// Bytes of the first message that were taken already.
  private var offset = 0
  /// Bytes that wait.
  private(set) var byteCount = 0

  var isEmpty: Bool { first == pieces.count }
  /// Messages that wait.
  var count: Int { pieces.count - first }

  mutating func append(_ bytes: [UInt8]) {
    pieces.append(bytes)
    byteCount += bytes.count
  }

  /// Takes the first message, or as much of it as `limit` allows; nil when there is none or no room.
  mutating func take(upTo limit: Int) -> [UInt8]? {
    guard first < pieces.count, limit > 0 else { return nil }
    let piece = pieces[first]
    let end = limit >= piece.count - offset ? piece.count : offset + limit
    let taken = offset == 0 && end == piece.count ? piece : Array(piece[offset..<end])
    byteCount -= taken.count
    if end < piece.count {
      offset = end
      return taken
    }
    offset = 0
    pieces[first] = []
    first += 1
    if first == pieces.count || first > 64 && first * 2 > pieces.count {
      pieces.removeFirst(first)
      first = 0
    }
    return taken
  }

  /// Takes everything.
  mutating func takeAll() -> [[UInt8]] {
    var all: [[UInt8]] = []
    while let next = take(upTo: .max) { all.append(next) }
    return all
  }
}
