/// The viewer's side of one connection: takes the server's bytes in any split, keeps the picture, and collects the bytes
/// to send. Fences are answered here; update requests are the owner's.
package final class ViewerSession {
  package enum Event: Hashable, Sendable {
    /// The version that rules.
    case version(ProtocolVersion)
    /// The security type that was chosen.
    case security(UInt8)
    /// ServerInit came; format and encodings of the configuration are in the output.
    case ready(width: Int, height: Int, name: String)
    /// A whole FramebufferUpdate is in ``framebuffer``: its rectangles of pixels in screen coordinates, none when it held
    /// pseudo-rectangles only.
    case updated([Rectangle])
    /// The screen has a new size; what is new of it is black until an update comes.
    case resized(width: Int, height: Int)
    case layout(reason: Int, status: Int, screens: [Screen])
    case cursor(Cursor)
    case desktopName(String)
    /// The server takes extended key events.
    case extendedKey
    /// The server takes more than seven buttons.
    case extendedMouseButtons
    case colourMap(first: Int, count: Int)
    case bell
    /// Latin-1.
    case cutText([UInt8])
    case clipboard(ClipboardMessage)
    /// The answer to a fence of ours.
    case fence(flags: UInt32, payload: [UInt8])
    /// EndOfContinuousUpdates: the first says that the server knows them.
    case continuousUpdatesEnded
    case xvp(code: UInt8)
    /// Always the last: send what ``takeOutput()`` holds, then close.
    case failed(RFBError)
  }

  enum Phase {
    case version, securityTypes, securityType, refusal, challenge, result, failureReason, serverInit
    case normal, rectangle, data, closed
  }

  package let configuration: ViewerConfiguration
  /// The picture of the screen, or of ``window`` of it.
  package internal(set) var framebuffer = Framebuffer(width: 0, height: 0)
  /// What ``framebuffer`` shows, in screen coordinates.
  package internal(set) var window = Rectangle.empty
  /// Pixels of the whole screen.
  package internal(set) var screenWidth = 0
  package internal(set) var screenHeight = 0
  package internal(set) var name = ""
  package internal(set) var isReady = false
  package internal(set) var version: ProtocolVersion?
  /// The format in which pixels come.
  package internal(set) var format = PixelFormat.natural
  /// Why the connection has to be closed.
  package private(set) var failure: RFBError?
  /// FramebufferUpdates that came whole.
  package internal(set) var updateCount = 0

  var phase = Phase.version
  var input = InputBuffer()
  let output = ByteSink()
  /// All encodings ever listed: an update may be older than the latest list.
  var listed: Set<Encoding> = [.raw]
  var serverHasExtendedMouse = false
  /// Colours of a colour-map format.
  var colourMap: [UInt32] = []
  var decoders: [PixelDecoder?] = [nil, nil, nil]

  // The update that is being read.
  var rectanglesLeft = 0
  var isOpenEnded = false
  var updated: [Rectangle] = []
  /// The rectangle that is being read, in coordinates of ``framebuffer``.
  var target = Rectangle.empty
  var encoding = Encoding.raw
  /// How far the rectangle is read.
  var progress = RectangleProgress()
  lazy var zlibStream = Inflater()
  lazy var zrleStream = Inflater()
  var tightStreams: [Inflater?] = [nil, nil, nil, nil]
  lazy var scratch = DecoderScratch()

  package init(_ configuration: ViewerConfiguration = ViewerConfiguration()) { self.configuration = configuration }

  /// What the bytes meant, in order and the same for every split of them. After `failed` bytes are dropped.
  package func receive(_ bytes: [UInt8]) -> [Event] {
    guard failure == nil else { return [] }
    input.append(bytes)
    var events: [Event] = []
    do throws(RFBError) {
      while try step(&events) {}
    } catch {
      failure = error
      phase = .closed
      input.removeAll()
      events.append(.failed(error))
    }
    return events
  }

  /// Bytes to send since the last call.
  package func takeOutput() -> [UInt8] { output.take() }

  /// Takes one unit of the stream; false when more bytes are needed.
  private func step(_ events: inout [Event]) throws(RFBError) -> Bool {
    switch phase {
    case .version: return try readVersion(&events)
    case .securityTypes: return try readSecurityTypes(&events)
    case .securityType: return try readSecurityType(&events)
    case .refusal: return try readRefusal()
    case .challenge: return readChallenge()
    case .result: return try readResult()
    case .failureReason: return try readFailureReason()
    case .serverInit: return try readServerInit(&events)
    case .normal: return try readMessage(&events)
    case .rectangle: return try readRectangleHead(&events)
    case .data: return try readRectangleData(&events)
    case .closed: return false
    }
  }

  /// The translation of the format of now.
  func decoder(_ packing: PixelFormat.Packing) -> PixelDecoder {
    let place = packing == .pixel ? 0 : packing == .compressed ? 1 : 2
    if let known = decoders[place] { return known }
    let new = PixelDecoder(format, packing, map: colourMap)
    decoders[place] = new
    return new
  }

  /// Takes a size of the screen.
  func setSize(width: Int, height: Int) throws(RFBError) {
    let screen = Rectangle(x: 0, y: 0, width: width, height: height)
    let part = configuration.window?.intersection(screen) ?? screen
    guard !screen.isEmpty, width <= Framebuffer.maximumSide, height <= Framebuffer.maximumSide,
      part.area <= configuration.maximumPixels
    else { throw .badSize(width: width, height: height) }
    screenWidth = width
    screenHeight = height
    window = part
    if framebuffer.width != part.width || framebuffer.height != part.height {
      framebuffer.resize(width: part.width, height: part.height)
    }
  }
}
