import Testing

@testable import RemoteFramebuffer

@Suite("Pixels there and back")
struct RoundTripTests {
  static let formats: [PixelFormat] = [
    .natural,
    PixelFormat(
      bitsPerPixel: 32, depth: 24, isBigEndian: true, redMax: 255, greenMax: 255, blueMax: 255, redShift: 16,
      greenShift: 8, blueShift: 0),
    PixelFormat(
      bitsPerPixel: 32, depth: 24, redMax: 255, greenMax: 255, blueMax: 255, redShift: 0, greenShift: 8, blueShift: 16),
    PixelFormat(
      bitsPerPixel: 32, depth: 24, redMax: 255, greenMax: 255, blueMax: 255, redShift: 24, greenShift: 16, blueShift: 8),
    PixelFormat(
      bitsPerPixel: 32, depth: 24, isBigEndian: true, redMax: 255, greenMax: 255, blueMax: 255, redShift: 8,
      greenShift: 16, blueShift: 24),
    PixelFormat(
      bitsPerPixel: 32, depth: 32, redMax: 255, greenMax: 255, blueMax: 255, redShift: 20, greenShift: 10, blueShift: 1),
    PixelFormat(
      bitsPerPixel: 16, depth: 16, redMax: 31, greenMax: 63, blueMax: 31, redShift: 11, greenShift: 5, blueShift: 0),
    PixelFormat(
      bitsPerPixel: 16, depth: 15, isBigEndian: true, redMax: 31, greenMax: 31, blueMax: 31, redShift: 10,
      greenShift: 5, blueShift: 0),
    PixelFormat(
      bitsPerPixel: 8, depth: 8, redMax: 7, greenMax: 7, blueMax: 3, redShift: 0, greenShift: 3, blueShift: 6),
    PixelFormat(
      bitsPerPixel: 8, depth: 8, isTrueColour: false, redMax: 0, greenMax: 0, blueMax: 0, redShift: 0, greenShift: 0,
      blueShift: 0),
  ]

  @Test("a picture arrives as its format rounds it", arguments: formats, Encoding.pictures)
  func picture(format: PixelFormat, encoding: Encoding) {
    for (seed, (width, height)) in [(210, 150), (1, 1), (17, 65), (130, 3)].enumerated() {
      var conversation = Conversation(
        ServerConfiguration(width: width, height: height, name: "d"),
        ViewerConfiguration(format: format, encodings: [encoding]))
      conversation.run()
      let writer = conversation.server.writer
      for round in 0..<2 {
        let picture = testPicture(width: width, height: height, seed: UInt64(seed * 10 + round))
        writer.allowsGradient = round == 1
        writer.beginUpdate()
        writer.encode(picture.bounds, of: picture, as: encoding)
        writer.endUpdate()
        conversation.run()
        #expect(conversation.viewer.failure == nil)
        #expect(conversation.viewer.updateCount == round + 1)
        #expect(conversation.viewer.framebuffer.difference(from: rounded(picture, format)) == nil)
      }
    }
  }

  @Test("parts of a picture arrive in their places", arguments: Encoding.pictures)
  func parts(encoding: Encoding) {
    let width = 150
    let height = 90
    var conversation = Conversation(
      ServerConfiguration(width: width, height: height, name: "d"),
      ViewerConfiguration(encodings: [.copyRect, encoding, .lastRectangle]))
    conversation.run()
    var shown = Framebuffer(width: width, height: height)
    var draws = Draws(7)
    let writer = conversation.server.writer
    for round in 0..<20 {
      let picture = testPicture(width: width, height: height, seed: UInt64(round))
      let source = Rectangle(
        x: draws.below(50), y: draws.below(40), width: 1 + draws.below(80), height: 1 + draws.below(40))
      let x = draws.below(width - source.width + 1)
      let y = draws.below(height - source.height + 1)
      let part = Rectangle(
        x: draws.below(width), y: draws.below(height), width: 1 + draws.below(width), height: 1 + draws.below(height)
      ).intersection(picture.bounds)
      // The level may change in the middle of a stream.
      writer.compressionLevel = draws.below(10)
      writer.beginUpdate()
      writer.copy(
        to: Rectangle(x: x, y: y, width: source.width, height: source.height), fromX: source.x, y: source.y)
      writer.encode(part, of: picture, as: encoding)
      if round % 2 == 0 { writer.lastRectangle() }
      writer.endUpdate()
      conversation.run()
      // The same by single pixels of a snapshot.
      let before = shown
      for row in 0..<source.height {
        for column in 0..<source.width { shown[x + column, y + row] = before[source.x + column, source.y + row] }
      }
      for row in part.y..<part.endY { for column in part.x..<part.endX { shown[column, row] = picture[column, row] } }
      #expect(conversation.viewer.failure == nil)
      #expect(conversation.viewer.framebuffer.difference(from: shown) == nil)
    }
  }

  @Test("channels are rounded to the nearest step, on the way there and back")
  func rounding() {
    let format = RoundTripTests.formats[6]
    // Down: 100 * 31 / 255 = 12.2, 150 * 63 / 255 = 37.1, 200 * 31 / 255 = 24.3.
    #expect(format.value(of: 0x6496c8) == 12 << 11 | 37 << 5 | 24)
    // Up: 105 * 31 / 255 = 12.8, 152 * 63 / 255 = 37.6, 205 * 31 / 255 = 24.9.
    #expect(format.value(of: 0x6998cd) == 13 << 11 | 38 << 5 | 25)
    // 12 * 255 / 31 = 98.7, 37 * 255 / 63 = 149.8, 24 * 255 / 31 = 197.4.
    #expect(format.rounded(0x6496c8) == 99 << 16 | 150 << 8 | 197)
    #expect(format.rounded(0xffffff) == 0xffffff)
    #expect(PixelFormat.natural.rounded(0x6496c8) == 0x6496c8)
  }

  @Test("compressed pixels have the three bytes that hold colour, in the order of the format")
  func compressedPixels() {
    let places = RoundTripTests.formats.prefix(6).map { format in
      var word: UInt32 = 0
      let encoder = PixelEncoder(format, .compressed)
      withUnsafePointer(to: UInt32(0x010203)) { encoder.translate($0, &word, count: 1) }
      return (0..<encoder.byteCount).map { UInt8(truncatingIfNeeded: word >> UInt32(8 * $0)) }
    }
    #expect(places[0] == [3, 2, 1])
    #expect(places[1] == [1, 2, 3])
    #expect(places[2] == [1, 2, 3])
    #expect(places[3] == [3, 2, 1])
    #expect(places[4] == [3, 2, 1])
    // Depth 32: all four bytes of 1 << 20 | 2 << 10 | 3 << 1.
    #expect(places[5] == [0x06, 0x08, 0x10, 0x00])
  }

  @Test("the programs that measure the codec send and read every encoding")
  func benchmarks() {
    var time: UInt64 = 0
    let small = EncodingBenchmarks.desktop(width: 160, height: 100)
    #expect(small.digest == EncodingBenchmarks.desktop(width: 160, height: 100).digest)
    let results = EncodingBenchmarks.all(width: 160, height: 100, rounds: 1) {
      time += 1_000_000
      return time
    }
    #expect(results.count == 12)
    #expect(results.allSatisfy { $0.encoded == 64 && $0.decoded == 64 && $0.size > 0 })
  }
}
