import Testing

@testable import RemoteFramebuffer

@Suite("Input that is split, cut off or made up")
struct HostileInputTests {
  static let encodings: [Encoding] =
    Encoding.pictures + [
      .copyRect, .cursor, .desktopSize, .lastRectangle, .desktopName, .extendedDesktopSize, .extendedKey, .fence,
      .continuousUpdates, .extendedClipboard, .extendedMouseButtons,
    ]

  /// All that a server may say to a viewer of the configuration, and where messages and rectangles begin is up to it.
  private static func serverStream(_ viewer: ViewerConfiguration, seed: UInt64) -> [UInt8] {
    var conversation = Conversation(ServerConfiguration(width: 70, height: 34, name: "desk"), viewer)
    conversation.run()
    let writer = conversation.server.writer
    writer.allowsGradient = true
    for (round, encoding) in Encoding.pictures.enumerated() {
      let picture = testPicture(width: 70, height: 34, seed: seed &+ UInt64(round))
      writer.beginUpdate()
      if round % 2 == 1 { writer.copy(to: Rectangle(x: 9, y: 3, width: 30, height: 20), fromX: 5, y: 1) }
      writer.encode(Rectangle(x: 2, y: 1, width: 66, height: 32), of: picture, as: encoding)
      if round == 2 { writer.lastRectangle() }
      writer.endUpdate()
      switch round {
      case 0: writer.bell()
      case 1: writer.cutText(Array("cut".utf8))
      case 2: writer.fence(flags: Fence.request | 1, payload: [1])
      case 3: writer.clipboard(.provide([.init(text: "clip")]))
      default: writer.endOfContinuousUpdates()
      }
    }
    writer.beginUpdate()
    writer.cursor(
      Cursor(
        hotspotX: 0, hotspotY: 0, width: 3, height: 2, pixels: [1, 2, 3, 4, 5, 6],
        mask: [true, false, true, true, true, false]))
    writer.desktopName("new")
    writer.extendedDesktopSize(
      reason: .server, status: .done, width: 60, height: 40,
      screens: [Screen(id: 1, area: Rectangle(x: 0, y: 0, width: 60, height: 40))])
    writer.endUpdate()
    conversation.run()
    return conversation.fromServer
  }

  private static func clientStream() -> [UInt8] {
    let password = ServerConfiguration(
      width: 70, height: 34, name: "desk", security: .passwords(full: "secret", viewOnly: nil))
    var conversation = Conversation(password, ViewerConfiguration(password: "secret", encodings: encodings))
    conversation.run()
    for (message, _) in ClientMessageTests.messages {
      if case .setEncodings = message { continue }
      conversation.viewer.send(message)
    }
    conversation.viewer.clipboard(.provide([.init(text: "clip")]))
    conversation.run()
    return conversation.fromViewer
  }

  @Test("any split of an update gives the same events and the same picture", arguments: RoundTripTests.formats)
  func splits(format: PixelFormat) {
    let configuration = ViewerConfiguration(format: format, encodings: HostileInputTests.encodings)
    let stream = HostileInputTests.serverStream(configuration, seed: 5)
    let whole = ViewerSession(configuration)
    let expected = whole.receive(stream)
    let output = whole.takeOutput()
    #expect(whole.failure == nil)
    #expect(whole.updateCount == Encoding.pictures.count + 1)
    for piece in [1, 5, 333] {
      let viewer = ViewerSession(configuration)
      var events: [ViewerSession.Event] = []
      for start in stride(from: 0, to: stream.count, by: piece) {
        events += viewer.receive(Array(stream[start..<min(start + piece, stream.count)]))
      }
      #expect(events == expected)
      #expect(viewer.takeOutput() == output)
      #expect(viewer.framebuffer.digest == whole.framebuffer.digest)
    }
  }

  @Test("a stream that ends anywhere gives the events of what came, and no other")
  func truncation() {
    let configuration = ViewerConfiguration(encodings: HostileInputTests.encodings)
    let stream = HostileInputTests.serverStream(configuration, seed: 6)
    let expected = ViewerSession(configuration).receive(stream)
    for count in stride(from: 0, to: stream.count, by: 37) {
      let events = ViewerSession(configuration).receive(Array(stream.prefix(count)))
      #expect(expected.starts(with: events))
    }
    let said = HostileInputTests.clientStream()
    let server = ServerConfiguration(
      width: 70, height: 34, name: "desk", security: .passwords(full: "secret", viewOnly: nil))
    let understood = ServerSession(server).receive(said)
    #expect(understood.count > 10)
    for count in 0..<said.count {
      #expect(understood.starts(with: ServerSession(server).receive(Array(said.prefix(count)))))
    }
  }

  /// Changes a few bytes, or drops, repeats or makes up some.
  private func mutate(_ stream: [UInt8], _ draws: inout Draws) -> [UInt8] {
    var stream = stream
    for _ in 0...draws.below(4) {
      let place = draws.below(stream.count)
      switch draws.below(5) {
      case 0: stream[place] = draws.byte()
      case 1: stream[place] ^= 1 << UInt8(draws.below(8))
      case 2: stream[place] = draws.below(2) == 0 ? 0 : 255
      case 3: stream.removeSubrange(place..<min(stream.count, place + 1 + draws.below(8)))
      default: stream.insert(contentsOf: (0...draws.below(8)).map { _ in draws.byte() }, at: place)
      }
    }
    return stream
  }

