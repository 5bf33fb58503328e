import Testing

@testable import RemoteFramebuffer

@Suite("What a server takes from a client")
struct ClientMessageTests {
  static let screen = Rectangle(x: 0, y: 0, width: 64, height: 48)
  /// Everything that can be negotiated.
  static let everything: [Encoding] = [
    .zrle, .fence, .continuousUpdates, .extendedDesktopSize, .extendedClipboard, .extendedMouseButtons, .extendedKey,
    .cursor, .desktopSize, .desktopName, .lastRectangle, .copyRect,
  ]

  /// A server in the state NORMAL, its output taken.
  static func server(_ encodings: [Encoding] = [], maximumCutText: Int = 1000) -> ServerSession {
    let server = ServerSession(
      ServerConfiguration(width: 64, height: 48, name: "d", maximumCutText: maximumCutText))
    _ = server.receive(Array("RFB 003.008\n".utf8) + [1, 1])
    if !encodings.isEmpty { _ = server.receive(ClientMessage.setEncodings(encodings).encoded()) }
    _ = server.takeOutput()
    return server
  }

  static let messages: [(ClientMessage, String)] = [
    (.setPixelFormat(.natural), "00 000000 20180001 00ff00ff00ff 100800 000000"),
    (.setEncodings([.tight, .cursor]), "02 00 0002 00000007 ffffff11"),
    (.setEncodings([]), "02 00 0000"),
    (.updateRequest(isIncremental: true, Rectangle(x: 1, y: 2, width: 65535, height: 0)), "03 01 0001 0002 ffff 0000"),
    (.key(isDown: true, keysym: 0xff0d, keycode: nil), "04 01 0000 0000ff0d"),
    (.key(isDown: false, keysym: 0x61, keycode: 0x1e), "ff 00 0000 00000061 0000001e"),
    (.pointer(buttons: 5, x: 300, y: 65535), "05 05 012c ffff"),
    (.cutText(Array("hi".utf8)), "06 000000 00000002 6869"),
    (.clipboard(.notify(formats: 1)), "06 000000 fffffffc 08000001"),
    (.clipboard(.capabilities(flags: 0x1f00_0001, sizes: [0])), "06 000000 fffffff8 1f000001 00000000"),
    (.enableContinuousUpdates(true, screen), "96 01 0000 0000 0040 0030"),
    (.fence(flags: 3, payload: [1, 2]), "f8 000000 00000003 02 0102"),
    (.xvp(code: 2), "fa 00 01 02"),
    (
      .setDesktopSize(width: 9, height: 8, screens: [Screen(id: 7, area: Rectangle(x: 1, y: 2, width: 3, height: 4))]),
      "fb 00 0009 0008 01 00 00000007 0001 0002 0003 0004 00000000"
    ),
  ]

  @Test("each message in its bytes, there and back", arguments: messages)
  func layout(message: ClientMessage, hex: String) {
    #expect(message.encoded() == bytes(hex))
    #expect(ClientMessageTests.server(ClientMessageTests.everything).receive(bytes(hex)) == [.message(message)])
  }

  @Test("any split of the bytes gives the same events and the same answers")
  func splits() {
    var stream = ClientMessage.setEncodings(ClientMessageTests.everything).encoded()
    for (message, _) in ClientMessageTests.messages.filter({ if case .setEncodings = $0.0 { false } else { true } }) {
      stream += message.encoded()
    }
    stream += ClientMessage.cutText([UInt8](repeating: 65, count: 3000)).encoded()
    stream += ClientMessage.fence(flags: Fence.request | 7, payload: [9]).encoded()
    stream += ClientMessage.enableContinuousUpdates(false, ClientMessageTests.screen).encoded() + [99, 1, 2]
    let whole = ClientMessageTests.server()
    let expected = whole.receive(stream)
    let output = whole.takeOutput()
    #expect(expected.last == .failed(.unknownMessage(99)))
    #expect(expected.count == ClientMessageTests.messages.count + 1)
    for piece in [1, 2, 3, 7, 64, 1000] {
      let server = ClientMessageTests.server()
      var events: [ServerSession.Event] = []
      for start in stride(from: 0, to: stream.count, by: piece) {
        events += server.receive(Array(stream[start..<min(start + piece, stream.count)]))
      }
      #expect(events == expected)
      #expect(server.takeOutput() == output)
    }
  }

