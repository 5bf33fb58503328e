extension ViewerSession {
  /// Draws every tile that is there as a whole.
  func readHextile() throws(RFBError) -> Bool {
    let decoder = decoder(.pixel)
    let columns = (target.width + Hextile.side - 1) / Hextile.side
    let rows = (target.height + Hextile.side - 1) / Hextile.side
    while progress.done < columns * rows {
      let x = target.x + progress.done % columns * Hextile.side
      let y = target.y + progress.done / columns * Hextile.side
      let tile = Rectangle(
        x: x, y: y, width: min(Hextile.side, target.endX - x), height: min(Hextile.side, target.endY - y))
      let used = try input.withBytes { (bytes) throws(RFBError) in
        guard let base = bytes.baseAddress else { return 0 }
        return try drawHextile(tile, base, available: bytes.count, decoder)
      }
      guard used > 0 else { return false }
      input.consume(used)
      progress.done += 1
    }
    return true
  }

  /// Bytes of a tile; 0 when they are not all there.
  private func drawHextile(
    _ tile: Rectangle, _ bytes: UnsafePointer<UInt8>, available: Int, _ decoder: PixelDecoder
  ) throws(RFBError) -> Int {
    guard available > 0 else { return 0 }
    let size = decoder.byteCount
    let mask = bytes[0]
    if mask & Hextile.raw != 0 {
      guard available >= 1 + tile.area * size else { return 0 }
      framebuffer.withRows(of: tile) { row, pixels in
        decoder.decode(bytes + 1 + row * tile.width * size, pixels, count: tile.width)
      }
      progress.background = nil
      progress.foreground = nil
      return 1 + tile.area * size
    }
    let isColoured = mask & Hextile.coloured != 0
    let hasBackground = mask & Hextile.background != 0
    let hasForeground = mask & Hextile.foreground != 0
    let hasSubrectangles = mask & Hextile.subrectangles != 0
    var offset = 1 + (hasBackground ? size : 0) + (hasForeground ? size : 0)
    guard available >= offset + (hasSubrectangles ? 1 : 0) else { return 0 }
    let count = hasSubrectangles ? Int(bytes[offset]) : 0
    let subrectangleSize = isColoured ? size + 2 : 2
    let total = offset + (hasSubrectangles ? 1 + count * subrectangleSize : 0)
    guard available >= total else { return 0 }

    if hasBackground { progress.background = decoder.colour(bytes + 1) }
    if hasForeground { progress.foreground = decoder.colour(bytes + 1 + (hasBackground ? size : 0)) }
    guard let background = progress.background else { throw .badEncodingData(.hextile, "no background") }
    framebuffer.fill(tile, background)
    if hasSubrectangles { offset += 1 }
    for _ in 0..<count {
      var place = bytes + offset
      var colour = progress.foreground
      if isColoured {
        colour = decoder.colour(place)
        place += size
      }
      guard let colour else { throw .badEncodingData(.hextile, "no foreground") }
      let x = Int(place[0] >> 4)
      let y = Int(place[0] & 15)
      let width = Int(place[1] >> 4) + 1
      let height = Int(place[1] & 15) + 1
      guard x + width <= tile.width, y + height <= tile.height else {
        throw .badEncodingData(.hextile, "a subrectangle beyond its tile")
      }
      framebuffer.fill(Rectangle(x: tile.x + x, y: tile.y + y, width: width, height: height), colour)
      offset += subrectangleSize
    }
    if isColoured { progress.foreground = nil }
    return total
  }
}