  @Test("a viewer survives every change to a server's stream", arguments: 0..<8)
  func viewerFuzz(seed: UInt64) {
    var draws = Draws(seed + 100)
    let format = RoundTripTests.formats[Int(seed) % RoundTripTests.formats.count]
    let configuration = ViewerConfiguration(
      format: format, encodings: HostileInputTests.encodings, maximumPixels: 1 << 16)
    let stream = HostileInputTests.serverStream(configuration, seed: seed)
    var failures = 0
    for _ in 0..<60 {
      let changed = mutate(stream, &draws)
      let viewer = ViewerSession(configuration)
      var events: [ViewerSession.Event] = []
      var start = 0
      while start < changed.count {
        let end = min(changed.count, start + 1 + draws.below(2000))
        events += viewer.receive(Array(changed[start..<end]))
        start = end
      }
      if viewer.failure != nil { failures += 1 }
      // A failure is the last event and the only one of its kind; what is kept is bounded by what was announced.
      let ends = events.filter { if case .failed = $0 { true } else { false } }
      #expect(ends.count == (viewer.failure == nil ? 0 : 1))
      if let failure = viewer.failure { #expect(events.last == .failed(failure)) }
      #expect(viewer.framebuffer.pixels.count <= 1 << 16)
      #expect(viewer.input.count <= changed.count)
    }
    #expect(failures > 0, "the changes matter")
  }

  @Test("a server survives every change to a client's stream", arguments: 0..<8)
  func serverFuzz(seed: UInt64) {
    var draws = Draws(seed + 200)
    let stream = HostileInputTests.clientStream()
    let configuration = ServerConfiguration(
      width: 70, height: 34, name: "desk", security: .passwords(full: "secret", viewOnly: nil))
    var failures = 0
    for _ in 0..<300 {
      let changed = mutate(stream, &draws)
      let server = ServerSession(configuration)
      let events = server.receive(changed)
      if let failure = server.failure {
        failures += 1
        #expect(events.last == .failed(failure))
      }
      #expect(server.input.count <= changed.count)
      #expect(server.takeOutput().count < 4096)
    }
    #expect(failures > 0, "the changes matter")
  }

  @Test("inflated tiles of any bytes are a picture or a named error", arguments: 0..<8)
  func tileFuzz(seed: UInt64) {
    var draws = Draws(seed + 300)
    let configuration = ViewerConfiguration(encodings: [.zrle, .tight, .hextile, .rre])
    var conversation = Conversation(ServerConfiguration(width: 70, height: 34, name: "desk"), configuration)
    conversation.run()
    let start = conversation.fromServer
    for _ in 0..<150 {
      var plain = (0..<(1 + draws.below(300))).map { _ in draws.byte() }
      plain[0] = [0, 1, 2, 5, 16, 17, 128, 130, 140, 255][draws.below(10)]
      let sink = ByteSink()
      Deflater(level: 1).compress(plain, count: plain.count, isLast: true, into: sink)
      let data = sink.take()
      let encoding: Encoding = [.zrle, .tight, .hextile, .rre][draws.below(4)]
      var update = bytes("00 00 0001 0003 0002") + [0, UInt8(1 + draws.below(67)), 0, UInt8(1 + draws.below(32))]
      update += [0, 0, 0, UInt8(encoding.rawValue)]
      switch encoding {
      case .zrle: update += [0, 0, UInt8(data.count >> 8), UInt8(data.count & 255)] + data
      case .tight:
        update += [UInt8(draws.below(8)) << 4, UInt8(draws.below(3))] + Tight.compactLength(data.count) + data
      default: update += [0, 0, 0] + plain
      }
      let viewer = ViewerSession(configuration)
      _ = viewer.receive(start)
      _ = viewer.receive(update)
      #expect(viewer.framebuffer.pixels.count == 70 * 34)
    }
  }

  @Test("many small pieces cost no more than they should")
  func smallPieces() {
    // One rectangle of a megabyte that waits for its last byte, in pieces of 64 bytes.
    let configuration = ViewerConfiguration(encodings: [.zrle])
    var conversation = Conversation(ServerConfiguration(width: 600, height: 600, name: "d"), configuration)
    conversation.run()
    var draws = Draws(1)
    var picture = Framebuffer(width: 600, height: 600)
    picture.withRows(of: picture.bounds) { _, row in
      for column in 0..<600 { row[column] = UInt32(truncatingIfNeeded: draws.next()) & 0xff_ffff }
    }
    conversation.server.writer.compressionLevel = 1
    conversation.server.writer.beginUpdate()
    conversation.server.writer.encode(picture.bounds, of: picture, as: .zrle)
    conversation.piece = 64
    conversation.run()
    #expect(conversation.fromServer.count > 1 << 20)
    #expect(conversation.viewer.framebuffer.difference(from: picture) == nil)
  }
}
