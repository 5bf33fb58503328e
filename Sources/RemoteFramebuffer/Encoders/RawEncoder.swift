extension UpdateWriter {
  /// Rows from top to bottom.
  func encodeRaw(_ rectangle: Rectangle, _ source: PixelSource) {
    beginRectangle(rectangle, .raw)
    appendPixels(rectangle, source, to: sink)
  }

  /// The pixels of a rectangle in the client's format.
  func appendPixels(_ rectangle: Rectangle, _ source: PixelSource, to sink: ByteSink) {
    let encoder = encoder(.pixel)
    let rowSize = rectangle.width * encoder.byteCount
    var place = sink.reserve(rowSize * rectangle.height)
    let words = encoder.isIdentity ? nil : scratch.reserve(words: rectangle.width)
    for row in 0..<rectangle.height {
      let colours = source.row(rectangle.y + row, from: rectangle.x)
      if let words {
        encoder.translate(colours, words, count: rectangle.width)
        encoder.emit(words, count: rectangle.width, to: place)
      } else {
        encoder.emit(colours, count: rectangle.width, to: place)
      }
      place += rowSize
    }
    sink.advance(rowSize * rectangle.height)
  }

  /// Raw pixels through the connection's Zlib stream.
  func encodeZlib(_ rectangle: Rectangle, _ source: PixelSource) {
    beginRectangle(rectangle, .zlib)
    let lengthPlace = sink.count
    sink.uint32(0)
    zlibStream.setLevel(compressionLevel, into: sink)
    // In bands, so that the plain bytes stay in the processor's cache and the scratch stays small.
    let bandHeight = max(1, (1 << 14) / rectangle.width)
    var y = rectangle.y
    while y < rectangle.endY {
      let band = Rectangle(x: rectangle.x, y: y, width: rectangle.width, height: min(bandHeight, rectangle.endY - y))
      scratch.bytes.truncate(to: 0)
      appendPixels(band, source, to: scratch.bytes)
      y = band.endY
      zlibStream.compress(
        scratch.bytes.base, count: scratch.bytes.count, isLast: y == rectangle.endY, into: sink)
    }
    sink.patchUInt32(sink.count - lengthPlace - 4, at: lengthPlace)
  }
}