  @Test(
    "what breaks the rules closes the connection",
    arguments: [
      ("01", [], RFBError.unknownMessage(1)),
      ("63", [], .unknownMessage(99)),
      ("ff 01", [], .unknownSubmessage(1)),
      ("f8", [], .notNegotiated(248)),
      ("96", [Encoding.fence], .notNegotiated(150)),
      ("96", [.continuousUpdates], .notNegotiated(150)),
      ("fb", [], .notNegotiated(251)),
      ("06 000000 fffffffc", [], .notNegotiated(6)),
      ("06 000000 ffffffff", [.extendedClipboard], .badClipboard("shorter than its flags")),
      ("06 000000 fffffffc 00000001", [.extendedClipboard], .badClipboard("not one action")),
      ("06 000000 fffffffc 0a000001", [.extendedClipboard], .badClipboard("not one action")),
      ("06 000000 fffffffc 01000001", [.extendedClipboard], .badClipboard("fewer sizes than formats")),
    ] as [(String, [Encoding], RFBError)])
  func broken(hex: String, encodings: [Encoding], error: RFBError) {
    let server = ClientMessageTests.server(encodings)
    #expect(server.receive(bytes(hex)) == [.failed(error)])
    #expect(server.receive(bytes("04 01 0000 0000ff0d")) == [])
  }

  @Test(
    "pixel formats that TigerVNC refuses are refused",
    arguments: [
      ("07 07 00 01 0007 0007 0003 00 03 06", PixelFormat.Fault.bitsPerPixel(7)),
      ("18 18 00 01 00ff 00ff 00ff 10 08 00", .bitsPerPixel(24)),
      ("10 11 00 01 001f 003f 001f 0b 05 00", .depth(17)),
      ("20 20 00 00 0000 0000 0000 00 00 00", .colourMapDepth),
      ("08 06 00 00 0000 0000 0000 00 00 00", .colourMapDepth),
      ("20 18 00 01 00fe 00ff 00ff 10 08 00", .maximum(254)),
      ("20 20 00 01 03ff 03ff 03ff 14 0a 00", .maximum(1023)),
      ("20 17 00 01 00ff 00ff 00ff 10 08 00", .tooManyBits),
      ("20 18 00 01 00ff 00ff 00ff 19 08 00", .shift(25)),
      ("20 18 00 01 00ff 00ff 00ff ff 08 00", .shift(255)),
      ("20 18 00 01 00ff 00ff 00ff 0f 08 00", .overlap),
    ])
  func pixelFormats(hex: String, fault: PixelFormat.Fault) {
    let server = ClientMessageTests.server()
    #expect(server.receive(bytes("00000000" + hex + "000000")) == [.failed(.badPixelFormat(fault))])
  }

  @Test("too long cut text and fences are skipped, and the connection lives")
  func skipped() {
    let server = ClientMessageTests.server([.fence, .extendedClipboard])
    let key = ClientMessage.key(isDown: true, keysym: 1, keycode: nil)
    let long = ClientMessage.cutText([UInt8](repeating: 4, count: 300_000)).encoded()
    #expect(server.receive(long + key.encoded()) == [.message(key)])
    let extended = bytes("06 000000") + bytes("fffffc17") + [UInt8](repeating: 4, count: 1001)
    #expect(server.receive(extended + key.encoded()) == [.message(key)])
    let fence = bytes("f8 000000 80000003 41") + [UInt8](repeating: 4, count: 65)
    #expect(server.receive(fence + key.encoded()) == [.message(key)])
    #expect(server.takeOutput() == [])
    // Two gigabytes are announced: nothing is kept of what comes.
    #expect(server.receive(bytes("06 000000 7fffffff") + [UInt8](repeating: 4, count: 100_000)) == [])
    #expect(server.input.count == 0)
  }

