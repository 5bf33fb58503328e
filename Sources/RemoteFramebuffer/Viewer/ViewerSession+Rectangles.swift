/// How far a rectangle's data are read. What the fields mean is a matter of the encoding.
struct RectangleProgress {
  /// Rows, tiles or subrectangles that are done.
  var done = 0
  /// Subrectangles or bytes that are announced; nil before that.
  var announced: Int?
  /// Words that Hextile carries from tile to tile.
  var background: UInt32?
  var foreground: UInt32?
  /// Nil before the head of a Tight rectangle was read.
  var tight: TightData?
}

/// Memory that the decoders of one connection use again and again.
final class DecoderScratch {
  /// Colours of one tile or row.
  let colours: UnsafeMutablePointer<UInt32>
  /// Colours of a palette; indices into it need no test to stay inside.
  let palette: UnsafeMutablePointer<UInt32>
  /// Pixels of the largest tile or row.
  static let capacity = 4096

  init() {
    colours = .allocate(capacity: DecoderScratch.capacity)
    colours.initialize(repeating: 0, count: DecoderScratch.capacity)
    palette = .allocate(capacity: 256)
    palette.initialize(repeating: 0, count: 256)
  }

  deinit {
    colours.deallocate()
    palette.deallocate()
  }
}

extension ViewerSession {
  private static let headSize = 12

  func readRectangleHead(_ events: inout [Event]) throws(RFBError) -> Bool {
    if rectanglesLeft == 0 && !isOpenEnded {
      finishUpdate(&events)
      return true
    }
    guard input.count >= ViewerSession.headSize else { return false }
    let rectangle = input.rectangle(at: 0)
    encoding = Encoding(rawValue: input.int32(at: 8))
    switch encoding {
    case .raw, .copyRect, .rre, .hextile, .zlib, .tight, .zrle:
      guard listed.contains(encoding) else { throw .unofferedEncoding(encoding) }
      input.consume(ViewerSession.headSize)
      target = Rectangle(
        x: rectangle.x - window.x, y: rectangle.y - window.y, width: rectangle.width, height: rectangle.height)
      guard rectangle.isEmpty || framebuffer.bounds.contains(target) else { throw .rectangleOutside(rectangle) }
      guard updated.count < RFBLimits.rectangles else {
        throw .lengthTooLarge("rectangles", updated.count, limit: RFBLimits.rectangles)
      }
      updated.append(rectangle)
      progress = RectangleProgress()
      phase = .data
    default:
      guard listed.contains(encoding) else { throw .unofferedEncoding(encoding) }
      guard try readPseudoRectangle(rectangle, &events) else { return false }
      if encoding == .lastRectangle {
        rectanglesLeft = 0
        isOpenEnded = false
      } else {
        finishRectangle()
      }
    }
    return true
  }

  private func finishUpdate(_ events: inout [Event]) {
    phase = .normal
    updateCount += 1
    events.append(.updated(updated))
    updated = []
  }

  private func finishRectangle() {
    phase = .rectangle
    if !isOpenEnded { rectanglesLeft -= 1 }
  }

  /// Reads what is there of the rectangle's pixels; false when more bytes are needed.
  func readRectangleData(_ events: inout [Event]) throws(RFBError) -> Bool {
    let isDone: Bool
    switch encoding {
    case .copyRect: isDone = try readCopy()
    case .rre: isDone = try readRRE()
    case .hextile: isDone = try readHextile()
    case .zlib: isDone = try readZlib()
    case .tight: isDone = try readTight()
    case .zrle: isDone = try readZRLE()
    default: isDone = try readRaw()
    }
    if isDone { finishRectangle() }
    return isDone
  }

  private func readCopy() throws(RFBError) -> Bool {
    guard input.count >= 4 else { return false }
    let source = Rectangle(
      x: input.uint16(at: 0) - window.x, y: input.uint16(at: 2) - window.y, width: target.width,
      height: target.height)
    input.consume(4)
    guard framebuffer.bounds.contains(source) else { throw .rectangleOutside(source) }
    framebuffer.copy(source, toX: target.x, y: target.y)
    return true
  }

  /// Reads pseudo-rectangles, which are short, as a whole; false when more bytes are needed.
  private func readPseudoRectangle(_ rectangle: Rectangle, _ events: inout [Event]) throws(RFBError) -> Bool {
    let head = ViewerSession.headSize
    switch encoding {
    case .desktopSize:
      input.consume(head)
      try setSize(width: rectangle.width, height: rectangle.height)
      events.append(.resized(width: screenWidth, height: screenHeight))
    case .extendedDesktopSize:
      guard input.count >= head + 4 else { return false }
      let count = Int(input.uint8(at: head))
      let size = head + 4 + Screen.wireSize * count
      guard input.count >= size else { return false }
      let screens = (0..<count).map { Screen(input, at: head + 4 + Screen.wireSize * $0) }
      input.consume(size)
      // A refusal tells the size as it is, or as it was asked for: only a success changes it.
      let isNew = rectangle.width != screenWidth || rectangle.height != screenHeight
      if isNew && (rectangle.x != ResizeReason.thisClient.rawValue || rectangle.y == ResizeStatus.done.rawValue) {
        try setSize(width: rectangle.width, height: rectangle.height)
        events.append(.resized(width: screenWidth, height: screenHeight))
      }
      events.append(.layout(reason: rectangle.x, status: rectangle.y, screens: screens))
    case .cursor: return try readCursor(rectangle, &events)
    case .desktopName:
      guard let name = try readText("name", at: head) else { return false }
      self.name = name
      events.append(.desktopName(name))
    case .extendedKey:
      input.consume(head)
      events.append(.extendedKey)
    case .extendedMouseButtons:
      input.consume(head)
      serverHasExtendedMouse = true
      events.append(.extendedMouseButtons)
    case .lastRectangle: input.consume(head)
    default: throw .unofferedEncoding(encoding)
    }
    return true
  }

  private func readCursor(_ rectangle: Rectangle, _ events: inout [Event]) throws(RFBError) -> Bool {
    let head = ViewerSession.headSize
    let side = max(rectangle.width, rectangle.height)
    guard side <= RFBLimits.cursorSide else {
      throw .lengthTooLarge("side of a cursor", side, limit: RFBLimits.cursorSide)
    }
    let decoder = decoder(.pixel)
    let area = rectangle.area
    let maskRow = (rectangle.width + 7) / 8
    let pixelSize = area * decoder.byteCount
    let size = head + pixelSize + maskRow * rectangle.height
    guard input.count >= size else { return false }
    var pixels = [UInt32](repeating: 0, count: area)
    try input.withBytes { bytes in
      guard let base = bytes.baseAddress else { return }
      decoder.decode(base + head, &pixels, count: area)
    }
    var mask = [Bool](repeating: false, count: area)
    for index in 0..<area {
      let column = index % rectangle.width
      let byte = input.uint8(at: head + pixelSize + index / rectangle.width * maskRow + column / 8)
      mask[index] = byte & (0x80 >> UInt8(column & 7)) != 0
    }
    input.consume(size)
    events.append(
      .cursor(
        Cursor(
          hotspotX: rectangle.x, hotspotY: rectangle.y, width: rectangle.width, height: rectangle.height,
          pixels: pixels, mask: mask)))
    return true
  }
}
