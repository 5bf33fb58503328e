/// Numbers of Hextile.
enum Hextile {
  /// Pixels of a tile's side.
  static let side = 16
  static let raw: UInt8 = 1
  static let background: UInt8 = 2
  static let foreground: UInt8 = 4
  static let subrectangles: UInt8 = 8
  static let coloured: UInt8 = 16
}

extension UpdateWriter {
  /// Tiles of 16 x 16, each a background with rectangles on it or raw.
  func encodeHextile(_ rectangle: Rectangle, _ source: PixelSource) {
    beginRectangle(rectangle, .hextile)
    let encoder = encoder(.pixel)
    var carried = HextileCarry()
    for y in stride(from: rectangle.y, to: rectangle.endY, by: Hextile.side) {
      let height = min(Hextile.side, rectangle.endY - y)
      for x in stride(from: rectangle.x, to: rectangle.endX, by: Hextile.side) {
        let tile = Rectangle(x: x, y: y, width: min(Hextile.side, rectangle.endX - x), height: height)
        encodeHextileTile(tile, source, encoder, &carried)
      }
    }
  }

  /// What the client remembers from the tile before.
  private struct HextileCarry {
    var background: UInt32?
    var foreground: UInt32?
  }

  private func encodeHextileTile(
    _ tile: Rectangle, _ source: PixelSource, _ encoder: PixelEncoder, _ carried: inout HextileCarry
  ) {
    let size = encoder.byteCount
    let rawSize = tile.area * size
    let words = scratch.load(tile, source, encoder)
    let background = Subrectangles.commonest(words, count: tile.area, scratch.palette)
    let colours = scratch.palette.count
    let start = sink.count
    // No coded tile may pass the raw one, so this is room enough.
    var place = sink.reserve(rawSize + 64)
    let limit = place + rawSize
    let head = place
    var mask: UInt8 = 0
    place += 1
    if carried.background != background {
      mask |= Hextile.background
      place = encoder.emit(background, to: place)
    }
    var next = HextileCarry(background: background, foreground: carried.foreground)
    var isRaw = false
    if colours > 1 {
      mask |= Hextile.subrectangles
      let isColoured = colours > 2
      if isColoured {
        mask |= Hextile.coloured
        next.foreground = nil
      } else {
        let foreground = scratch.palette.words[scratch.palette.words[0] == background ? 1 : 0]
        if carried.foreground != foreground {
          mask |= Hextile.foreground
          place = encoder.emit(foreground, to: place)
          next.foreground = foreground
        }
      }
      let countPlace = place
      place += 1
      var count = 0
      var scan = Subrectangles(words: words, width: tile.width, height: tile.height, background: background)
      while let found = scan.next() {
        count += 1
        // Checked before writing: a subrectangle takes at most 6 bytes.
        if place >= limit || count > 255 {
          isRaw = true
          break
        }
        if isColoured { place = encoder.emit(found.word, to: place) }
        place[0] = UInt8(found.area.x << 4 | found.area.y)
        place[1] = UInt8((found.area.width - 1) << 4 | (found.area.height - 1))
        place += 2
      }
      countPlace[0] = UInt8(truncatingIfNeeded: count)
    }
    if isRaw || place - head > rawSize {
      sink.truncate(to: start)
      sink.uint8(Hextile.raw)
      appendPixels(tile, source, to: sink)
      carried = HextileCarry()
    } else {
      head[0] = mask
      sink.advance(place - head)
      carried = next
    }
  }
}
