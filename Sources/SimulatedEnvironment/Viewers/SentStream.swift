import SimulationRuntime

/// One direction of a stream as it was written: compares what arrives with it, in order (I-VNC-BYTES).
///
/// It keeps the writer's own buffers, which nobody changes, and lets go of each when all of it has arrived.
struct SentStream {
  /// How a piece that arrived compares.
  enum Comparison: Equatable {
    case equal
    /// The place in the stream of the first byte that differs or was never sent.
    case different(offset: Int)
  }

  private var chunks: [[UInt8]] = []
  /// When each was sent.
  private var times: [Instant] = []
  private var head = 0
  /// Bytes of the first chunk that have arrived.
  private var headOffset = 0
  /// Bytes that arrived in order so far.
  private(set) var arrived = 0
  /// Chunks that arrived lately, for those who look where foreign bytes come from.
  private var recent: [[UInt8]] = []

  private static let recentKept = 16

  mutating func append(_ bytes: [UInt8], at time: Instant) {
    guard !bytes.isEmpty else { return }
    chunks.append(bytes)
    times.append(time)
  }

  /// When the oldest byte was sent that has not arrived; nil: all have.
  var waitingSince: Instant? { head < times.count ? times[head] : nil }

  /// Compares the next bytes that arrived.
  mutating func match(_ bytes: [UInt8]) -> Comparison {
    var index = 0
    while index < bytes.count {
      guard head < chunks.count else { return .different(offset: arrived) }
      let count = min(bytes.count - index, chunks[head].count - headOffset)
      if let place = Self.difference(chunks[head], headOffset, bytes, index, count) {
        return .different(offset: arrived + place)
      }
      index += count
      arrived += count
      headOffset += count
      if headOffset == chunks[head].count { dropHead() }
    }
    return .equal
  }

  private mutating func dropHead() {
    recent.append(chunks[head])
    if recent.count > 2 * Self.recentKept { recent.removeFirst(Self.recentKept) }
    chunks[head] = []
    head += 1
    headOffset = 0
    if head == chunks.count {
      chunks.removeAll(keepingCapacity: true)
      times.removeAll(keepingCapacity: true)
      head = 0
    } else if head > 64, head * 2 > chunks.count {
      chunks.removeFirst(head)
      times.removeFirst(head)
      head = 0
    }
  }

  /// The first of `count` bytes that differs.
  private static func difference(
    _ sent: [UInt8], _ from: Int, _ arrived: [UInt8], _ start: Int, _ count: Int
  ) -> Int? {
    sent.withUnsafeBytes { sent in
      arrived.withUnsafeBytes { arrived in
        let sent = UnsafeRawBufferPointer(rebasing: sent[from..<(from + count)])
        let arrived = UnsafeRawBufferPointer(rebasing: arrived[start..<(start + count)])
        // Mostly it is one buffer, handed on along the path.
        guard sent.baseAddress != arrived.baseAddress else { return nil }
        var place = 0
        while place + 8 <= count,
          sent.loadUnaligned(fromByteOffset: place, as: UInt64.self)
            == arrived.loadUnaligned(fromByteOffset: place, as: UInt64.self)
        {
          place += 8
        }
        return (place..<count).first { sent[$0] != arrived[$0] }
      }
    }
  }

  /// Whether a piece of at least ``telling`` bytes that this stream carries begins as `bytes` do.
  func carries(_ bytes: ArraySlice<UInt8>) -> Bool {
    let wanted = bytes.prefix(Self.telling)
    guard wanted.count == Self.telling else { return false }
    return recent.contains { Self.contains($0, wanted) } || chunks[head...].contains { Self.contains($0, wanted) }
  }

  /// So many bytes are not alike by chance; a version line and an empty update are shorter.
  private static let telling = 32

  private static func contains(_ chunk: [UInt8], _ wanted: ArraySlice<UInt8>) -> Bool {
    guard chunk.count >= wanted.count else { return false }
    return (0...(chunk.count - wanted.count)).contains { place in
      chunk[place] == wanted[wanted.startIndex] && chunk[place..<(place + wanted.count)].elementsEqual(wanted)
    }
  }
}
