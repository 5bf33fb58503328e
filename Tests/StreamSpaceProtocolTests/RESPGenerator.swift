@testable import StreamSpaceProtocol

/// Makes protocol values from a seed, for property tests.
struct RESPGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  /// A number in `0..<bound` (splitmix64).
  mutating func draw(_ bound: Int) -> Int {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return Int((mixed ^ (mixed >> 31)) % UInt64(bound))
  }

  /// Bytes of any kind, line ends and type bytes among them more often than by chance.
  mutating func bytes(upTo limit: Int) -> [UInt8] {
    (0..<draw(limit + 1)).map { _ in
      draw(3) == 0 ? Array("\r\n$*:+-_\0\u{7f}".utf8)[draw(10)] : UInt8(draw(256))
    }
  }

  /// A text without line ends.
  mutating func line() -> String {
    String((0..<draw(12)).map { _ in Array("ERR okay'\"é\u{1F4E6} 0".filter { $0 != "\r" })[draw(14)] })
  }

  mutating func request() -> [[UInt8]] {
    (0...draw(6)).map { _ in bytes(upTo: 20) }
  }

  mutating func value(depth: Int = 3) -> RESPValue {
    switch draw(depth > 0 ? 14 : 10) {
    case 0: .simple(line())
    case 1: .error(line())
    case 2: .integer([0, 1, -1, .max, .min, Int64(draw(1_000_000)) - 500_000][draw(6)])
    case 3, 4: .bulk(bytes(upTo: 40))
    case 5: .null
    case 6: .verbatim(format: ["txt", "mkd"][draw(2)], text: bytes(upTo: 20))
    case 7: .boolean(draw(2) == 0)
    case 8: .double(["1.5", "inf", "-0.25"][draw(3)])
    case 9: .bigNumber("\(draw(1_000_000))000000000000000000000")
    case 10: .array((0..<draw(4)).map { _ in value(depth: depth - 1) })
    case 11: .set((0..<draw(4)).map { _ in value(depth: depth - 1) })
    case 12: .push((0...draw(3)).map { _ in value(depth: depth - 1) })
    default: .map((0..<draw(4)).map { _ in RESPMapEntry(value(depth: depth - 1), value(depth: depth - 1)) })
    }
  }

  /// Cuts bytes into pieces at drawn places.
  mutating func split(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] {
    var pieces: [ArraySlice<UInt8>] = []
    var start = 0
    while start < bytes.count {
      let end = min(bytes.count, start + 1 + draw(9))
      pieces.append(bytes[start..<end])
      start = end
    }
    return pieces
  }
}
