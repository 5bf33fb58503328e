/// The few different words of a tile, in the order in which they came.
final class Palette {
  /// Words that it can hold.
  static let capacity = 256
  private static let slotCount = 1024

  private(set) var count = 0
  let words: UnsafeMutablePointer<UInt32>
  // Open addressing. A slot counts only when its mark is that of the current tile: clearing is one addition.
  private let keys: UnsafeMutablePointer<UInt32>
  private let marks: UnsafeMutablePointer<UInt32>
  private let indices: UnsafeMutablePointer<UInt8>
  private var mark: UInt32 = 0

  init() {
    words = .allocate(capacity: Palette.capacity)
    keys = .allocate(capacity: Palette.slotCount)
    marks = .allocate(capacity: Palette.slotCount)
    indices = .allocate(capacity: Palette.slotCount)
    marks.initialize(repeating: 0, count: Palette.slotCount)
  }

  deinit {
    words.deallocate()
    keys.deallocate()
    marks.deallocate()
    indices.deallocate()
  }

  func removeAll() {
    count = 0
    mark &+= 1
    if mark == 0 {
      marks.update(repeating: 0, count: Palette.slotCount)
      mark = 1
    }
  }

  @inline(__always)
  private func slot(of word: UInt32) -> Int {
    var slot = Int((word &* 0x9e37_79b1) >> 22)
    while marks[slot] == mark && keys[slot] != word { slot = (slot + 1) & (Palette.slotCount - 1) }
    return slot
  }

  /// Adds a word unless it is there; false when there is no room below `limit` words.
  @inline(__always)
  func insert(_ word: UInt32, limit: Int) -> Bool {
    let slot = slot(of: word)
    if marks[slot] == mark { return true }
    guard count < limit else { return false }
    marks[slot] = mark
    keys[slot] = word
    indices[slot] = UInt8(truncatingIfNeeded: count)
    words[count] = word
    count += 1
    return true
  }

  /// The place of a word that is there.
  @inline(__always)
  func index(of word: UInt32) -> UInt8 { indices[slot(of: word)] }
}
