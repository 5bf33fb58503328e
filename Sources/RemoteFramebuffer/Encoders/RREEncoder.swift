extension UpdateWriter {
  /// Rows of a block: the search for subrectangles works on one block at a time, so that its memory stays small.
  private static let rreBlock = 1 << 16

  /// One background and rectangles on it; Raw where that is no shorter.
  func encodeRRE(_ rectangle: Rectangle, _ source: PixelSource) {
    let height = max(1, UpdateWriter.rreBlock / rectangle.width)
    for y in stride(from: rectangle.y, to: rectangle.endY, by: height) {
      encodeRREBlock(
        Rectangle(x: rectangle.x, y: y, width: rectangle.width, height: min(height, rectangle.endY - y)), source)
    }
  }

  private func encodeRREBlock(_ rectangle: Rectangle, _ source: PixelSource) {
    let encoder = encoder(.pixel)
    let size = encoder.byteCount
    let words = scratch.load(rectangle, source, encoder)
    let start = sink.count
    beginRectangle(rectangle, .rre)
    let countPlace = sink.count
    sink.uint32(0)
    let background = Subrectangles.commonest(words, count: rectangle.area, scratch.palette)
    _ = encoder.emit(background, to: sink.reserve(4))
    sink.advance(size)
    // As long as Raw, or the most that the scan may give.
    let most = max(0, (rectangle.area * size - 4 - size) / (size + 8))
    var scan = Subrectangles(words: words, width: rectangle.width, height: rectangle.height, background: background)
    var count = 0
    while let found = scan.next() {
      count += 1
      guard count <= most else {
        revokeRectangle(at: start)
        encodeRaw(rectangle, source)
        return
      }
      let place = encoder.emit(found.word, to: sink.reserve(12))
      sink.advance(place - (sink.base + sink.count))
      sink.rectangle(found.area)
    }
    if 4 + size > rectangle.area * size {
      revokeRectangle(at: start)
      encodeRaw(rectangle, source)
      return
    }
    sink.patchUInt32(count, at: countPlace)
  }
}

/// Cuts what differs from a background into rectangles of one colour, from top left on.
struct Subrectangles {
  private let words: UnsafeMutablePointer<UInt32>
  private let width: Int
  private let height: Int
  private let background: UInt32
  private var index = 0

  /// The words are painted over with the background as rectangles are found.
  init(words: UnsafeMutablePointer<UInt32>, width: Int, height: Int, background: UInt32) {
    self.words = words
    self.width = width
    self.height = height
    self.background = background
  }

  /// The commonest of the first few words of a tile.
  static func commonest(_ words: UnsafePointer<UInt32>, count: Int, _ palette: Palette) -> UInt32 {
    palette.removeAll()
    return withUnsafeTemporaryAllocation(of: Int.self, capacity: Palette.capacity) { totals in
      totals.initialize(repeating: 0)
      var best = 0
      for index in 0..<count where palette.insert(words[index], limit: Palette.capacity) {
        let entry = Int(palette.index(of: words[index]))
        totals[entry] += 1
        // An earlier word wins a tie.
        if totals[entry] > totals[best] || (totals[entry] == totals[best] && entry < best) { best = entry }
      }
      return palette.words[best]
    }
  }

  /// The next rectangle: of the widest and of the tallest that begin at a pixel the larger one.
  mutating func next() -> (area: Rectangle, word: UInt32)? {
    let total = width * height
    while index < total && words[index] == background { index += 1 }
    guard index < total else { return nil }
    let word = words[index]
    let x = index % width
    let y = index / width
    let (wideWidth, wideHeight) = grow(x, y, word, isWideFirst: true)
    let (tallWidth, tallHeight) = grow(x, y, word, isWideFirst: false)
    let isWide = wideWidth * wideHeight >= tallWidth * tallHeight
    let area = Rectangle(
      x: x, y: y, width: isWide ? wideWidth : tallWidth, height: isWide ? wideHeight : tallHeight)
    for row in area.y..<area.endY {
      (words + row * width + x).update(repeating: background, count: area.width)
    }
    return (area, word)
  }

  private func grow(_ x: Int, _ y: Int, _ word: UInt32, isWideFirst: Bool) -> (width: Int, height: Int) {
    var across = 1
    var down = 1
    if isWideFirst {
      while x + across < width && words[y * width + x + across] == word { across += 1 }
      while y + down < height && isRow(x, y + down, across, word) { down += 1 }
    } else {
      while y + down < height && words[(y + down) * width + x] == word { down += 1 }
      while x + across < width && isColumn(x + across, y, down, word) { across += 1 }
    }
    return (across, down)
  }

  private func isRow(_ x: Int, _ y: Int, _ count: Int, _ word: UInt32) -> Bool {
    let line = words + y * width + x
    for column in 0..<count where line[column] != word { return false }
    return true
  }

  private func isColumn(_ x: Int, _ y: Int, _ count: Int, _ word: UInt32) -> Bool {
    for row in 0..<count where words[(y + row) * width + x] != word { return false }
    return true
  }
}
