import RemoteFramebuffer
import SimulationRuntime
import Testing

@testable import VNCServer

@Suite("A desktop over its life")
struct VNCServerLifeTests {
  @Test("nothing is in memory before the first client, and 60 s after the last it is gone; the picture comes back")
  func memory() throws {
    let rig = try DesktopRig()
    #expect(try !rig.server.holdsPicture)
    #expect(rig.simulation.nextEvent == nil)
    let first = try rig.viewer()
    #expect(try rig.server.holdsPicture)
    first.press(0x41)
    try rig.settle()
    let picture = try rig.server.picture
    first.peer.socket?.close()
    try rig.run(.seconds(59))
    #expect(try rig.server.holdsPicture)
    try rig.run(.seconds(2))
    #expect(try !rig.server.holdsPicture)
    #expect(rig.simulation.nextEvent == nil)
    let second = try rig.viewer()
    #expect(second.session.framebuffer.difference(from: picture) == nil)
    #expect(try rig.server.holdsPicture)
  }

  @Test("a client that comes back within 60 s finds the picture kept")
  func comingBack() throws {
    let rig = try DesktopRig()
    let first = try rig.viewer()
    first.peer.socket?.close()
    try rig.run(.seconds(50))
    let second = try rig.viewer()
    try rig.run(.seconds(100))
    #expect(try rig.server.holdsPicture)
    second.press(0x42)
    try rig.settle()
    #expect(second.session.framebuffer.difference(from: try rig.server.picture) == nil)
  }

  @Test("a watched desktop on which nothing happens costs no events")
  func idle() throws {
    let rig = try DesktopRig()
    _ = try rig.viewer()
    try rig.run(.seconds(31))
    let before = rig.simulation.eventsRun
    try rig.run(.seconds(1_800))
    #expect(rig.simulation.eventsRun == before)
  }

  @Test("a clock ticks each second of the host's time while it is watched, and not otherwise")
  func clock() throws {
    let rig = try DesktopRig(DesktopRig.small(content: [.standard, .clock]))
    rig.simulation.host("pod").stepClock(by: .milliseconds(12_345_400))
    let viewer = try rig.viewer()
    let before = viewer.session.updateCount
    try rig.run(.seconds(10))
    #expect((9...11).contains(viewer.session.updateCount - before))
    #expect(try rig.server.desktop.clockSeconds == Int(12_345.4 + 10.15))
    viewer.asksAgain = false
    try rig.run(.seconds(3))
    let events = rig.simulation.eventsRun
    try rig.run(.seconds(100))
    #expect(rig.simulation.eventsRun - events <= 1)
    viewer.asksAgain = true
    viewer.session.requestUpdate(isIncremental: true)
    viewer.flush()
    try rig.run(.milliseconds(100))
    #expect(viewer.session.framebuffer.difference(from: try rig.server.picture) == nil)
    #expect(try rig.server.desktop.clockSeconds >= 12_345 + 113)
  }

  @Test("the greeting can wait; what came meanwhile is taken then")
  func greetingDelay() throws {
    var configuration = DesktopRig.small()
    configuration.greetingDelay = .seconds(3)
    let rig = try DesktopRig(configuration)
    let viewer = try rig.viewer()
    try rig.run(.seconds(2))
    #expect(viewer.session.version == nil)
    try rig.run(.seconds(2))
    #expect(viewer.session.isReady)
    try rig.settle()
    #expect(viewer.session.framebuffer.difference(from: try rig.server.picture) == nil)
    try rig.server.greetingDelay = .zero
    #expect(try rig.viewer().session.isReady)
  }

