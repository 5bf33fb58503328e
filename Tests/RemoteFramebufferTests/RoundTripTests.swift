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
}
