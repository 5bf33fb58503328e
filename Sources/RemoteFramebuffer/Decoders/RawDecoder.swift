extension ViewerSession {
  /// Draws every row that is there.
  func readRaw() throws(RFBError) -> Bool {
    let decoder = decoder(.pixel)
    let rowSize = target.width * decoder.byteCount
    guard rowSize > 0 else { return true }
    let rows = min(input.count / rowSize, target.height - progress.done)
    if rows > 0 {
      let part = Rectangle(x: target.x, y: target.y + progress.done, width: target.width, height: rows)
      try input.withBytes { bytes in
        guard let base = bytes.baseAddress else { return }
        framebuffer.withRows(of: part) { row, pixels in
          decoder.decode(base + row * rowSize, pixels, count: part.width)
        }
      }
      input.consume(rows * rowSize)
      progress.done += rows
    }
    return progress.done == target.height
  }

  /// Reads U32 length, then gives all bytes of the part to `body`; false when they are not there.
  func readCompressed(
    limit: Int, _ body: (UnsafePointer<UInt8>, Int) throws(RFBError) -> Void
  ) throws(RFBError) -> Bool {
    if progress.announced == nil {
      guard input.count >= 4 else { return false }
      let length = Int(input.uint32(at: 0))
      guard length <= limit else { throw .lengthTooLarge("\(encoding) data", length, limit: limit) }
      input.consume(4)
      progress.announced = length
    }
    guard let length = progress.announced, input.count >= length else { return false }
    try input.withBytes { (bytes) throws(RFBError) in
      guard let base = bytes.baseAddress else { throw RFBError.badZlibData("no data") }
      try body(base, length)
    }
    input.consume(length)
    return true
  }

  /// More compressed bytes than any honest server needs for the target.
  private func compressedLimit(_ plain: Int) -> Int { plain + plain / 64 + (1 << 14) }

  func readZlib() throws(RFBError) -> Bool {
    let decoder = decoder(.pixel)
    let size = decoder.byteCount
    return try readCompressed(limit: compressedLimit(target.area * size)) { (bytes, count) throws(RFBError) in
      let inflater = zlibStream
      try inflater.begin(bytes, count: count)
      for row in 0..<target.height {
        var column = 0
        while column < target.width {
          let part = min(target.width - column, Inflater.windowSize / 4)
          try inflater.require(part * size)
          framebuffer.withRows(
            of: Rectangle(x: target.x + column, y: target.y + row, width: part, height: 1)
          ) { decoder.decode(inflater.pointer, $1, count: part) }
          inflater.consume(part * size)
          column += part
        }
      }
      try inflater.finishPart()
    }
  }

  func readZRLE() throws(RFBError) -> Bool {
    let decoder = decoder(.compressed)
    let side = ZRLETile.side
    let tiles = ((target.width + side - 1) / side) * ((target.height + side - 1) / side)
    let limit = compressedLimit(target.area * (decoder.byteCount + 1) + tiles * 512)
    return try readCompressed(limit: limit) { (bytes, count) throws(RFBError) in
      let inflater = zrleStream
      try inflater.begin(bytes, count: count)
      for y in stride(from: target.y, to: target.endY, by: side) {
        for x in stride(from: target.x, to: target.endX, by: side) {
          let tile = Rectangle(
            x: x, y: y, width: min(side, target.endX - x), height: min(side, target.endY - y))
          try readZRLETile(tile, inflater, decoder)
        }
      }
      try inflater.finishPart()
    }
  }
}
