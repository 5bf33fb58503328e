import Testing

@testable import RemoteFramebuffer

/// The bytes written down in the protocol's description.
@Suite("Bytes on the wire")
struct VectorTests {
  /// 4 x 2 pixels: A A B B / A A A B, A red, B blue.
  private var picture: Framebuffer {
    var picture = Framebuffer(width: 4, height: 2, colour: 0xff0000)
    for (x, y) in [(2, 0), (3, 0), (3, 1)] { picture[x, y] = 0x0000ff }
    return picture
  }

  /// The update of one rectangle: its data after the head.
  private func data(_ picture: Framebuffer, _ encoding: Encoding) -> [UInt8] {
    let writer = UpdateWriter()
    writer.beginUpdate()
    writer.encode(picture.bounds, of: picture, as: encoding)
    #expect(writer.endUpdate() == 1)
    let update = writer.takeOutput()
    #expect(
      Array(update.prefix(16))
        == bytes("0000 0001 0000 0000") + [0, UInt8(picture.width), 0, UInt8(picture.height)]
        + [0, 0, 0, UInt8(encoding.rawValue)])
    return Array(update.dropFirst(16))
  }

  @Test(
    "a small picture in each encoding",
    arguments: [
      (Encoding.raw, "0000ff00 0000ff00 ff000000 ff000000 0000ff00 0000ff00 0000ff00 ff000000"),
      (.rre, "00000002 0000ff00 ff000000 0002 0000 0002 0001 ff000000 0003 0001 0001 0001"),
      (.hextile, "0e 0000ff00 ff000000 02 20 10 31 00"),
      (.tight, "50 01 01 ff0000 0000ff 30 10"),
    ])
  func encodings(encoding: Encoding, hex: String) {
    // As bytes in memory: B, G, R, X. The description writes them in that order.
    #expect(data(picture, encoding) == bytes(hex))
  }

  @Test("one colour in Tight is a fill")
  func fill() {
    #expect(data(Framebuffer(width: 4, height: 2, colour: 0xff0000), .tight) == bytes("80 ff0000"))
  }

  @Test("Hextile says colours again after a tile that made them undefined")
  func hextileCarry() {
    var picture = Framebuffer(width: 80, height: 16, colour: 0xff0000)
    // Two colours; the same two, carried over; three; two again; nothing but the background.
    for x in [0, 16, 32, 48] { picture[x, 0] = 0x0000ff }
    picture[34, 2] = 0x00ff00
    #expect(
      data(picture, .hextile)
        == bytes(
          """
          0e 0000ff00 ff000000 01 0000
          08 01 0000
          18 02 ff000000 0000 00ff0000 2200
          0c ff000000 01 0000
          00
          """))
    // Noise makes a tile raw, after which the background is undefined too.
    var noisy = Framebuffer(width: 32, height: 16, colour: 0xff0000)
    noisy.withRows(of: Rectangle(x: 0, y: 0, width: 16, height: 16)) { row, pixels in
      for column in 0..<16 { pixels[column] = UInt32(row * 16 + column) }
    }
    let raw = data(noisy, .hextile)
    #expect(raw.first == 1)
    #expect(Array(raw.dropFirst(1 + 1024)) == bytes("02 0000ff00"))
  }

  @Test("ZRLE packs a palette of two")
  func zrle() throws {
    let compressed = data(picture, .zrle)
    #expect(compressed.count == 4 + Int(compressed[3]))
    #expect(Array(compressed[4...5]) == bytes("78 9c"))
    #expect(Array(compressed.suffix(4)) == bytes("00 00 ff ff"), "ends with a flush")
    #expect(try inflated(Array(compressed.dropFirst(4))) == bytes("02 0000ff ff0000 30 10"))
  }

  private func inflated(_ compressed: [UInt8]) throws(RFBError) -> [UInt8] {
    var input = InputBuffer()
    input.append(compressed)
    return try input.withBytes { (bytes) throws(RFBError) in
      guard let base = bytes.baseAddress else { return [] }
      let inflater = Inflater()
      try inflater.begin(base, count: bytes.count)
      try inflater.fill(Inflater.windowSize)
      return Array(UnsafeBufferPointer(start: inflater.pointer, count: inflater.available))
    }
  }

  /// A viewer that got ServerInit for a screen of 4 x 2.
  private func viewer(_ encoding: Encoding, format: PixelFormat? = nil) -> ViewerSession {
    var conversation = Conversation(
      ServerConfiguration(width: 4, height: 2, name: "d"), ViewerConfiguration(format: format, encodings: [encoding]))
    conversation.run()
    return conversation.viewer
  }

  private func update(_ encoding: Encoding, _ data: [UInt8]) -> [UInt8] {
    bytes("0000 0001 0000 0000 0004 0002 0000 00") + [UInt8(encoding.rawValue)] + data
  }

  @Test(
    "the same picture read from each encoding",
    arguments: [
      (Encoding.raw, "0000ff00 0000ff00 ff000000 ff000000 0000ff00 0000ff00 0000ff00 ff000000"),
      (.rre, "00000002 0000ff00 ff000000 0002 0000 0002 0001 ff000000 0003 0001 0001 0001"),
      (.hextile, "0e 0000ff00 ff000000 02 20 10 31 00"),
      (.hextile, "1a 0000ff00 02 ff000000 20 10 ff000000 31 00"),
      (.tight, "50 01 01 ff0000 0000ff 30 10"),
      (.zrle, "02 0000ff ff0000 30 10"),
      (.zrle, "82 0000ff ff0000 80 01 81 01 80 02 01"),
      (.zrle, "80 0000ff 01 ff0000 01 0000ff 02 ff0000 00"),
      (.zrle, "00 0000ff 0000ff ff0000 ff0000 0000ff 0000ff 0000ff ff0000"),
    ])
  func decodings(encoding: Encoding, hex: String) {
    var data = bytes(hex)
    if encoding == .zrle {
      let sink = ByteSink()
      Deflater(level: 6).compress(data, count: data.count, isLast: true, into: sink)
      let compressed = sink.take()
      data = [0, 0, 0, UInt8(compressed.count)] + compressed
    }
    let viewer = viewer(encoding)
    #expect(viewer.receive(update(encoding, data)) == [.updated([picture.bounds])])
    #expect(viewer.framebuffer.difference(from: picture) == nil)
  }

  @Test(
    "compact lengths",
    arguments: [
      (0, "00"), (127, "7f"), (128, "80 01"), (10_000, "90 4e"), (16_383, "ff 7f"), (16_384, "80 80 01"),
      (4_194_303, "ff ff ff"),
    ])
  func compactLengths(length: Int, hex: String) throws {
    #expect(Tight.compactLength(length) == bytes(hex))
    var input = InputBuffer()
    input.append(bytes(hex))
    let read = try #require(Tight.compactLength(input, at: 0))
    #expect(read.length == length)
    #expect(read.size == input.count)
  }

  @Test(
    "responses to challenges",
    arguments: [
      ("secret", "000102030405060708090a0b0c0d0e0f", "ee22539f33a5983ec12f9c2edbc995dd"),
      ("password", "00000000000000000000000000000000", "ff97502e9422f089ff97502e9422f089"),
      ("", "000102030405060708090a0b0c0d0e0f", "491e890de9ace932838a49792f2213f3"),
    ])
  func responses(password: String, challenge: String, response: String) {
    #expect(VNCAuthentication.response(to: bytes(challenge), password: password) == bytes(response))
    #expect(VNCAuthentication.accepts(bytes(response), to: bytes(challenge), password: password))
    #expect(
      !VNCAuthentication.accepts(bytes(response), to: bytes(challenge), password: password + "x") || password.count >= 8
    )
  }

  @Test("the natural format")
  func naturalFormat() {
    let sink = ByteSink()
    PixelFormat.natural.write(to: sink)
    #expect(sink.take() == bytes("20 18 00 01 00ff 00ff 00ff 10 08 00 000000"))
  }

  @Test(
    "formats of real viewers are read",
    arguments: ["2018000100ff00ff00ff000810", "100f0001001f001f001f00050a", "08060001000700070003000306"])
  func viewerFormats(hex: String) {
    var input = InputBuffer()
    input.append(bytes(hex) + [0, 0, 0])
    let format = PixelFormat(input, at: 0)
    #expect(format.fault == nil)
  }
}
