/// Bytes that wait, in the pieces in which they came: a piece that fits is passed on as it is, without a copy.
package struct ByteQueue: Sendable {
  private var pieces: [[UInt8]] = []
  private var first = 0
  /// How much of the first piece is gone.
  private var offset = 0
  /// Bytes that wait.
  package private(set) var byteCount = 0

  package init() {}

  package var isEmpty: Bool { first == pieces.count }

  /// Pieces that wait.
  package var count: Int { pieces.count - first }

  /// Adds a piece; nothing is no piece.
  package mutating func append(_ bytes: [UInt8]) {
    guard !bytes.isEmpty else { return }
    pieces.append(bytes)
    byteCount += bytes.count
  }

  /// Takes the first piece, or as much of it as `limit` allows; nil when there is none or no room.
  package mutating func take(upTo limit: Int) -> [UInt8]? {
    guard !isEmpty, limit > 0 else { return nil }
    let piece = pieces[first]
    let end = limit >= piece.count - offset ? piece.count : offset + limit
    let taken = offset == 0 && end == piece.count ? piece : Array(piece[offset..<end])
    byteCount -= taken.count
    guard end == piece.count else {
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

  /// As much as `limit` allows: a part of the first piece, or as many whole ones as fit. Nil when there is nothing or no
  /// room.
  package mutating func takeMerged(upTo limit: Int) -> [UInt8]? {
    guard var bytes = take(upTo: limit) else { return nil }
    guard offset == 0 else { return bytes }
    while !isEmpty, pieces[first].count <= limit - bytes.count, let next = take(upTo: .max) { bytes += next }
    return bytes
  }

  /// Takes everything.
  package mutating func takeAll() -> [[UInt8]] {
    var all: [[UInt8]] = []
    while let next = take(upTo: .max) { all.append(next) }
    return all
  }
}
