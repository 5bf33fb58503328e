/// How the data of a Tight rectangle are to be read.
struct TightData {
  var stream: Int
  var filter: UInt8
  /// Colours of a palette filter.
  var palette: [UInt32] = []
  /// Bytes of a row.
  var rowSize: Int
}

extension ViewerSession {
  func readTight() throws(RFBError) -> Bool {
    guard target.width <= RFBLimits.tightWidth else {
      throw .lengthTooLarge("width of a Tight rectangle", target.width, limit: RFBLimits.tightWidth)
    }
    if progress.tight == nil {
      guard let isDone = try readTightHead() else { return false }
      if isDone { return true }
    }
    guard let data = progress.tight else { return false }
    return try readTightData(data)
  }

  /// Reads everything before the data; true when there are none, nil when more bytes are needed.
  private func readTightHead() throws(RFBError) -> Bool? {
    guard input.count >= 1 else { return nil }
    let control = input.uint8(at: 0)
    let decoder = decoder(.tight)
    let size = decoder.byteCount
    switch control & 0xf0 {
    case Tight.fill:
      guard input.count >= 1 + size else { return nil }
      resetTightStreams(control)
      framebuffer.fill(target, try colour(at: 1, decoder))
      input.consume(1 + size)
      return true
    case Tight.jpeg: throw .jpegNotSupported
    case 0x00...0x7f: break
    default: throw .badEncodingData(.tight, "control byte \(control)")
    }
    var offset = 1
    var data = TightData(
      stream: Int(control >> 4 & 3), filter: Tight.copyFilter, rowSize: target.width * size)
    if control & Tight.explicitFilter != 0 {
      guard input.count >= 2 else { return nil }
      data.filter = input.uint8(at: 1)
      offset = 2
    }
    switch data.filter {
    case Tight.copyFilter: break
    case Tight.paletteFilter:
      guard input.count >= 3 else { return nil }
      let count = Int(input.uint8(at: 2)) + 1
      offset = 3 + count * size
      guard input.count >= offset else { return nil }
      for index in 0..<count { data.palette.append(try colour(at: 3 + index * size, decoder)) }
      data.rowSize = count <= 2 ? (target.width + 7) / 8 : target.width
    case Tight.gradientFilter:
      guard format.isTrueColour, format.bitsPerPixel > 8 else {
        throw .badEncodingData(.tight, "a gradient of \(format.bitsPerPixel) bits")
      }
    default: throw .badEncodingData(.tight, "filter \(data.filter)")
    }
    resetTightStreams(control)
    input.consume(offset)
    progress.tight = data
    return false
  }

  private func resetTightStreams(_ control: UInt8) {
    for stream in 0..<4 where control & (1 << UInt8(stream)) != 0 { tightStreams[stream]?.reset() }
  }

  private func readTightData(_ data: TightData) throws(RFBError) -> Bool {
    let plain = data.rowSize * target.height
    if plain < Tight.shortestCompressed {
      guard input.count >= plain else { return false }
      try input.withBytes { (bytes) throws(RFBError) in
        guard let base = bytes.baseAddress else { return }
        try drawTight(data) { base + $0 * data.rowSize }
      }
      input.consume(plain)
      return true
    }
    if progress.announced == nil {
      guard let (length, size) = Tight.compactLength(input, at: 0) else { return false }
      input.consume(size)
      progress.announced = length
    }
    guard let length = progress.announced, input.count >= length else { return false }
    let inflater = tightStreams[data.stream] ?? Inflater()
    tightStreams[data.stream] = inflater
    try input.withBytes { (bytes) throws(RFBError) in
      guard let base = bytes.baseAddress, length > 0 else { throw RFBError.badZlibData("no data") }
      try inflater.begin(base, count: length)
      try drawTight(data) { (_) throws(RFBError) in
        try inflater.require(data.rowSize)
        let row = inflater.pointer
        inflater.consume(data.rowSize)
        return row
      }
      try inflater.finishPart()
    }
    input.consume(length)
    return true
  }

  /// Draws all rows, whose bytes `next` gives one after the other.
  private func drawTight(
    _ data: TightData, _ next: (_ row: Int) throws(RFBError) -> UnsafePointer<UInt8>
  ) throws(RFBError) {
    let decoder = decoder(.tight)
    var gradient = data.filter == Tight.gradientFilter ? TightGradient(format, width: target.width) : nil
    let colours = scratch.colours
    for row in 0..<target.height {
      let bytes = try next(row)
      switch data.filter {
      case Tight.paletteFilter: try lookUp(data.palette, bytes, colours)
      case Tight.gradientFilter: gradient?.decode(bytes, colours, decoder)
      default: decoder.decode(bytes, colours, count: target.width)
      }
      framebuffer.withRows(of: Rectangle(x: target.x, y: target.y + row, width: target.width, height: 1)) {
        $1.update(from: colours, count: target.width)
      }
    }
  }

  private func lookUp(
    _ palette: [UInt32], _ bytes: UnsafePointer<UInt8>, _ colours: UnsafeMutablePointer<UInt32>
  ) throws(RFBError) {
    var largest = 0
    palette.withUnsafeBufferPointer { palette in
      let isPacked = palette.count <= 2
      for column in 0..<target.width {
        let index = isPacked ? Int(bytes[column >> 3] >> UInt8(7 - column & 7) & 1) : Int(bytes[column])
        largest = max(largest, index)
        colours[column] = palette[min(index, palette.count - 1)]
      }
    }
    guard largest < palette.count else {
      throw .badEncodingData(.tight, "index \(largest) into \(palette.count) colours")
    }
  }
}

/// Undoes the gradient filter row by row.
struct TightGradient {
  private let channels: TightChannels
  private var above: [(Int, Int, Int)]

  init(_ format: PixelFormat, width: Int) {
    channels = TightChannels(format)
    above = [(Int, Int, Int)](repeating: (0, 0, 0), count: width)
  }

  mutating func decode(
    _ bytes: UnsafePointer<UInt8>, _ colours: UnsafeMutablePointer<UInt32>, _ decoder: PixelDecoder
  ) {
    var left = (0, 0, 0)
    var aboveLeft = (0, 0, 0)
    for column in above.indices {
      let expected = channels.prediction(left: left, above: above[column], aboveLeft: aboveLeft)
      let difference = decoder.channels(bytes + column * decoder.byteCount)
      aboveLeft = above[column]
      left = (
        (Int(difference.0) + expected.0) & channels.maxima.0, (Int(difference.1) + expected.1) & channels.maxima.1,
        (Int(difference.2) + expected.2) & channels.maxima.2
      )
      above[column] = left
      colours[column] = decoder.colour(UInt32(left.0), UInt32(left.1), UInt32(left.2))
    }
  }
}
