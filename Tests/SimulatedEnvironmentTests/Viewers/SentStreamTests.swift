import SimulationRuntime
import TestEnvironment
import Testing

@testable import SimulatedEnvironment

@Suite("A stream as it was sent")
struct SentStreamTests {
  @Test("arrives in any other split", arguments: 1...20)
  func splits(_ seed: UInt64) {
    var random = ByteStream(seed: seed)
    let bytes = random.next(20_000)
    var stream = SentStream()
    for piece in pieces(of: bytes, .uniform(most: 900), seed) { stream.append(piece, at: .start) }
    for piece in pieces(of: bytes, .uniform(most: 1_200), seed + 1) { #expect(stream.match(piece) == .equal) }
    #expect(stream.arrived == bytes.count)
  }

  @Test("tells the place of a changed, missing, doubled or invented byte", arguments: 1...20)
  func places(_ seed: UInt64) {
    var random = ByteStream(seed: seed)
    let bytes = random.next(5_000)
    let place = Int(random.nextWord() % 4_000)
    var changed = bytes
    changed[place] ^= 1
    #expect(offset(of: bytes, arriving: changed, seed) == place)
    // Neighbours may be alike: the first difference is at the place or behind it.
    var missing = bytes
    missing.remove(at: place)
    #expect((offset(of: bytes, arriving: missing, seed) ?? -1) >= place)
    var doubled = bytes
    doubled.insert(bytes[place], at: place)
    #expect((offset(of: bytes, arriving: doubled, seed) ?? -1) > place)
    #expect(offset(of: bytes, arriving: bytes + [0], seed) == bytes.count)
    #expect(offset(of: bytes, arriving: bytes, seed) == nil)
  }

  @Test("is known by a piece of it, also one that has arrived")
  func carries() {
    var random = ByteStream(seed: 7)
    var stream = SentStream()
    let first = random.next(300)
    let second = random.next(300)
    stream.append(first, at: .start)
    stream.append(second, at: .start)
    _ = stream.match(first)
    #expect(stream.carries(first[100..<200]))
    #expect(stream.carries(second[0..<64]))
    #expect(!stream.carries(random.next(64)[...]))
    #expect(!stream.carries(first[0..<12]))
  }

  private func offset(of sent: [UInt8], arriving: [UInt8], _ seed: UInt64) -> Int? {
    var stream = SentStream()
    for piece in pieces(of: sent, .uniform(most: 700), seed) { stream.append(piece, at: .start) }
    for piece in pieces(of: arriving, .uniform(most: 500), seed + 2) {
      if case .different(let offset) = stream.match(piece) { return offset }
    }
    return nil
  }

  private func pieces(of bytes: [UInt8], _ split: StreamSplit, _ seed: UInt64) -> [[UInt8]] {
    var pieces = StreamSplit.Pieces(split, seed: seed)
    var rest = bytes[...]
    var all: [[UInt8]] = []
    while !rest.isEmpty {
      let count = pieces.next(of: rest.count)
      all.append(Array(rest.prefix(count)))
      rest = rest.dropFirst(count)
    }
    return all
  }

  @Test("splits cut as they say")
  func sizes() {
    func sizes(_ split: StreamSplit, of count: Int) -> [Int] {
      pieces(of: [UInt8](repeating: 0, count: count), split, 3).map(\.count)
    }
    #expect(sizes(.fixed(32), of: 100) == [32, 32, 32, 4])
    #expect(sizes(.singles(first: 3, then: 10), of: 20) == [1, 1, 1, 10, 7])
    for remainder in 1...2 {
      #expect(sizes(.modulo3(remainder: remainder), of: 20_000).dropLast().allSatisfy { $0 % 3 == remainder })
    }
    let uniform = sizes(.uniform(most: 32_768), of: 10_000_000)
    #expect(uniform.allSatisfy { (1...32_768).contains($0) })
    #expect(Set(uniform).count > uniform.count / 2)
  }
}
