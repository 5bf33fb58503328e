import RemoteFramebuffer
import Testing

@testable import VNCServer

@Suite("The desktop's picture")
struct DesktopTests {
  /// Does something to a desktop, mostly input.
  private func act(_ desktop: inout Desktop, _ draw: inout Draws) -> PictureChange {
    switch draw(12) {
    case 0...3:
      // Often by the title bar, so that the window is dragged.
      let bar = desktop.titleBar
      return desktop.point(x: bar.x + draw(40), y: bar.y + draw(30) - 5, buttons: draw(3) == 0 ? 0 : 1)
    case 4, 5: return desktop.point(x: draw(500) - 50, y: draw(400) - 50, buttons: draw(2))
    case 6...8: return desktop.key([0x41, 0x7a, 0xe9, 0x20, 0xff0d, 0xff08, 0xffe1][draw(7)], isDown: draw(3) > 0)
    case 9: return desktop.setClock(seconds: draw(86_400))
    case 10 where draw(6) == 0: return desktop.resize(width: 1 + draw(220), height: 1 + draw(170))
    default: return desktop.advanceVideo()
    }
  }

  @Test("what is painted bit by bit is what would be painted anew", arguments: 0..<12)
  func paintedAnew(seed: UInt64) {
    var draw = Draws(seed)
    var desktop = Desktop(
      width: 140 + draw(120), height: 80 + draw(80), seed: seed, content: [.window, .text, .trail, .clock])
    desktop.showPicture()
    for _ in 0..<60 {
      _ = act(&desktop, &draw)
      #expect(desktop.picture?.difference(from: desktop.paintedAnew()) == nil)
    }
  }

  @Test("a change names every pixel that it touched: its move and its damage make the new picture", arguments: 0..<12)
  func damage(seed: UInt64) throws {
    var draw = Draws(seed)
    var desktop = Desktop(
      width: 140 + draw(120), height: 80 + draw(80), seed: seed, content: [.window, .text, .trail, .clock])
    desktop.showPicture()
    for _ in 0..<60 {
      var copy = try #require(desktop.picture)
      let change = act(&desktop, &draw)
      let picture = try #require(desktop.picture)
      if change.isResized {
        #expect(change.damage.area == picture.bounds.area)
        continue
      }
      if let move = change.move {
        copy.copy(move.source, toX: move.x, y: move.y)
      }
      for part in change.damage.rectangles { copyPixels(part, from: picture, to: &copy) }
      #expect(copy.difference(from: picture) == nil)
    }
  }

  @Test("pressing on the title bar and moving takes the window along, within its place, until the release")
  func drag() throws {
    var desktop = Desktop(width: 640, height: 400, seed: 4)
    desktop.showPicture()
    let start = desktop.titleBar
    let missed = desktop.point(x: start.x + 5, y: start.endY + 5, buttons: 1)
    #expect(missed.move == nil)
    let dragged = desktop.point(x: start.x + 5, y: start.y + 5, buttons: 1)
    #expect(dragged.move == nil, "the press began in the body")
    _ = desktop.point(x: start.x + 5, y: start.y + 5, buttons: 0)
    _ = desktop.point(x: start.x + 5, y: start.y + 5, buttons: 1)
    let target = start.x > 100 ? start.x - 30 : start.x + 30
    let move = desktop.point(x: target + 5, y: start.y + 5, buttons: 1).move
    #expect(move?.x == target && move?.y == start.y)
    #expect(desktop.titleBar.x == target)
    _ = desktop.point(x: 5_000, y: -700, buttons: 1)
    #expect(desktop.layout.workspace.contains(desktop.titleBar) && desktop.titleBar.y == 16)
    _ = desktop.point(x: 50, y: 50, buttons: 0)
    let after = desktop.point(x: 200, y: 200, buttons: 1)
    #expect(after.move == nil || desktop.titleBar.contains(Rectangle(x: 200, y: 200, width: 1, height: 1)))
    #expect(desktop.picture?.difference(from: desktop.paintedAnew()) == nil)
  }

  private func copyPixels(_ part: Rectangle, from source: Framebuffer, to target: inout Framebuffer) {
    for y in part.y..<part.endY { for x in part.x..<part.endX { target[x, y] = source[x, y] } }
  }

  @Test("the same seed and the same input make the same picture, seen or not; another seed makes another")
  func determinism() {
    var pictures: [Framebuffer] = []
    for (seed, isSeen) in [(UInt64(5), true), (5, false), (6, true)] {
      var draw = Draws(1)
      var desktop = Desktop(width: 320, height: 200, seed: seed)
      if isSeen { desktop.showPicture() }
      for step in 0..<200 {
        if step == 100, isSeen { desktop.hidePicture() }
        _ = desktop.key(UInt32(0x30 + draw(40)), isDown: true)
        _ = desktop.point(x: draw(320), y: draw(200), buttons: draw(2))
      }
      desktop.showPicture()
      pictures.append(desktop.picture ?? Framebuffer(width: 0, height: 0))
    }
    #expect(pictures[0].difference(from: pictures[1]) == nil)
    #expect(pictures[0].difference(from: pictures[2]) != nil)
  }

  @Test("the marker shows the number of the last input, the video region another picture each time")
  func marker() throws {
    var desktop = Desktop(width: 320, height: 200, seed: 3)
    desktop.showPicture()
    #expect(desktop.picture?[7, 7] == 0)
    for number in 1...5 {
      let change = desktop.point(x: 10, y: 10, buttons: 0)
      #expect(change.damage.rectangles.contains(desktop.marker))
      #expect(desktop.picture?[0, 0] == UInt32(number))
      #expect(desktop.picture?[7, 7] == UInt32(number))
      #expect(desktop.picture?[8, 8] != UInt32(number))
    }
    #expect(desktop.marker == Rectangle(x: 0, y: 0, width: 8, height: 8))
    #expect(desktop.video.area == 64 * 64)
    var seen: Set<[UInt32]> = []
    for _ in 0..<20 {
      let result1 = desktop.advanceVideo()
      #expect(result1.damage.rectangles == [desktop.video])
      let picture = try #require(desktop.picture)
      let video = desktop.video
      var pixels: [UInt32] = []
      for y in video.y..<video.endY { for x in video.x..<video.endX { pixels.append(picture[x, y]) } }
      seen.insert(pixels)
      #expect(Set(pixels).count > 4_000, "noise has hardly a colour twice")
    }
    #expect(seen.count == 20)
  }

  @Test("typed letters appear, are taken back, and a full area begins anew")
  func typing() throws {
    var desktop = Desktop(width: 320, height: 200, seed: 1, content: .text)
    desktop.showPicture()
    let empty = try #require(desktop.picture)
    let change = desktop.key(0x41, isDown: true)
    let letter = try #require(change.damage.rectangles.first { $0 != desktop.marker })
    #expect((letter.width, letter.height) == (8, 12))
    #expect(desktop.picture?.difference(from: empty) != nil)
    _ = desktop.key(0xff08, isDown: true)
    var marked = empty
    marked.fill(desktop.marker, 2)
    #expect(desktop.picture?.difference(from: marked) == nil)
    for _ in 0..<13 { _ = desktop.key(0xff0d, isDown: true) }
    #expect(desktop.text.lines.count == 13 + 1 || desktop.text.lines.count == 1)
    for _ in 0..<1_000 { _ = desktop.key(0x42, isDown: true) }
    #expect(desktop.text.lines.allSatisfy { $0.count <= 13 })
    #expect(desktop.text.lines.count <= 14)
  }
}
