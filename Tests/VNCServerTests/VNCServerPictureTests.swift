import RemoteFramebuffer
import SimulationRuntime
import Testing

@testable import VNCServer

@Suite("What viewers of a desktop see")
struct VNCServerPictureTests {
  static let formats: [PixelFormat] = [
    .natural,
    PixelFormat(
      bitsPerPixel: 16, depth: 15, redMax: 31, greenMax: 31, blueMax: 31, redShift: 0, greenShift: 5, blueShift: 10),
    PixelFormat(
      bitsPerPixel: 8, depth: 6, redMax: 3, greenMax: 3, blueMax: 3, redShift: 0, greenShift: 2, blueShift: 4),
    PixelFormat(
      bitsPerPixel: 32, depth: 24, isBigEndian: true, redMax: 255, greenMax: 255, blueMax: 255, redShift: 0,
      greenShift: 8, blueShift: 16),
  ]

  /// What a format leaves of a picture.
  private func reduced(_ picture: Framebuffer, to format: PixelFormat) -> [UInt32] {
    picture.pixels.map { pixel in
      let red = (Int(pixel >> 16 & 255) * format.redMax + 127) / 255
      let green = (Int(pixel >> 8 & 255) * format.greenMax + 127) / 255
      let blue = (Int(pixel & 255) * format.blueMax + 127) / 255
      return UInt32(red << 16 | green << 8 | blue)
    }
  }

  private func expectEqual(
    _ viewer: TestViewer, _ rig: DesktopRig, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let format = viewer.session.format
    let shown = reduced(viewer.session.framebuffer, to: format)
    let wanted = reduced(try rig.server.picture, to: format)
    #expect(shown.count == wanted.count && !shown.isEmpty, sourceLocation: sourceLocation)
    let areEqual = shown == wanted
    #expect(areEqual, sourceLocation: sourceLocation)
  }

  /// Types, points, drags the window and lets the video change, with pauses between.
  private func act(_ viewer: TestViewer, _ rig: DesktopRig, _ draw: inout Draws, steps: Int = 40) throws {
    for _ in 0..<steps {
      switch draw(6) {
      case 0: viewer.press(UInt32(0x20 + draw(90)))
      case 1: viewer.point(draw(320), draw(200))
      case 2:
        let bar = try rig.server.desktop.titleBar
        viewer.point(bar.x + 4, bar.y + 4)
        viewer.point(bar.x + 4, bar.y + 4, buttons: 1)
        for _ in 0..<draw(5) { viewer.point(bar.x + draw(60) - 20, bar.y + draw(60) - 20, buttons: 1) }
      case 3: try rig.server.change()
      default: try rig.run(.milliseconds(Int64(draw(60))))
      }
    }
  }

  @Test("its picture is the desktop's when nothing is under way, in every encoding and format", arguments: 0..<6, 0..<4)
  func pictures(encoding: Int, format: Int) throws {
    let rig = try DesktopRig(seed: UInt64(encoding * 4 + format))
    let encoding: Encoding = [.raw, .rre, .hextile, .zlib, .tight, .zrle][encoding]
    let viewer = try rig.viewer(
      ViewerConfiguration(format: format == 0 ? nil : Self.formats[format], encodings: [encoding, .copyRect]))
    var draw = Draws(UInt64(format))
    try act(viewer, rig, &draw)
    try rig.settle()
    #expect(viewer.session.failure == nil)
    try expectEqual(viewer, rig)
    #expect(viewer.session.updateCount > 3)
  }

  @Test("copies are used for a dragged window and only where listed", arguments: [true, false])
  func copies(isListed: Bool) throws {
    let rig = try DesktopRig()
    let viewer = try rig.viewer(ViewerConfiguration(encodings: isListed ? [.copyRect, .raw] : [.raw]))
    let bar = try rig.server.desktop.titleBar
    viewer.point(bar.x + 4, bar.y + 4, buttons: 1)
    try rig.settle()
    let before = rig.wrote(to: viewer.connection).count
    let step = bar.x > 60 ? -20 : 20
    for number in 1...3 {
      viewer.point(bar.x + 4 + number * step, bar.y + 4, buttons: 1)
      try rig.run(.milliseconds(40))
    }
    try rig.settle()
    try expectEqual(viewer, rig)
    let bytes = Array(rig.wrote(to: viewer.connection)[before...])
    #expect(bytes[0] == 0 && bytes.count > 16)
    let first = bytes[12..<16].reduce(0) { $0 << 8 | Int($1) }
    #expect(first == (isListed ? 1 : 0), "the first rectangle's encoding")
    let window = 89 * 92 * 4
    #expect(isListed ? bytes.count < 2 * window : bytes.count > 3 * window)
  }

  @Test("a format change while viewing has everything sent again, in the new format")
  func formatChange() throws {
    let rig = try DesktopRig()
    let viewer = try rig.viewer(ViewerConfiguration(encodings: [.zrle, .copyRect, .cursor]))
    let cursors = viewer.events.filter { if case .cursor = $0 { true } else { false } }.count
    #expect(cursors == 1)
    viewer.asksAgain = false
    viewer.press(0x41)
    try rig.run(.milliseconds(200))
    viewer.session.setPixelFormat(Self.formats[2])
    let seen = viewer.events.count
    viewer.asksAgain = true
    viewer.session.requestUpdate(isIncremental: true)
    viewer.flush()
    try rig.settle()
    try expectEqual(viewer, rig)
    let again = viewer.events[seen...].reduce(into: Region()) { region, event in
      if case .updated(let rectangles) = event { for rectangle in rectangles { region.add(rectangle) } }
    }
    #expect(again.area == 320 * 200)
    #expect(viewer.events.filter { if case .cursor = $0 { true } else { false } }.count == 2)
  }

