extension UpdateWriter {
  /// Pixels of the smallest rectangle in which areas of one colour are looked for, and of the smallest such area.
  private static let tightSplit = 4096
  private static let tightSolid = 2048
  /// Pixels of one block at most.
  private static let tightBlock = 1 << 16
  /// Pixels of a side of the squares that are looked at first.
  private static let tightStep = 16

  /// Large areas of one colour as fills, the rest in blocks of two colours, few, or all.
  func encodeTight(_ rectangle: Rectangle, _ source: PixelSource) {
    // A list instead of recursion: a large picture has many such areas.
    var pending = [rectangle]
    while let part = pending.popLast() {
      guard part.area >= UpdateWriter.tightSplit, let solid = solidArea(in: part, source) else {
        encodeTightBlocks(part, source)
        continue
      }
      // Above and to the left of the first area there is no other.
      encodeTightBlocks(
        Rectangle(x: part.x, y: part.y, width: part.width, height: solid.y - part.y), source)
      encodeTightBlocks(Rectangle(x: part.x, y: solid.y, width: solid.x - part.x, height: solid.height), source)
      for x in stride(from: solid.x, to: solid.endX, by: RFBLimits.tightWidth) {
        let width = min(RFBLimits.tightWidth, solid.endX - x)
        encodeTightBlock(Rectangle(x: x, y: solid.y, width: width, height: solid.height), source, isSolid: true)
      }
      pending.append(
        Rectangle(x: part.x, y: solid.endY, width: part.width, height: part.endY - solid.endY))
      pending.append(
        Rectangle(x: solid.endX, y: solid.y, width: part.endX - solid.endX, height: solid.height))
    }
  }

  /// The first area of one colour that is worth a rectangle of its own.
  private func solidArea(in rectangle: Rectangle, _ source: PixelSource) -> Rectangle? {
    let step = UpdateWriter.tightStep
    for y in stride(from: rectangle.y, to: rectangle.endY, by: step) {
      for x in stride(from: rectangle.x, to: rectangle.endX, by: step) {
        let seed = Rectangle(
          x: x, y: y, width: min(step, rectangle.endX - x), height: min(step, rectangle.endY - y))
        let colour = source.row(y, from: x)[0]
        guard isSolid(seed, colour, source) else { continue }
        let grown = grow(seed, colour, in: rectangle, source)
        if grown.area >= UpdateWriter.tightSolid { return grown }
      }
    }
    return nil
  }

  private func isSolid(_ area: Rectangle, _ colour: UInt32, _ source: PixelSource) -> Bool {
    for y in area.y..<area.endY {
      let row = source.row(y, from: area.x)
      for column in 0..<area.width where row[column] != colour { return false }
    }
    return true
  }

  /// The area around a square of one colour: as wide as the squares go, then downwards; or the other way round.
  private func grow(_ seed: Rectangle, _ colour: UInt32, in rectangle: Rectangle, _ source: PixelSource) -> Rectangle {
    var wide = seed
    extendRight(&wide, colour, rectangle, source)
    extendDown(&wide, colour, rectangle, source)
    var tall = seed
    extendDown(&tall, colour, rectangle, source)
    extendRight(&tall, colour, rectangle, source)
    return wide.area >= tall.area ? wide : tall
  }

  private func extendRight(
    _ area: inout Rectangle, _ colour: UInt32, _ rectangle: Rectangle, _ source: PixelSource
  ) {
    while area.endX < rectangle.endX,
      isSolid(Rectangle(x: area.endX, y: area.y, width: 1, height: area.height), colour, source)
    { area.width += 1 }
  }

  private func extendDown(
    _ area: inout Rectangle, _ colour: UInt32, _ rectangle: Rectangle, _ source: PixelSource
  ) {
    while area.endY < rectangle.endY,
      isSolid(Rectangle(x: area.x, y: area.endY, width: area.width, height: 1), colour, source)
    { area.height += 1 }
  }

  private func encodeTightBlocks(_ rectangle: Rectangle, _ source: PixelSource) {
    guard !rectangle.isEmpty else { return }
    for x in stride(from: rectangle.x, to: rectangle.endX, by: RFBLimits.tightWidth) {
      let width = min(RFBLimits.tightWidth, rectangle.endX - x)
      let height = max(1, UpdateWriter.tightBlock / width)
      for y in stride(from: rectangle.y, to: rectangle.endY, by: height) {
        encodeTightBlock(
          Rectangle(x: x, y: y, width: width, height: min(height, rectangle.endY - y)), source, isSolid: false)
      }
    }
  }

