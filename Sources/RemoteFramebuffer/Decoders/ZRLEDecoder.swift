extension ViewerSession {
  /// Bytes that the largest sound tile can take: every pixel a run of its own.
  private static let largestTile = 1 + 127 * 4 + 4096 * 5

  func readZRLETile(_ tile: Rectangle, _ inflater: Inflater, _ decoder: PixelDecoder) throws(RFBError) {
    if inflater.available < ViewerSession.largestTile { try inflater.fill(ViewerSession.largestTile) }
    try inflater.require(1)
    let subencoding = Int(inflater.pointer[0])
    inflater.consume(1)
    let colours = scratch.colours
    let area = tile.area
    switch subencoding {
    case 0:
      try inflater.require(area * decoder.byteCount)
      framebuffer.withRows(of: tile) { row, pixels in
        decoder.decode(inflater.pointer + row * tile.width * decoder.byteCount, pixels, count: tile.width)
      }
      inflater.consume(area * decoder.byteCount)
      return
    case 1:
      try inflater.require(decoder.byteCount)
      framebuffer.fill(tile, decoder.colour(inflater.pointer))
      inflater.consume(decoder.byteCount)
      return
    case 2...ZRLETile.packedPalette:
      try withPalette(subencoding, inflater, decoder) { (palette) throws(RFBError) in
        try readPacked(tile, subencoding, palette, inflater, colours)
      }
    case 128:
      try readRuns(area, inflater, colours) { (place, available) throws(RFBError) in
        guard available > decoder.byteCount else { throw .badZlibData("a run that is cut off") }
        return (decoder.colour(place), decoder.byteCount, true)
      }
    case 130...255:
      let count = subencoding - 128
      try withPalette(count, inflater, decoder) { (palette) throws(RFBError) in
        try readRuns(area, inflater, colours) { (place, _) throws(RFBError) in
          let index = Int(place[0] & 127)
          guard index < count else { throw .badEncodingData(.zrle, "index \(index) into \(count) colours") }
          return (palette[index], 1, place[0] & 128 != 0)
        }
      }
    default: throw .badEncodingData(.zrle, "subencoding \(subencoding)")
    }
    framebuffer.withRows(of: tile) { row, pixels in
      pixels.update(from: colours + row * tile.width, count: tile.width)
    }
  }

  /// Reads a palette of at most 127 colours.
  private func withPalette(
    _ count: Int, _ inflater: Inflater, _ decoder: PixelDecoder,
    _ body: (UnsafePointer<UInt32>) throws(RFBError) -> Void
  ) throws(RFBError) {
    try inflater.require(count * decoder.byteCount)
    let palette = scratch.palette
    decoder.decode(inflater.pointer, palette, count: count)
    inflater.consume(count * decoder.byteCount)
    try body(palette)
  }

  private func readPacked(
    _ tile: Rectangle, _ count: Int, _ palette: UnsafePointer<UInt32>, _ inflater: Inflater,
    _ colours: UnsafeMutablePointer<UInt32>
  ) throws(RFBError) {
    let bits = ZRLETile.indexBits(count)
    let mask = (1 << bits) - 1
    let rowSize = (tile.width * bits + 7) / 8
    try inflater.require(rowSize * tile.height)
    let bytes = inflater.pointer
    var largest = 0
    for row in 0..<tile.height {
      let line = bytes + row * rowSize
      var place = colours + row * tile.width
      var shift = 8 - bits
      var offset = 0
      for _ in 0..<tile.width {
        let index = Int(line[offset]) >> shift & mask
        largest = max(largest, index)
        // The palette's memory has room for every index; a wrong one is found below.
        place[0] = palette[index]
        place += 1
        shift -= bits
        if shift < 0 {
          shift = 8 - bits
          offset += 1
        }
      }
    }
    guard largest < count else { throw .badEncodingData(.zrle, "index \(largest) into \(count) colours") }
    inflater.consume(rowSize * tile.height)
  }

  /// Reads runs until the tile is full. `head` gives a run's colour, the bytes that took and whether a length follows.
  @inline(__always)
  private func readRuns(
    _ area: Int, _ inflater: Inflater, _ colours: UnsafeMutablePointer<UInt32>,
    _ head: (UnsafePointer<UInt8>, Int) throws(RFBError) -> (UInt32, Int, Bool)
  ) throws(RFBError) {
    // No honest tile is larger than what was made available; a dishonest one runs into the end.
    let start = inflater.pointer
    let available = inflater.available
    var offset = 0
    var filled = 0
    while filled < area {
      guard offset < available else { throw .badZlibData("less data than the rectangle needs") }
      let (colour, size, hasLength) = try head(start + offset, available - offset)
      offset += size
      var run = 1
      if hasLength {
        while true {
          guard offset < available else { throw .badZlibData("less data than the rectangle needs") }
          let byte = start[offset]
          offset += 1
          run += Int(byte)
          if byte != 255 { break }
        }
      }
      guard run <= area - filled else { throw .badEncodingData(.zrle, "a run of \(run) pixels beyond its tile") }
      (colours + filled).update(repeating: colour, count: run)
      filled += run
    }
    inflater.consume(offset)
  }
}