  @Test("two clients see the same; the slow one gets fewer updates, loses nothing, and holds nobody up")
  func slowClient() throws {
    var configuration = DesktopRig.small()
    configuration.videoPerSecond = 30
    let rig = try DesktopRig(configuration)
    let quick = try rig.viewer(ViewerConfiguration(encodings: [.raw]))
    let slow = try rig.viewer(ViewerConfiguration(encodings: [.raw]))
    let socket = try #require(slow.peer.socket)
    socket.pauseReading()
    try rig.run(.seconds(4))
    let quickUpdates = rig.updates(of: quick.connection).count
    #expect(quickUpdates > 80)
    #expect(rig.updates(of: slow.connection).count < 40)
    let unread = rig.wrote(to: slow.connection).count
    #expect(unread < 2 * 262_144 + (1 << 20))
    try rig.server.setVideo(perSecond: 0)
    socket.resumeReading()
    try rig.settle()
    try expectEqual(quick, rig)
    try expectEqual(slow, rig)
    #expect(slow.session.failure == nil)
  }

  @Test("a client that reads nothing has at most a window and an update under way; no update is dropped half-way")
  func backPressure() throws {
    var configuration = DesktopRig.small()
    configuration.videoPerSecond = 60
    let rig = try DesktopRig(configuration)
    let viewer = try rig.viewer(
      ViewerConfiguration(encodings: [.raw, .fence, .continuousUpdates]))
    viewer.session.enableContinuousUpdates(true)
    viewer.flush()
    try rig.run(.milliseconds(100))
    let before = rig.wrote(to: viewer.connection).count
    let composed = rig.updates(of: viewer.connection).count
    let socket = try #require(viewer.peer.socket)
    socket.pauseReading()
    try rig.run(.seconds(20))
    let unread = rig.wrote(to: viewer.connection).count - before
    #expect(unread >= 262_144 && unread < 262_144 + 320 * 200 * 4 + 1_000)
    // Frames of 16 KiB: what does not fit the window is not even composed.
    #expect(rig.updates(of: viewer.connection).count - composed <= 262_144 / 16_384 + 2)
    try rig.server.setVideo(perSecond: 0)
    socket.resumeReading()
    try rig.settle()
    try expectEqual(viewer, rig)
  }

  @Test("continuous updates come unasked, inside their rectangle, until they end")
  func continuousUpdates() throws {
    let rig = try DesktopRig()
    let viewer = try rig.viewer(
      ViewerConfiguration(encodings: [.zrle, .fence, .continuousUpdates]), asksAgain: false)
    viewer.session.enableContinuousUpdates(true, Rectangle(x: 0, y: 0, width: 320, height: 200))
    viewer.flush()
    try rig.run(.milliseconds(50))
    for number in 1...5 {
      let before = viewer.session.updateCount
      viewer.press(0x40 + UInt32(number))
      try rig.run(.milliseconds(100))
      #expect(viewer.session.updateCount > before)
      #expect(viewer.markers.last == UInt32(2 * number))
    }
    try rig.settle()
    try expectEqual(viewer, rig)
    viewer.session.enableContinuousUpdates(false)
    viewer.flush()
    try rig.run(.milliseconds(50))
    let before = viewer.session.updateCount
    viewer.press(0x41)
    try rig.run(.milliseconds(200))
    #expect(viewer.session.updateCount == before)
    #expect(viewer.events.filter { $0 == .continuousUpdatesEnded }.count == 2)
  }

  @Test("each update is told with the serial that its marker shows and with whether it carries video")
  func updateEvents() throws {
    let rig = try DesktopRig()
    let viewer = try rig.viewer(ViewerConfiguration(encodings: [.tight, .copyRect]))
    for number in 0..<20 {
      viewer.point(10 * number, 50)
      try rig.run(.milliseconds(number % 3 == 0 ? 5 : 50))
      if number == 10 { try rig.server.change() }
    }
    try rig.settle()
    let updates = rig.updates(of: viewer.connection)
    #expect(updates.map(\.serial) == viewer.markers.map(Int.init))
    #expect(updates.count == viewer.session.updateCount)
    #expect(updates.map(\.isVideo).filter { $0 }.count == 2, "the first picture and the change")
    let inputs = rig.events.compactMap { entry -> Int? in
      if case .input(viewer.connection, let serial, false) = entry.event { serial } else { nil }
    }
    #expect(inputs == Array(1...20))
    // A viewer that does not look at the marker is not told of a serial that it cannot see.
    let video = try rig.server.desktop.video
    let aside = try rig.viewer(ViewerConfiguration(encodings: [.raw], window: video))
    try rig.server.change()
    try rig.settle()
    #expect(rig.updates(of: aside.connection).map(\.serial) == [0, 0])
    #expect(rig.updates(of: aside.connection).map(\.isVideo) == [true, true])
    // Frames keep to their grid of 16 ms.
    #expect(updates.allSatisfy { $0.time.nanoseconds % 16_000_000 == 0 })
  }
}
