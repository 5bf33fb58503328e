/// Programs that measure the codec. The caller brings the clock, because nothing in this layer may read one.
package enum EncodingBenchmarks {
  /// What one encoding reached with one picture.
  package struct Measurement: Sendable, Hashable {
    /// Encoding and picture, for example `ZRLE desktop`.
    package let name: String
    /// Million bytes of pixels (4 each) that were encoded in a second.
    package let encoded: Int64
    /// Million bytes of pixels that were decoded in a second.
    package let decoded: Int64
    /// Bytes on the wire of one picture.
    package let size: Int
  }

  /// Reads a monotonic clock in nanoseconds.
  package typealias Clock = () -> UInt64

  /// Every encoding with a desktop and with noise, each sent `rounds` times.
  package static func all(width: Int = 1280, height: Int = 800, rounds: Int = 5, clock: Clock) -> [Measurement] {
    let pictures = [("desktop", desktop(width: width, height: height)), ("noise", noise(width: width, height: height))]
    return pictures.flatMap { name, picture in
      Encoding.pictures.map { measure($0, name, picture, rounds: max(1, rounds), clock: clock) }
    }
  }

  private static func measure(
    _ encoding: Encoding, _ name: String, _ picture: Framebuffer, rounds: Int, clock: Clock
  ) -> Measurement {
    let writer = UpdateWriter()
    let viewer = ViewerSession(ViewerConfiguration(encodings: [encoding]))
    _ = viewer.receive(
      ProtocolVersion.v33.line + [0, 0, 0, 1] + serverInit(width: picture.width, height: picture.height))
    var encodeTime: UInt64 = 0
    var decodeTime: UInt64 = 0
    var size = 0
    for _ in 0..<rounds {
      let start = clock()
      writer.beginUpdate()
      writer.encode(picture.bounds, of: picture, as: encoding)
      let update = writer.takeOutput()
      let middle = clock()
      _ = viewer.receive(update)
      decodeTime += clock() &- middle
      encodeTime += middle &- start
      size = update.count
    }
    let bytes = UInt64(picture.bounds.area * 4 * rounds)
    return Measurement(
      name: "\(encoding) \(name)", encoded: rate(bytes, encodeTime), decoded: rate(bytes, decodeTime), size: size)
  }

  private static func serverInit(width: Int, height: Int) -> [UInt8] {
    let sink = ByteSink()
    sink.uint16(width)
    sink.uint16(height)
    PixelFormat.natural.write(to: sink)
    sink.text("")
    return sink.take()
  }

  /// Million bytes a second.
  private static func rate(_ bytes: UInt64, _ nanoseconds: UInt64) -> Int64 {
    Int64(clamping: bytes * 1000 / max(1, nanoseconds))
  }

  /// A picture like a desktop: a shaded background, windows with title bars and borders, lines of small text, a photograph.
  package static func desktop(width: Int, height: Int) -> Framebuffer {
    var picture = Framebuffer(width: width, height: height)
    var state: UInt64 = 88_172_645_463_325_252
    picture.withRows(of: picture.bounds) { row, pixels in
      for column in 0..<width { pixels[column] = 0x20_4060 + UInt32(row * 48 / max(1, height)) * 0x01_0101 }
    }
    let windows = [
      Rectangle(x: width / 16, y: height / 12, width: width / 2, height: height * 2 / 3),
      Rectangle(x: width * 2 / 5, y: height / 4, width: width / 2, height: height * 3 / 5),
    ]
    for window in windows {
      picture.fill(window, 0x30_3030)
      let inside = Rectangle(x: window.x + 1, y: window.y + 22, width: window.width - 2, height: window.height - 23)
      picture.fill(Rectangle(x: window.x + 1, y: window.y + 1, width: window.width - 2, height: 20), 0x50_70b0)
      picture.fill(inside, 0xff_ffff)
      for line in stride(from: inside.y + 4, to: inside.endY - 12, by: 16) {
        let length = inside.width / 3 + Int(next(&state) % UInt64(max(1, inside.width / 2)))
        for glyph in stride(from: inside.x + 4, to: inside.x + length, by: 7) where next(&state) % 6 != 0 {
          draw(next(&state), at: Rectangle(x: glyph, y: line, width: 6, height: 10), in: &picture)
        }
      }
    }
    let photograph = Rectangle(x: width * 3 / 4, y: height / 16, width: width / 5, height: height / 5)
    picture.withRows(of: photograph) { row, pixels in
      for column in 0..<photograph.width {
        let grain = UInt32(next(&state) & 7)
        pixels[column] =
          UInt32((row + column) & 0xff) << 16 | UInt32(row * 2 & 0xf8) << 8 | UInt32(column & 0xf8) | grain
      }
    }
    picture.fill(Rectangle(x: 0, y: height - 28, width: width, height: 28), 0x10_1010)
    return picture
  }

  /// A glyph of dark strokes with grey edges, whose form the bits decide.
  private static func draw(_ bits: UInt64, at cell: Rectangle, in picture: inout Framebuffer) {
    picture.withRows(of: cell.intersection(picture.bounds)) { row, pixels in
      for column in 0..<min(5, cell.width) where bits >> UInt64((row / 2 * 5 + column) & 63) & 1 == 1 {
        pixels[column] = column == 0 || bits >> UInt64((row / 2 * 5 + column - 1) & 63) & 1 == 0 ? 0x80_8080 : 0x10_1010
      }
    }
  }

  /// A picture that nothing can compress.
  package static func noise(width: Int, height: Int) -> Framebuffer {
    var picture = Framebuffer(width: width, height: height)
    var state: UInt64 = 362_436_069
    picture.withRows(of: picture.bounds) { _, pixels in
      for column in 0..<width { pixels[column] = UInt32(next(&state) >> 24 & 0xff_ffff) }
    }
    return picture
  }

  private static func next(_ state: inout UInt64) -> UInt64 {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return state &* 0x2545_f491_4f6c_dd1d
  }
}
