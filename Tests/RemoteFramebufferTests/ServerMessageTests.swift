import Testing

@testable import RemoteFramebuffer

@Suite("What a viewer takes from a server")
struct ServerMessageTests {
  /// A server and a viewer of 20 x 10 that have negotiated everything.
  private func conversation(
    _ encodings: [Encoding] = ClientMessageTests.everything, format: PixelFormat? = nil, window: Rectangle? = nil
  ) -> Conversation {
    var conversation = Conversation(
      ServerConfiguration(width: 20, height: 10, name: "d"),
      ViewerConfiguration(format: format, encodings: encodings, window: window))
    conversation.run()
    conversation.viewerEvents = []
    conversation.serverEvents = []
    conversation.fromServer = []
    return conversation
  }

  @Test("pseudo-rectangles in one update")
  func pseudoRectangles() {
    var conversation = conversation()
    let cursor = Cursor(
      hotspotX: 1, hotspotY: 2, width: 9, height: 2, pixels: (0..<18).map { UInt32($0 * 70_000 & 0xff_ffff) },
      mask: (0..<18).map { $0 % 3 == 0 })
    let screens = [Screen(id: 3, area: Rectangle(x: 0, y: 0, width: 30, height: 8), flags: 9)]
    let writer = conversation.server.writer
    writer.beginUpdate()
    writer.cursor(cursor)
    writer.desktopName("näm€")
    writer.extendedKey()
    writer.extendedMouseButtons()
    writer.extendedDesktopSize(reason: .otherClient, status: .done, width: 30, height: 8, screens: screens)
    #expect(writer.endUpdate() == 5)
    writer.bell()
    writer.cutText([72, 228])
    writer.xvp(code: 1)
    writer.fence(flags: 1, payload: [5])
    writer.endOfContinuousUpdates()
    conversation.run()
    #expect(
      conversation.viewerEvents == [
        .cursor(cursor), .desktopName("näm€"), .extendedKey, .extendedMouseButtons, .resized(width: 30, height: 8),
        .layout(reason: 2, status: 0, screens: screens), .updated([]), .bell, .cutText([72, 228]), .xvp(code: 1),
        .fence(flags: 1, payload: [5]), .continuousUpdatesEnded,
      ])
    #expect(conversation.viewer.framebuffer.bounds == Rectangle(x: 0, y: 0, width: 30, height: 8))
    conversation.viewer.pointer(buttons: 0x100, x: 1, y: 1)
    conversation.run()
    #expect(conversation.messages == [.pointer(buttons: 0x100, x: 1, y: 1)])
  }

  @Test("bytes of pseudo-rectangles and messages")
  func layout() {
    let writer = UpdateWriter()
    writer.beginUpdate()
    writer.cursor(
      Cursor(hotspotX: 0, hotspotY: 1, width: 1, height: 2, pixels: [0x010203, 0xff0000], mask: [true, false]))
    writer.desktopSize(width: 3, height: 4)
    writer.lastRectangle()
    writer.endUpdate()
    #expect(
      writer.takeOutput()
        == bytes(
          """
          00 00 ffff 0000 0001 0001 0002 ffffff11 03020100 0000ff00 80 00
          0000 0000 0003 0004 ffffff21 0000 0000 0000 0000 ffffff20
          """))
    writer.beginUpdate()
    writer.extendedDesktopSize(
      reason: .thisClient, status: .invalidLayout, width: 3, height: 4,
      screens: [Screen(id: 1, area: Rectangle(x: 0, y: 0, width: 3, height: 4))])
    writer.desktopName("ab")
    writer.endUpdate()
    #expect(
      writer.takeOutput()
        == bytes(
          """
          00 00 0002 0001 0003 0003 0004 fffffecc 01 000000 00000001 0000 0000 0003 0004 00000000
          0000 0000 0000 0000 fffffecd 00000002 6162
          """))
    writer.colourMap(first: 2, [0x0180ff])
    writer.bell()
    #expect(writer.takeOutput() == bytes("01 00 0002 0001 0101 8080 ffff 02"))
    writer.beginUpdate()
    #expect(writer.endUpdate() == 0)
    #expect(writer.takeOutput() == [])
  }

  @Test("a refused new size changes nothing")
  func refusedSize() {
    var conversation = conversation()
    conversation.server.writer.beginUpdate()
    conversation.server.writer.extendedDesktopSize(
      reason: .thisClient, status: .prohibited, width: 99, height: 99, screens: [])
    conversation.run()
    #expect(conversation.viewerEvents == [.layout(reason: 1, status: 1, screens: []), .updated([])])
    #expect(conversation.viewer.screenWidth == 20)
  }

  @Test("a new size keeps what fits of the picture")
  func resize() {
    var conversation = conversation()
    let picture = testPicture(width: 20, height: 10, seed: 3)
    let writer = conversation.server.writer
    writer.beginUpdate()
    writer.encode(picture.bounds, of: picture, as: .zrle)
    writer.desktopSize(width: 12, height: 16)
    writer.endUpdate()
    conversation.run()
    #expect(conversation.viewerEvents == [.resized(width: 12, height: 16), .updated([picture.bounds])])
    var shown = Framebuffer(width: 12, height: 16)
    for y in 0..<10 { for x in 0..<12 { shown[x, y] = picture[x, y] } }
    #expect(conversation.viewer.framebuffer.difference(from: shown) == nil)
  }

  @Test("a colour map comes once before the first update of its format")
  func colourMap() {
    let format = RoundTripTests.formats[9]
    var conversation = conversation([.raw], format: format)
    let picture = testPicture(width: 20, height: 10, seed: 4)
    for round in 0..<2 {
      conversation.server.writer.beginUpdate()
      conversation.server.writer.encode(picture.bounds, of: picture, as: .raw)
      conversation.run()
      #expect(conversation.viewerEvents.count == 2 + round)
    }
    #expect(conversation.viewerEvents.first == .colourMap(first: 0, count: 256))
    #expect(conversation.fromServer.count == 6 + 256 * 6 + 2 * (4 + 12 + 200))
    #expect(conversation.viewer.framebuffer.difference(from: rounded(picture, format)) == nil)
  }

  @Test("a viewer of a part of the screen keeps that part", arguments: Encoding.pictures)
  func window(encoding: Encoding) {
    var conversation = conversation([encoding], window: Rectangle(x: 5, y: 3, width: 90, height: 4))
    #expect(conversation.viewer.window == Rectangle(x: 5, y: 3, width: 15, height: 4))
    conversation.viewer.requestUpdate(isIncremental: false)
    conversation.run()
    #expect(conversation.messages.last == .updateRequest(isIncremental: false, conversation.viewer.window))
    let picture = testPicture(width: 20, height: 10, seed: 5)
    conversation.server.writer.beginUpdate()
    conversation.server.writer.encode(conversation.viewer.window, of: picture, as: encoding)
    conversation.run()
    for y in 0..<4 {
      for x in 0..<15 { #expect(conversation.viewer.framebuffer[x, y] == picture[x + 5, y + 3]) }
    }
    conversation.server.writer.beginUpdate()
    conversation.server.writer.encode(picture.bounds, of: picture, as: encoding)
    conversation.run()
    #expect(conversation.viewer.failure == .rectangleOutside(picture.bounds))
  }

  @Test("fences of the server are answered")
  func fences() {
    var conversation = conversation()
    conversation.server.writer.fence(flags: 0xffff_fffb, payload: [1, 2, 3])
    conversation.run()
    #expect(conversation.messages == [.fence(flags: 3, payload: [1, 2, 3])])
    conversation.viewer.fence(flags: Fence.blockBefore, payload: [4])
    conversation.run()
    #expect(conversation.viewerEvents == [.fence(flags: 1, payload: [4])])
  }

  @Test(
    "broken updates are named errors",
    arguments: [
      (
        "00 00 0001 0000 0000 0015 0001 00000000", [Encoding.raw],
        RFBError.rectangleOutside(Rectangle(x: 0, y: 0, width: 21, height: 1))
      ),
      (
        "00 00 0001 ffff 0000 0001 0001 00000000", [.raw],
        .rectangleOutside(Rectangle(x: 65535, y: 0, width: 1, height: 1))
      ),
      ("00 00 0001 0000 0000 0001 0001 00000010", [.raw], .unofferedEncoding(.zrle)),
      ("00 00 0001 0000 0000 0001 0001 00000063", [.raw], .unofferedEncoding(Encoding(rawValue: 99))),
      (
        "00 00 0001 0000 0000 0004 0004 00000001 0011 0000", [.copyRect],
        .rectangleOutside(Rectangle(x: 17, y: 0, width: 4, height: 4))
      ),
      (
        "00 00 0001 0000 0000 0004 0004 00000002 00000011 00000000", [.rre],
        .badEncodingData(.rre, "17 subrectangles in 16 pixels")
      ),
      (
        "00 00 0001 0000 0000 0004 0004 00000002 00000001 00000000 00000000 0001 0000 0004 0001", [.rre],
        .badEncodingData(.rre, "a subrectangle 4x1+1+0 in 4x4")
      ),
      ("00 00 0001 0000 0000 0004 0004 00000005 00", [.hextile], .badEncodingData(.hextile, "no background")),
      (
        "00 00 0001 0000 0000 0004 0004 00000005 0a 00000000 01 0000", [.hextile],
        .badEncodingData(.hextile, "no foreground")
      ),
      (
        "00 00 0001 0000 0000 0004 0004 00000005 1a 00000000 01 00000000 3010", [.hextile],
        .badEncodingData(.hextile, "a subrectangle beyond its tile")
      ),
      ("00 00 0001 0000 0000 0004 0004 00000007 90", [.tight], .jpegNotSupported),
      ("00 00 0001 0000 0000 0004 0004 00000007 b0", [.tight], .badEncodingData(.tight, "control byte 176")),
      ("00 00 0001 0000 0000 0004 0004 00000007 40 03", [.tight], .badEncodingData(.tight, "filter 3")),
      (
        "00 00 0001 0000 0000 0004 0002 00000007 50 01 02 000000 000000 000000 00000003 00000000", [.tight],
        .badEncodingData(.tight, "index 3 into 3 colours")
      ),
      ("00 00 0001 0000 0000 0004 0004 00000007 00 00", [.tight], .badZlibData("no data")),
      ("00 00 0001 0000 0000 0004 0004 00000010 00000002 ffff", [.zrle], .badZlibData("incorrect header check")),
      (
        "00 00 0001 0000 0000 0004 0004 00000010 7fffffff", [.zrle],
        .lengthTooLarge("ZRLE data", 0x7fff_ffff, limit: 16_969)
      ),
      ("00 00 0001 0000 0000 0101 0001 ffffff11", [.cursor], .lengthTooLarge("side of a cursor", 257, limit: 256)),
      ("00 00 0001 0000 0000 0000 0001 ffffff21", [.desktopSize], .badSize(width: 0, height: 1)),
      ("01 00 0000 0001", [], .badColourMap),
      ("04", [], .unknownMessage(4)),
      ("03 000000 ffffffff", [], .notNegotiated(3)),
    ] as [(String, [Encoding], RFBError)])
  func broken(hex: String, encodings: [Encoding], error: RFBError) {
    let conversation = conversation(encodings)
    let events = conversation.viewer.receive(bytes(hex))
    #expect(events.last == .failed(error))
  }

  @Test(
    "ZRLE tiles that break the rules are named errors",
    arguments: [
      ("11", RFBError.badEncodingData(.zrle, "subencoding 17")),
      ("7f", .badEncodingData(.zrle, "subencoding 127")),
      ("81", .badEncodingData(.zrle, "subencoding 129")),
      ("03 000000 000000 000000 c0000000", .badEncodingData(.zrle, "index 3 into 3 colours")),
      ("80 000000 10", .badEncodingData(.zrle, "a run of 17 pixels beyond its tile")),
      ("80 000000 07 000000 08", .badEncodingData(.zrle, "a run of 9 pixels beyond its tile")),
      ("80 000000", .badZlibData("a run that is cut off")),
      ("82 000000 000000 82 0f", .badEncodingData(.zrle, "index 2 into 2 colours")),
      ("82 000000 000000 80 ff", .badZlibData("less data than the rectangle needs")),
      ("01 000000 00", .badZlibData("more data than the rectangle needs")),
      ("00 000000", .badZlibData("less data than the rectangle needs")),
      ("", .badZlibData("less data than the rectangle needs")),
    ])
  func brokenTiles(hex: String, error: RFBError) {
    let conversation = conversation([.zrle])
    let sink = ByteSink()
    let plain = bytes(hex)
    Deflater(level: 6).compress(plain, count: plain.count, isLast: true, into: sink)
    let data = sink.take()
    let head = bytes("00 00 0001 0000 0000 0004 0004 00000010 000000") + [UInt8(data.count)]
    #expect(conversation.viewer.receive(head + data) == [.failed(error)])
  }

  @Test("a small rectangle cannot inflate into much", arguments: [Encoding.zlib, .tight, .zrle])
  func bomb(encoding: Encoding) {
    let conversation = conversation([encoding])
    let sink = ByteSink()
    let zeros = [UInt8](repeating: 0, count: 4 << 20)
    Deflater(level: 9).compress(zeros, count: zeros.count, isLast: true, into: sink)
    let data = sink.take()
    #expect(data.count < 8000)
    var head = bytes("00 00 0001 0000 0000 0004 0004 000000") + [UInt8(encoding.rawValue)]
    head +=
      encoding == .tight
      ? [0] + Tight.compactLength(data.count) : [0, 0, UInt8(data.count >> 8), UInt8(data.count & 255)]
    let events = conversation.viewer.receive(head + data)
    #expect(events == [.failed(.badZlibData("more data than the rectangle needs"))])
  }

  @Test(
    "zlib streams go on from update to update, and a lost update is noticed", arguments: [Encoding.zlib, .tight, .zrle])
  func continuity(encoding: Encoding) {
    var conversation = conversation([encoding])
    let writer = conversation.server.writer
    var updates: [[UInt8]] = []
    for seed in 0..<4 {
      var picture = testPicture(width: 20, height: 10, seed: 77)
      for x in 0..<20 { picture[x, seed] = UInt32(x * 1000 * (seed + 1)) }
      writer.beginUpdate()
      writer.encode(picture.bounds, of: picture, as: encoding)
      updates.append(conversation.server.takeOutput())
    }
    #expect(updates[1].count < updates[0].count, "later updates refer to earlier ones")
    #expect(conversation.viewer.receive(updates[0]) == [.updated([Rectangle(x: 0, y: 0, width: 20, height: 10)])])
    // Neither may come again or be left out.
    if encoding != .tight {
      guard case .failed = conversation.viewer.receive(updates[2] + updates[3]).last else {
        Issue.record("a lost update went unnoticed")
        return
      }
    }
    conversation.run()
  }
}
