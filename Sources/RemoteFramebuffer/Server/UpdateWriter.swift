/// Composes a server's messages for one connection and owns its zlib streams: nothing composed may be dropped or
/// reordered afterwards (spec/04 §1.7).
///
/// ```
/// writer.beginUpdate()
/// writer.copy(to: moved, fromX: 10, y: 20)
/// writer.encode(changed, of: picture, as: .zrle)
/// writer.endUpdate()
/// send(session.takeOutput())
/// ```
package final class UpdateWriter {
  /// Type bytes of the server's messages.
  enum Kind {
    static let update: UInt8 = 0
    static let colourMap: UInt8 = 1
    static let bell: UInt8 = 2
    static let cutText: UInt8 = 3
    static let endOfContinuousUpdates: UInt8 = 150
    static let xvp: UInt8 = 250
  }

  /// Format of pixels from the next rectangle on.
  package private(set) var format: PixelFormat
  /// zlib level 0 ... 9 of data compressed from now on.
  package var compressionLevel = 6
  /// Lets Tight use the gradient filter where it pays, which old viewers cannot read.
  package var allowsGradient = false
  /// Whether ``extendedMouseButtons()`` was written.
  package private(set) var offeredExtendedMouse = false

  let sink = ByteSink()
  /// Buffers and tables of the encoders, made when first needed.
  private(set) lazy var scratch = EncoderScratch()
  private(set) lazy var zlibStream = Deflater(level: compressionLevel)
  private(set) lazy var zrleStream = Deflater(level: compressionLevel)
  var tightStreams: [Deflater?] = [nil, nil, nil, nil]
  private var encoders: [PixelEncoder?] = [nil, nil, nil]

  private var updateStart: Int?
  private var rectangleCount = 0
  private var isOpenEnded = false
  private var sentMap = false

  package init(format: PixelFormat = .natural) { self.format = format }

  func setFormat(_ new: PixelFormat) {
    format = new
    encoders = [nil, nil, nil]
    sentMap = false
  }

  /// The translation into the format of now.
  func encoder(_ packing: PixelFormat.Packing) -> PixelEncoder {
    let place = packing == .pixel ? 0 : packing == .compressed ? 1 : 2
    if let known = encoders[place] { return known }
    let new = PixelEncoder(format, packing)
    encoders[place] = new
    return new
  }

  // MARK: Updates

  /// Begins a FramebufferUpdate; its rectangles follow, then ``endUpdate()``. Before the first one in a colour-map format
  /// its map is sent.
  package func beginUpdate() {
    if updateStart != nil { endUpdate() }
    if !format.isTrueColour && !sentMap {
      sentMap = true
      colourMap(first: 0, PixelFormat.standardMap)
    }
    updateStart = sink.count
    rectangleCount = 0
    isOpenEnded = false
    sink.uint8(Kind.update)
    sink.zeros(3)
  }

  /// Ends the update with the right number of rectangles; an update without any is taken back.
  /// - Returns: the number of rectangles on the wire.
  @discardableResult
  package func endUpdate() -> Int {
    guard let start = updateStart else { return 0 }
    updateStart = nil
    if rectangleCount == 0 {
      sink.truncate(to: start)
    } else {
      sink.patchUInt16(isOpenEnded ? RFBLimits.rectangles : rectangleCount, at: start + 2)
    }
    return rectangleCount
  }

  /// Begins a rectangle; an update that is full is ended and another begun.
  func beginRectangle(_ rectangle: Rectangle, _ encoding: Encoding) {
    if updateStart == nil || rectangleCount == RFBLimits.rectangles - 1 { beginUpdate() }
    rectangleCount += 1
    sink.rectangle(rectangle)
    sink.int32(encoding.rawValue)
  }

  /// Takes the rectangle back that began at `start` of the sink.
  func revokeRectangle(at start: Int) {
    sink.truncate(to: start)
    rectangleCount -= 1
  }

  /// CopyRect: the client moves its own pixels.
  package func copy(to destination: Rectangle, fromX x: Int, y: Int) {
    guard !destination.isEmpty else { return }
    beginRectangle(destination, .copyRect)
    sink.uint16(x)
    sink.uint16(y)
  }

  /// The pixels of what of `rectangle` lies inside the picture. Sent as more than one rectangle where the encoding needs
  /// it, as Raw where RRE would be larger, and as Raw for what is no encoding of pixels.
  package func encode(_ rectangle: Rectangle, of framebuffer: Framebuffer, as encoding: Encoding) {
    let part = rectangle.intersection(framebuffer.bounds)
    guard !part.isEmpty else { return }
    framebuffer.pixels.withUnsafeBufferPointer { pixels in
      guard let base = pixels.baseAddress else { return }
      let source = PixelSource(base: base, stride: framebuffer.width)
      switch encoding {
      case .rre: encodeRRE(part, source)
      case .hextile: encodeHextile(part, source)
      case .zlib: encodeZlib(part, source)
      case .tight: encodeTight(part, source)
      case .zrle: encodeZRLE(part, source)
      default: encodeRaw(part, source)
      }
    }
  }

  // MARK: Pseudo-rectangles

  /// At most ``RFBLimits/cursorSide`` pixels a side; a larger one, or one whose arrays do not fit its size, is hidden.
  package func cursor(_ cursor: Cursor) {
    let area = cursor.width * cursor.height
    let isSound =
      (0...RFBLimits.cursorSide).contains(cursor.width) && (0...RFBLimits.cursorSide).contains(cursor.height)
      && cursor.pixels.count == area && cursor.mask.count == area
    let cursor = isSound ? cursor : .hidden
    beginRectangle(
      Rectangle(x: cursor.hotspotX, y: cursor.hotspotY, width: cursor.width, height: cursor.height), .cursor)
    let encoder = encoder(.pixel)
    for colour in cursor.pixels {
      var word: UInt32 = 0
      withUnsafePointer(to: colour) { encoder.translate($0, &word, count: 1) }
      _ = encoder.emit(word, to: sink.reserve(4))
      sink.advance(encoder.byteCount)
    }
    for row in 0..<cursor.height {
      var byte: UInt8 = 0
      for column in 0..<cursor.width {
        if cursor.mask[row * cursor.width + column] { byte |= 0x80 >> UInt8(column & 7) }
        if column & 7 == 7 || column == cursor.width - 1 {
          sink.uint8(byte)
          byte = 0
        }
      }
    }
  }

  package func desktopSize(width: Int, height: Int) {
    beginRectangle(Rectangle(x: 0, y: 0, width: width, height: height), .desktopSize)
  }

  package func extendedDesktopSize(
    reason: ResizeReason, status: ResizeStatus, width: Int, height: Int, screens: [Screen]
  ) {
    beginRectangle(
      Rectangle(x: reason.rawValue, y: status.rawValue, width: width, height: height), .extendedDesktopSize)
    let screens = screens.prefix(RFBLimits.screens)
    sink.uint8(UInt8(truncatingIfNeeded: screens.count))
    sink.zeros(3)
    for screen in screens { screen.write(to: sink) }
  }

  package func desktopName(_ name: String) {
    beginRectangle(.empty, .desktopName)
    sink.text(name)
  }

  /// Offers extended key events.
  package func extendedKey() { beginRectangle(.empty, .extendedKey) }

  /// Offers more than seven buttons.
  package func extendedMouseButtons() {
    offeredExtendedMouse = true
    beginRectangle(.empty, .extendedMouseButtons)
  }

  /// Ends the update with a mark: its count is 65535, as of servers that do not know the number beforehand. The last
  /// rectangle of an update.
  package func lastRectangle() {
    beginRectangle(.empty, .lastRectangle)
    isOpenEnded = true
  }

  /// Everything composed; an update that is not ended is ended.
  package func takeOutput() -> [UInt8] {
    endUpdate()
    return sink.take()
  }
  package var outputCount: Int { sink.count }
}