  @Test("reads of few bytes change nothing but the time", arguments: [1, 3, 64])
  func shortReads(limit: Int) throws {
    let rig = try DesktopRig()
    try rig.server.shortWrites(limit)
    let viewer = try rig.viewer()
    for number in 0..<20 { viewer.point(number * 5, 40) }
    for _ in 0..<5 { viewer.press(0x43) }
    try rig.settle()
    #expect(try rig.server.desktop.serial == 30)
    #expect(viewer.session.framebuffer.difference(from: try rig.server.picture) == nil)
    let reads = rig.events.compactMap { if case .read(_, let bytes) = $0.event { bytes.count } else { nil } }
    #expect(reads.allSatisfy { $0 <= limit })
  }

  @Test("video changes at its rate while somebody is attached, and each frame costs a handful of events")
  func video() throws {
    var configuration = DesktopRig.small()
    configuration.videoPerSecond = 30
    let rig = try DesktopRig(configuration)
    try rig.run(.seconds(5))
    #expect(try rig.server.desktop.videoSerial == 0)
    let viewer = try rig.viewer()
    let serial = try rig.server.desktop.videoSerial
    let bytes = rig.wrote(to: viewer.connection).count
    let earlier = rig.updates(of: viewer.connection).count
    let events = rig.simulation.eventsRun
    try rig.run(.seconds(10))
    #expect((299...301).contains(try rig.server.desktop.videoSerial - serial))
    let frames = rig.updates(of: viewer.connection).filter { $0.isVideo }.count - earlier
    #expect(frames > 290)
    #expect(rig.simulation.eventsRun - events < frames * 6)
    let perFrame = (rig.wrote(to: viewer.connection).count - bytes) / frames
    #expect((16_384...16_500).contains(perFrame))
    try rig.server.setVideo(perSecond: 10)
    let slower = try rig.server.desktop.videoSerial
    try rig.run(.seconds(10))
    #expect((99...101).contains(try rig.server.desktop.videoSerial - slower))
    viewer.peer.socket?.close()
    try rig.run(.seconds(61))
    #expect(rig.simulation.nextEvent == nil)
  }

  @Test("the same seed gives the same bytes, another seed others", arguments: [true, false])
  func determinism(isSame: Bool) throws {
    var streams: [[UInt8]] = []
    for seed in [UInt64(3), isSame ? 3 : 4] {
      var configuration = DesktopRig.small()
      configuration.videoPerSecond = 15
      configuration.seed = seed
      configuration.security = .passwords(full: "secret", viewOnly: nil)
      let rig = try DesktopRig(configuration, seed: seed)
      let viewer = try rig.viewer(ViewerConfiguration(password: "secret", encodings: [.tight, .copyRect]))
      for number in 0..<30 {
        viewer.point(number * 7, number * 5, buttons: UInt16(number % 2))
        viewer.press(0x41)
        try rig.run(.milliseconds(20))
      }
      streams.append(rig.wrote(to: viewer.connection))
    }
    #expect((streams[0] == streams[1]) == isSame)
    #expect(streams[0].count > 10_000)
  }

  @Test("SIGTERM closes its clients in order; the next life serves, and one that crashes resets them")
  func lives() throws {
    let rig = try DesktopRig()
    let first = try rig.viewer()
    rig.process.terminate()
    try rig.run(.milliseconds(50))
    guard case .closed = first.peer.end else {
      Issue.record("not closed in order")
      return
    }
    #expect(rig.closings == ["server ends"])
    rig.process.start()
    let second = try rig.viewer()
    #expect(second.session.updateCount == 1)
    rig.process.crash()
    try rig.run(.milliseconds(50))
    guard case .reset = second.peer.end else {
      Issue.record("not reset")
      return
    }
  }

  @Test("a client that has left is forgotten")
  func forgetting() throws {
    let rig = try DesktopRig()
    for isOrderly in [true, false] {
      let viewer = try rig.viewer()
      weak let connection = try rig.server.connections.first
      #expect(connection != nil)
      if isOrderly { viewer.peer.socket?.close() } else { viewer.peer.socket?.reset() }
      try rig.run(.seconds(1))
      #expect(connection == nil)
      #expect(try rig.server.connections.isEmpty)
    }
    #expect(rig.closings == ["client closed", "connection reset"])
  }
}