  private func encodeTightBlock(_ block: Rectangle, _ source: PixelSource, isSolid: Bool) {
    let encoder = encoder(.tight)
    beginRectangle(block, .tight)
    let words = scratch.load(isSolid ? Rectangle(x: block.x, y: block.y, width: 1, height: 1) : block, source, encoder)
    let palette = scratch.palette
    palette.removeAll()
    let count = isSolid ? 1 : block.area
    // Indices save nothing where pixels have one byte; a large palette must pay for itself.
    let limit = encoder.byteCount == 1 ? 2 : min(Palette.capacity, max(2, count / 32))
    var last = ~words[0]
    var isPaletteFull = false
    for index in 0..<count where words[index] != last {
      last = words[index]
      if !palette.insert(last, limit: limit) {
        isPaletteFull = true
        break
      }
    }
    if isPaletteFull {
      let hasChannels = format.isTrueColour && format.bitsPerPixel > 8
      if allowsGradient && hasChannels {
        writeGradient(block, words)
      } else {
        sink.uint8(UInt8(Tight.colourStream << 4))
        let bytes = scratch.bytes
        bytes.truncate(to: 0)
        encoder.emit(words, count: count, to: bytes.reserve(count * encoder.byteCount))
        bytes.advance(count * encoder.byteCount)
        writeTightData(stream: Tight.colourStream)
      }
    } else if palette.count == 1 {
      sink.uint8(Tight.fill)
      writeTightPixels(palette.words, count: 1, encoder)
    } else {
      writePalette(block, words, encoder)
    }
  }

  private func writeTightPixels(_ words: UnsafePointer<UInt32>, count: Int, _ encoder: PixelEncoder) {
    encoder.emit(words, count: count, to: sink.reserve(count * 4))
    sink.advance(count * encoder.byteCount)
  }

  private func writePalette(_ block: Rectangle, _ words: UnsafePointer<UInt32>, _ encoder: PixelEncoder) {
    let palette = scratch.palette
    let hasTwo = palette.count == 2
    let stream = hasTwo ? Tight.twoColourStream : Tight.paletteStream
    sink.uint8(Tight.explicitFilter | UInt8(stream << 4))
    sink.uint8(Tight.paletteFilter)
    sink.uint8(UInt8(palette.count - 1))
    writeTightPixels(palette.words, count: palette.count, encoder)
    let bytes = scratch.bytes
    bytes.truncate(to: 0)
    let rowSize = hasTwo ? (block.width + 7) / 8 : block.width
    var place = bytes.reserve(rowSize * block.height)
    var last = words[0]
    var lastIndex = palette.index(of: last)
    for row in 0..<block.height {
      let line = words + row * block.width
      var byte: UInt8 = 0
      for column in 0..<block.width {
        if line[column] != last {
          last = line[column]
          lastIndex = palette.index(of: last)
        }
        if !hasTwo {
          place[column] = lastIndex
        } else {
          byte |= lastIndex << UInt8(7 - column & 7)
          if column & 7 == 7 || column == block.width - 1 {
            place[column >> 3] = byte
            byte = 0
          }
        }
      }
      place += rowSize
    }
    bytes.advance(rowSize * block.height)
    writeTightData(stream: stream)
  }

  private func writeGradient(_ block: Rectangle, _ words: UnsafePointer<UInt32>) {
    let channels = TightChannels(format)
    let encoder = encoder(.tight)
    sink.uint8(Tight.explicitFilter | UInt8(Tight.gradientStream << 4))
    sink.uint8(Tight.gradientFilter)
    let bytes = scratch.bytes
    bytes.truncate(to: 0)
    var place = bytes.reserve(block.area * encoder.byteCount + 4)
    let none = (0, 0, 0)
    for row in 0..<block.height {
      var left = none
      var aboveLeft = none
      for column in 0..<block.width {
        let index = row * block.width + column
        let above = row > 0 ? channels.split(words[index - block.width]) : none
        let value = channels.split(words[index])
        let expected = channels.prediction(left: left, above: above, aboveLeft: aboveLeft)
        place = encoder.emit(
          channels.join((value.0 - expected.0, value.1 - expected.1, value.2 - expected.2)), to: place)
        left = value
        aboveLeft = above
      }
    }
    bytes.advance(block.area * encoder.byteCount)
    writeTightData(stream: Tight.gradientStream)
  }

  /// Sends the filtered bytes of the scratch.
  private func writeTightData(stream: Int) {
    let bytes = scratch.bytes
    guard bytes.count >= Tight.shortestCompressed else {
      sink.append(UnsafeBufferPointer(start: bytes.base, count: bytes.count))
      return
    }
    let deflater = tightStreams[stream] ?? Deflater(level: compressionLevel)
    tightStreams[stream] = deflater
    // The length comes first but is known last: room for the longest form, closed up afterwards.
    let start = sink.count
    sink.zeros(3)
    deflater.setLevel(compressionLevel, into: sink)
    deflater.compress(bytes.base, count: bytes.count, isLast: true, into: sink)
    let count = sink.count - start - 3
    let length = Tight.compactLength(count)
    let place = sink.base + start
    if length.count < 3 { (place + length.count).update(from: place + 3, count: count) }
    for (index, byte) in length.enumerated() { place[index] = byte }
    sink.truncate(to: start + length.count + count)
  }
}
