extension UpdateWriter {
  /// Tiles of 64 x 64, each in the subencoding that is smallest before compression.
  func encodeZRLE(_ rectangle: Rectangle, _ source: PixelSource) {
    let encoder = encoder(.compressed)
    beginRectangle(rectangle, .zrle)
    let lengthPlace = sink.count
    sink.uint32(0)
    zrleStream.setLevel(compressionLevel, into: sink)
    let plain = scratch.bytes
    plain.truncate(to: 0)
    for y in stride(from: rectangle.y, to: rectangle.endY, by: ZRLETile.side) {
      let height = min(ZRLETile.side, rectangle.endY - y)
      for x in stride(from: rectangle.x, to: rectangle.endX, by: ZRLETile.side) {
        let tile = Rectangle(x: x, y: y, width: min(ZRLETile.side, rectangle.endX - x), height: height)
        let words = scratch.load(tile, source, encoder)
        ZRLETile(words: words, width: tile.width, height: height).append(to: plain, encoder, scratch.palette)
        if plain.count > 1 << 15 {
          zrleStream.compress(plain.base, count: plain.count, isLast: false, into: sink)
          plain.truncate(to: 0)
        }
      }
    }
    zrleStream.compress(plain.base, count: plain.count, isLast: true, into: sink)
    sink.patchUInt32(sink.count - lengthPlace - 4, at: lengthPlace)
  }
}

/// One tile of ZRLE as words.
struct ZRLETile {
  /// Pixels of a side.
  static let side = 64
  /// Colours of the largest palette with runs.
  static let runPalette = 127
  /// Colours of the largest palette with packed indices.
  static let packedPalette = 16

  let words: UnsafePointer<UInt32>
  let width: Int
  let height: Int
  private var area: Int { width * height }

  init(words: UnsafePointer<UInt32>, width: Int, height: Int) {
    self.words = words
    self.width = width
    self.height = height
  }

  /// Bits of an index into a palette of so many colours.
  static func indexBits(_ colours: Int) -> Int { colours <= 2 ? 1 : colours <= 4 ? 2 : 4 }

  func append(to sink: ByteSink, _ encoder: PixelEncoder, _ palette: Palette) {
    let pixel = encoder.byteCount
    palette.removeAll()
    var isPaletteFull = false
    var runBytes = 0
    var runs = 0
    var singles = 0
    let area = area
    var index = 0
    while index < area {
      let word = words[index]
      let start = index
      index += 1
      while index < area && words[index] == word { index += 1 }
      let run = index - start
      runs += 1
      if run == 1 { singles += 1 }
      runBytes += (run - 1) / 255 + 1
      if !isPaletteFull && !palette.insert(word, limit: ZRLETile.runPalette) { isPaletteFull = true }
    }
    if runs == 1 {
      let place = sink.reserve(1 + 4)
      place[0] = 1
      _ = encoder.emit(words[0], to: place + 1)
      sink.advance(1 + pixel)
      return
    }
    let raw = area * pixel
    let plainRuns = runs * pixel + runBytes
    var best = min(raw, plainRuns)
    var subencoding: UInt8 = raw <= plainRuns ? 0 : 128
    if !isPaletteFull {
      let colours = palette.count
      // A run of 1 is its index alone.
      let paletteRuns = colours * pixel + runs + runBytes - singles
      if paletteRuns < best {
        best = paletteRuns
        subencoding = UInt8(128 + colours)
      }
      if colours <= ZRLETile.packedPalette {
        let rowSize = (width * ZRLETile.indexBits(colours) + 7) / 8
        let packed = colours * pixel + rowSize * height
        if packed <= best {
          best = packed
          subencoding = UInt8(colours)
        }
      }
    }
    write(subencoding, size: best, to: sink, encoder, palette)
  }

  private func write(
    _ subencoding: UInt8, size: Int, to sink: ByteSink, _ encoder: PixelEncoder, _ palette: Palette
  ) {
    let start = sink.reserve(1 + size + 8)
    start[0] = subencoding
    var place = start + 1
    switch subencoding {
    case 0: place = encoder.emit(words, count: area, to: place)
    case 128: place = writeRuns(to: place, areSinglesBare: false) { encoder.emit($0, to: $2) }
    case 129...:
      place = encoder.emit(palette.words, count: palette.count, to: place)
      place = writeRuns(to: place, areSinglesBare: true) { word, run, place in
        place[0] = palette.index(of: word) | (run > 1 ? 128 : 0)
        return place + 1
      }
    default:
      place = encoder.emit(palette.words, count: palette.count, to: place)
      place = writePacked(bits: ZRLETile.indexBits(palette.count), to: place, palette)
    }
    sink.advance(place - start)
  }

  /// Writes every run: its head by `head`, then its length, which with a palette a run of 1 does not have.
  @inline(__always)
  private func writeRuns(
    to start: UnsafeMutablePointer<UInt8>, areSinglesBare: Bool,
    _ head: (_ word: UInt32, _ run: Int, _ place: UnsafeMutablePointer<UInt8>) -> UnsafeMutablePointer<UInt8>
  ) -> UnsafeMutablePointer<UInt8> {
    var place = start
    let area = area
    var index = 0
    while index < area {
      let word = words[index]
      let first = index
      index += 1
      while index < area && words[index] == word { index += 1 }
      place = head(word, index - first, place)
      var rest = index - first - 1
      if rest == 0 && areSinglesBare { continue }
      while rest >= 255 {
        place[0] = 255
        place += 1
        rest -= 255
      }
      place[0] = UInt8(truncatingIfNeeded: rest)
      place += 1
    }
    return place
  }

  private func writePacked(
    bits: Int, to start: UnsafeMutablePointer<UInt8>, _ palette: Palette
  ) -> UnsafeMutablePointer<UInt8> {
    var place = start
    var last = words[0]
    var lastIndex = palette.index(of: last)
    for row in 0..<height {
      let line = words + row * width
      var byte: UInt8 = 0
      var free = 8
      for column in 0..<width {
        if line[column] != last {
          last = line[column]
          lastIndex = palette.index(of: last)
        }
        free -= bits
        byte |= lastIndex << UInt8(free)
        if free == 0 {
          place[0] = byte
          place += 1
          byte = 0
          free = 8
        }
      }
      if free < 8 {
        place[0] = byte
        place += 1
      }
    }
    return place
  }
}