  @Test("listing an extension the first time is answered once")
  func listing() {
    let server = ClientMessageTests.server()
    let list = ClientMessage.setEncodings([.fence, .continuousUpdates, .extendedClipboard]).encoded()
    let capabilities = bytes("03 000000 fffffff8 1f000001 00000000")
    _ = server.receive(list)
    #expect(server.takeOutput() == bytes("f8 000000 80000000 01 00 96") + capabilities)
    _ = server.receive(list)
    #expect(server.takeOutput() == capabilities)
  }

  @Test("fences are answered in place, with SyncNext after the next message")
  func fences() {
    let server = ClientMessageTests.server([.fence, .continuousUpdates])
    // The request of which the description tells: all bits but SyncNext.
    #expect(server.receive(bytes("f8 000000 fffffffb 03 616263")) == [])
    #expect(server.takeOutput() == bytes("f8 000000 00000003 03 616263"))
    #expect(server.receive(bytes("f8 000000 80000004 01 07")) == [])
    #expect(server.takeOutput() == [])
    #expect(server.receive(bytes("96 00 0000 0000 0000 00")) == [])
    #expect(server.takeOutput() == [])
    #expect(server.receive([0]) == [.message(.enableContinuousUpdates(false, .empty))])
    #expect(server.takeOutput() == bytes("96 f8 000000 00000004 01 07"))
    #expect(server.receive(bytes("f8 000000 00000000 01 07")) == [.message(.fence(flags: 0, payload: [7]))])
  }

  @Test("more than seven buttons count only after they were offered")
  func buttons() {
    let server = ClientMessageTests.server([.extendedMouseButtons])
    #expect(server.receive(bytes("05 81 0001 0002")) == [.message(.pointer(buttons: 0x81, x: 1, y: 2))])
    server.writer.extendedMouseButtons()
    #expect(server.receive(bytes("05 81 0001 0002 03")) == [.message(.pointer(buttons: 0x181, x: 1, y: 2))])
    #expect(server.receive(bytes("05 01 0001 0002")) == [.message(.pointer(buttons: 1, x: 1, y: 2))])
    #expect(
      ClientMessage.pointer(buttons: 0x181, x: 1, y: 2).encoded(hasExtendedMouse: true) == bytes("05 81 0001 0002 03"))
  }

  @Test("the list decides the encoding and the level")
  func preferences() {
    let server = ClientMessageTests.server([Encoding(rawValue: 99), .copyRect, .hextile, .zrle, .compressionLevel(2)])
    #expect(server.preferredEncoding == .hextile)
    #expect(server.writer.compressionLevel == 2)
    #expect(server.lists(.raw) && server.lists(.copyRect) && !server.lists(.tight))
    _ = server.receive(ClientMessage.setEncodings([]).encoded())
    #expect(server.preferredEncoding == .raw)
    #expect(!server.lists(.copyRect))
  }

  @Test("layouts of screens")
  func layouts() {
    let screen = Screen(id: 1, area: Rectangle(x: 0, y: 0, width: 10, height: 10))
    let beside = Screen(id: 2, area: Rectangle(x: 10, y: 0, width: 10, height: 10))
    #expect(Screen.isValidLayout([screen, beside], width: 20, height: 10))
    #expect(!Screen.isValidLayout([], width: 20, height: 10))
    #expect(!Screen.isValidLayout([screen, beside], width: 19, height: 10))
    #expect(!Screen.isValidLayout([screen, screen], width: 20, height: 10))
    #expect(!Screen.isValidLayout([Screen(id: 1, area: .empty)], width: 20, height: 10))
  }
}
