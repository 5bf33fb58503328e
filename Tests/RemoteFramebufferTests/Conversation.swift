import RemoteFramebuffer

/// A generator of test data.
struct Draws: RandomNumberGenerator {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed &* 0x9e37_79b9_7f4a_7c15 | 1 }

  mutating func next() -> UInt64 {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return state &* 0x2545_f491_4f6c_dd1d
  }

  mutating func below(_ count: Int) -> Int { Int(next() >> 33) % count }
  mutating func byte() -> UInt8 { UInt8(truncatingIfNeeded: next() >> 40) }
}

/// A server and a viewer that hand each other their bytes.
struct Conversation {
  let server: ServerSession
  let viewer: ViewerSession
  var serverEvents: [ServerSession.Event] = []
  var viewerEvents: [ViewerSession.Event] = []
  /// All bytes either said.
  var fromServer: [UInt8] = []
  var fromViewer: [UInt8] = []
  /// Bytes of each piece that is handed over.
  var piece = Int.max

  init(_ server: ServerConfiguration, _ viewer: ViewerConfiguration = ViewerConfiguration(), piece: Int = Int.max) {
    self.server = ServerSession(server)
    self.viewer = ViewerSession(viewer)
    self.piece = piece
  }

  /// Passes bytes until neither has any to say.
  mutating func run() {
    while true {
      let down = server.takeOutput()
      fromServer += down
      for part in pieces(down) { viewerEvents += viewer.receive(part) }
      let up = viewer.takeOutput()
      fromViewer += up
      for part in pieces(up) { serverEvents += server.receive(part) }
      if down.isEmpty && up.isEmpty && server.outputCount == 0 { return }
    }
  }

  private func pieces(_ bytes: [UInt8]) -> [[UInt8]] {
    guard piece < bytes.count else { return bytes.isEmpty ? [] : [bytes] }
    return stride(from: 0, to: bytes.count, by: piece).map { Array(bytes[$0..<min($0 + piece, bytes.count)]) }
  }

  /// What the viewer was told since `count` events.
  var messages: [ClientMessage] {
    serverEvents.compactMap { if case .message(let message) = $0 { message } else { nil } }
  }
}

/// Pictures with everything that an encoder tells apart: areas of one colour, few colours, many, runs and noise.
func testPicture(width: Int, height: Int, seed: UInt64) -> Framebuffer {
  var draws = Draws(seed)
  var picture = Framebuffer(width: width, height: height, colour: 0x30_6090)
  for _ in 0..<24 {
    let area = Rectangle(
      x: draws.below(width), y: draws.below(height), width: 1 + draws.below(width),
      height: 1 + draws.below(height / 2 + 1))
    let part = area.intersection(picture.bounds)
    switch draws.below(5) {
    case 0: picture.fill(part, UInt32(draws.below(1 << 24)))
    case 1:
      let colours = (0...(1 + draws.below(20))).map { _ in UInt32(draws.below(1 << 24)) }
      for y in part.y..<part.endY {
        for x in part.x..<part.endX where draws.below(3) == 0 { picture[x, y] = colours[draws.below(colours.count)] }
      }
    case 2:
      let small = Rectangle(x: part.x, y: part.y, width: min(part.width, 70), height: min(part.height, 20))
      for y in small.y..<small.endY { for x in small.x..<small.endX { picture[x, y] = UInt32(draws.below(1 << 24)) } }
    case 3:
      for y in part.y..<part.endY {
        for x in part.x..<part.endX { picture[x, y] = UInt32((x * 3) & 255) << 16 | UInt32((y * 5) & 255) }
      }
    default:
      let colours = (0..<80).map { _ in UInt32(draws.below(1 << 24)) }
      for y in part.y..<part.endY { for x in part.x..<part.endX { picture[x, y] = colours[(x / 4 + y) % 80] } }
    }
  }
  return picture
}

/// What a viewer has of a picture that travelled in a format.
func rounded(_ picture: Framebuffer, _ format: PixelFormat) -> Framebuffer {
  var seen = picture
  for y in 0..<picture.height { for x in 0..<picture.width { seen[x, y] = format.rounded(picture[x, y]) } }
  return seen
}

func bytes(_ hex: String) -> [UInt8] {
  let digits = hex.filter { !$0.isWhitespace }.compactMap(\.hexDigitValue)
  return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
}
