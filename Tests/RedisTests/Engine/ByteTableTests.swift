import Testing

@testable import Redis

@Suite("The table of keys")
struct ByteTableTests {
  @Test("it is a dictionary that remembers the order of insertion")
  func modelled() {
    for seed in UInt64(0)..<20 {
      var random = RandomCommands(seed: seed, time: 0)
      var table = ByteTable<Int>()
      var model: [(key: ByteString, value: Int)] = []
      for step in 0..<600 {
        let key = ByteString("k\(random.draw(80))")
        let index = model.firstIndex { $0.key == key }
        if random.draw(3) > 0 {
          #expect(table.update(key, to: step) == index.map { model[$0].value })
          if let index { model[index].value = step } else { model.append((key, step)) }
        } else {
          #expect(table.remove(key) == index.map { model.remove(at: $0).value })
        }
        #expect(table[key] == model.first { $0.key == key }?.value)
      }
      #expect(table.count == model.count)
      #expect(table.entries.map(\.key) == model.map(\.key), "seed \(seed)")
      #expect(table.entries.map(\.value) == model.map(\.value), "seed \(seed)")
    }
  }

  @Test("a scan under changes meets every key that stays exactly once")
  func scanning() {
    for seed in UInt64(0)..<30 {
      var random = RandomCommands(seed: seed, time: 0)
      var table = ByteTable<Int>()
      for number in 0..<200 { table.update(ByteString("k\(number)"), to: 0) }
      var cursor: UInt64 = 0
      var met: [ByteString] = []
      repeat {
        let (entries, next) = table.scan(from: cursor, limit: 1 + random.draw(20))
        met += entries.map(\.key)
        cursor = next
        // Odd keys come and go; even keys stay.
        for _ in 0..<40 {
          let key = ByteString("k\(random.draw(100) * 2 + 1)")
          if random.draw(2) == 0 { table.remove(key) } else { table.update(key, to: 1) }
        }
      } while cursor != 0
      for number in stride(from: 0, to: 200, by: 2) {
        #expect(met.count { $0 == ByteString("k\(number)") } == 1, "seed \(seed), key \(number)")
      }
    }
  }

  @Test("any cursor is legal")
  func foreignCursor() {
    var table = ByteTable<Int>()
    table.update(ByteString("k"), to: 1)
    #expect(table.scan(from: .max, limit: 10).entries.isEmpty)
    #expect(table.scan(from: .max, limit: 10).next == 0)
  }
}
