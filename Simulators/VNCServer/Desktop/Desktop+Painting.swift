import RemoteFramebuffer

/// How a desktop looks: layers from the back to the front, each drawn by fills of rows.
extension Desktop {
  private static let tile = 32
  private static let paper: UInt32 = 0xf6f2e8
  private static let ink: UInt32 = 0x202830
  private static let barColour: UInt32 = 0x30343c
  private static let barInk: UInt32 = 0xe8e8f0
  private static let title: [UInt8] = Array("Window".utf8)

  /// Paints what of the desktop lies inside `clip`.
  func paint(_ clip: Rectangle, on picture: inout Framebuffer) {
    let clip = clip.intersection(bounds)
    guard !clip.isEmpty else { return }
    // The marker and the video region change most and nothing of them shows what lies behind.
    if layout.marker.contains(clip) { return picture.fill(clip, UInt32(truncatingIfNeeded: serial)) }
    if !layout.video.contains(clip) {
      paintBackground(clip, on: &picture)
      text.draw((Self.paper, Self.ink), in: clip, on: &picture)
      paintTrail(clip, on: &picture)
      paintWindow(clip, on: &picture)
    }
    paintVideo(clip, on: &picture)
    paintBar(clip, on: &picture)
    picture.fill(clip.intersection(layout.marker), UInt32(truncatingIfNeeded: serial))
  }

  private func paintBackground(_ clip: Rectangle, on picture: inout Framebuffer) {
    let side = Self.tile
    for row in (clip.y / side)...((clip.endY - 1) / side) {
      for column in (clip.x / side)...((clip.endX - 1) / side) {
        let tile = Rectangle(x: column * side, y: row * side, width: side, height: side)
        let choice = Noise.mix(seed, row &* 1_024 &+ column) & 7
        picture.fill(tile.intersection(clip), shade(choice))
      }
    }
  }

  /// One of eight colours of this desktop, all rather dark.
  private func shade(_ choice: UInt64) -> UInt32 {
    UInt32(truncatingIfNeeded: Noise.mix(seed, -2 - Int(choice))) & 0x3f_3f7f
  }

  private func paintTrail(_ clip: Rectangle, on picture: inout Framebuffer) {
    for place in trail { picture.fill(dot(place).intersection(clip), 0xff_d040) }
  }

  private func paintWindow(_ clip: Rectangle, on picture: inout Framebuffer) {
    let clip = clip.intersection(window)
    guard !clip.isEmpty else { return }
    let bar = titleBar
    picture.fill(clip.intersection(bar), 0x2a_5c8f)
    PixelFont.draw(Self.title, x: bar.x + 6, y: bar.y + 2, 0xff_ffff, in: clip.intersection(bar), on: &picture)
    let body = Rectangle(x: window.x, y: bar.endY, width: window.width, height: window.height - bar.height)
    // Stripes that begin at the window: a move takes them along.
    for row in body.intersection(clip).y..<body.intersection(clip).endY {
      let stripe = UInt64((row - body.y) / 4)
      let line = Rectangle(x: body.x, y: row, width: body.width, height: 1).intersection(clip)
      picture.fill(line, 0xc0_c8d0 - UInt32(Noise.mix(seed, 4_096 &+ Int(stripe)) & 15) * 0x04_0404)
    }
    let column = Rectangle(x: body.x + body.width / 3, y: body.y, width: 3, height: body.height)
    picture.fill(column.intersection(clip), 0xa0_2020)
  }

  private func paintVideo(_ clip: Rectangle, on picture: inout Framebuffer) {
    let part = clip.intersection(layout.video)
    guard !part.isEmpty else { return }
    // Every row is a stretch of one noise, another one each frame and recoloured: quick to draw, and nothing in it repeats.
    let frame = Noise.mix(seed ^ 0x5bd1_e995, videoSerial)
    let tint = UInt32(truncatingIfNeeded: frame) & 0xff_ffff
    let column = part.x - layout.video.x
    let top = part.y - layout.video.y
    noise.withUnsafeBufferPointer { noise in
      guard let base = noise.baseAddress, noise.count >= Self.noiseLength + part.width + column else { return }
      picture.withRows(of: part) { row, pixels in
        let start = Int(truncatingIfNeeded: frame >> 24) &+ (top + row) &* DesktopLayout.videoSide
        let source = base + (start & (Self.noiseLength - 1)) + column
        for x in 0..<part.width { pixels[x] = source[x] ^ tint }
      }
    }
  }

  private func paintBar(_ clip: Rectangle, on picture: inout Framebuffer) {
    let clip = clip.intersection(layout.bar)
    guard !clip.isEmpty else { return }
    picture.fill(clip, Self.barColour)
    guard !clock.isEmpty else { return }
    PixelFont.draw(clockText, x: clock.x, y: clock.y, Self.barInk, in: clip.intersection(clock), on: &picture)
  }

  /// `HH:MM:SS` of the second the clock shows.
  private var clockText: [UInt8] {
    var text: [UInt8] = []
    for part in [clockSeconds / 3_600 % 24, clockSeconds / 60 % 60, clockSeconds % 60] {
      if !text.isEmpty { text.append(UInt8(ascii: ":")) }
      text.append(UInt8(ascii: "0") + UInt8(part / 10))
      text.append(UInt8(ascii: "0") + UInt8(part % 10))
    }
    return text
  }
}
