import TestEnvironment

extension StreamSplit {
  /// Cuts a stream into pieces, one after the other.
  struct Pieces {
    private let split: StreamSplit
    private var random: ByteStream
    private var cut = 0

    init(_ split: StreamSplit, seed: UInt64) {
      self.split = split
      random = ByteStream(seed: ~seed)
    }

    /// The size of the next piece, at most `rest`.
    mutating func next(of rest: Int) -> Int {
      let size: Int =
        switch split {
        case .fixed(let size): size
        case .uniform(let most): 1 + Int(random.nextWord() % UInt64(max(1, most)))
        case .modulo3(let remainder): 3 * Self.third + remainder % 3
        case .singles(let first, let then): cut < first ? 1 : then
        }
      let taken = min(max(1, size), rest)
      cut += taken
      return taken
    }

    /// A third of the pieces of ``StreamSplit/modulo3(remainder:)``: no power of two.
    private static let third = 1_365
  }
}

/// Bytes that look random, the same for the same seed everywhere.
struct ByteStream {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func nextWord() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var word = state
    word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
    return word ^ (word >> 31)
  }

  mutating func next(_ count: Int) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      var index = 0
      while index < count {
        var word = nextWord()
        for _ in 0..<min(8, count - index) {
          buffer[index] = UInt8(truncatingIfNeeded: word)
          word >>= 8
          index += 1
        }
      }
      initialized = count
    }
  }
}
