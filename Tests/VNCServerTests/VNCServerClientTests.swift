import RemoteFramebuffer
import SimulationRuntime
import Testing

@testable import VNCServer

@Suite("Clients of a desktop")
struct VNCServerClientTests {
  private func layouts(_ viewer: TestViewer) -> [[Int]] {
    viewer.events.compactMap { if case .layout(let reason, let status, _) = $0 { [reason, status] } else { nil } }
  }

  private func screen(_ width: Int, _ height: Int, id: UInt32 = 0) -> Screen {
    Screen(id: id, area: Rectangle(x: 0, y: 0, width: width, height: height))
  }

  @Test("a size that one client asks for reaches all that can be told, and the picture is right at all of them")
  func resize() throws {
    let rig = try DesktopRig()
    let asking = try rig.viewer(ViewerConfiguration(encodings: [.zrle, .extendedDesktopSize]))
    let other = try rig.viewer(ViewerConfiguration(encodings: [.hextile, .extendedDesktopSize, .copyRect]))
    let old = try rig.viewer(ViewerConfiguration(encodings: [.raw, .desktopSize]))
    let fixed = try rig.viewer(ViewerConfiguration(encodings: [.raw]))
    #expect(layouts(asking) == [[0, 0]])
    for (width, height) in [(400, 240), (200, 120), (320, 200)] {
      asking.session.setDesktopSize(width: width, height: height, screens: [screen(width, height)])
      asking.flush()
      try rig.settle()
      asking.point(30, 30)
      try rig.settle()
      let picture = try rig.server.picture
      #expect(picture.width == width && picture.height == height)
      for viewer in [asking, other, old] {
        #expect(viewer.session.framebuffer.difference(from: picture) == nil)
        #expect(viewer.session.failure == nil)
      }
      #expect(fixed.session.framebuffer.width == 320 && fixed.session.failure == nil)
    }
    #expect(fixed.session.framebuffer.difference(from: try rig.server.picture) == nil)
    #expect(layouts(asking).filter { $0[0] == 1 } == [[1, 0], [1, 0], [1, 0]])
    #expect(layouts(other).filter { $0[0] == 2 } == [[2, 0], [2, 0], [2, 0]])
    #expect(rig.closings.isEmpty)
  }

  @Test("a size that cannot be is refused with the reason in its status")
  func refusedSizes() throws {
    var configuration = DesktopRig.small()
    configuration.maximumPixels = 100_000
    for allows in [true, false] {
      configuration.allowsResize = allows
      let rig = try DesktopRig(configuration)
      let viewer = try rig.viewer(ViewerConfiguration(encodings: [.raw, .extendedDesktopSize]))
      let wishes: [(Int, Int, [Screen])] = [
        (100, 100, []), (100, 100, [screen(101, 100)]), (100, 100, [screen(50, 50), screen(50, 50)]),
        (1_000, 1_000, [screen(1_000, 1_000)]),
      ]
      for (width, height, screens) in wishes {
        viewer.session.setDesktopSize(width: width, height: height, screens: screens)
        viewer.flush()
        try rig.run(.milliseconds(100))
      }
      #expect(layouts(viewer).dropFirst().map { $0[1] } == [3, 3, 3, allows ? 2 : 1])
      #expect(try rig.server.picture.width == 320)
    }
  }

  @Test("the desktop's own change of size is told too, also to a client in the handshake")
  func ownResize() throws {
    let rig = try DesktopRig()
    let viewer = try rig.viewer(ViewerConfiguration(encodings: [.raw, .desktopSize]))
    try rig.server.resize(width: 256, height: 100)
    try rig.settle()
    #expect(viewer.session.framebuffer.difference(from: try rig.server.picture) == nil)
    let late = try rig.viewer()
    #expect(late.session.framebuffer.difference(from: try rig.server.picture) == nil)
  }

  @Test("clipboard texts go both ways, plain and extended, and not back to where they came from")
  func clipboard() throws {
    let rig = try DesktopRig()
    let plain = try rig.viewer(ViewerConfiguration(encodings: [.raw]))
    let extended = try rig.viewer(ViewerConfiguration(encodings: [.raw, .extendedClipboard]))
    plain.session.cutText(Array("caf\u{e9}".unicodeScalars.map { UInt8($0.value) }))
    plain.flush()
    try rig.run(.milliseconds(100))
    #expect(try rig.server.clipboard == "café")
    #expect(!plain.events.contains { if case .cutText = $0 { true } else { false } })
    #expect(extended.events.contains(.clipboard(.notify(formats: 1))))
    extended.session.clipboard(.request(formats: 1))
    extended.flush()
    try rig.run(.milliseconds(100))
    #expect(extended.events.contains(.clipboard(.provide([.init(text: "café")]))))

    extended.session.clipboard(.notify(formats: 1))
    extended.flush()
    try rig.run(.milliseconds(100))
    #expect(extended.events.contains(.clipboard(.request(formats: 1))))
    extended.session.clipboard(.provide([.init(text: "two\nlines ☂")]))
    extended.flush()
    try rig.run(.milliseconds(100))
    #expect(try rig.server.clipboard == "two\nlines ☂")
    #expect(plain.events.contains(.cutText(Array("two\nlines ?".utf8))))

    try rig.server.copy("own")
    try rig.server.bell()
    try rig.run(.milliseconds(100))
    #expect(plain.events.contains(.cutText(Array("own".utf8))))
    #expect(plain.events.contains(.bell) && extended.events.contains(.bell))
    #expect(rig.closings.isEmpty)
  }

  @Test("a client that wants the desktop alone ends the others, a sharing one does not")
  func exclusive() throws {
    let rig = try DesktopRig()
    let first = try rig.viewer()
    let second = try rig.viewer()
    #expect(!first.peer.isEnded && !second.peer.isEnded)
    let third = try rig.viewer(ViewerConfiguration(isShared: false))
    #expect(first.peer.isEnded && second.peer.isEnded && !third.peer.isEnded)
    #expect(rig.closings.count == 2)
    third.press(0x41)
    try rig.settle()
    #expect(third.session.framebuffer.difference(from: try rig.server.picture) == nil)
  }

  /// The handshake of a 3.8 client without a password, then the bytes given.
  private func joined(_ rig: DesktopRig, _ bytes: [UInt8]) throws -> BytePeer {
    let peer = try rig.peer()
    for part in [Array("RFB 003.008\n".utf8), [1], [1], bytes] {
      peer.send(part)
      try rig.run(.milliseconds(50))
    }
    return peer
  }

  @Test("bad input ends its own client with a reason, and nobody else's", arguments: 0..<10)
  func hostile(variant: Int) throws {
    let rig = try DesktopRig()
    let good = try rig.viewer()
    let inNormal: [[UInt8]] = [
      [99], [1], [0, 0, 0, 0, 7, 7, 0, 1, 0, 3, 0, 3, 0, 3, 0, 2, 4, 0, 0, 0], [255, 77, 0, 0],
      [248, 0, 0, 0, 0, 0, 0, 0, 0], [150, 1, 0, 0, 0, 0, 0, 9, 0, 9], [251, 0, 0, 9, 0, 9, 0, 0],
      [6, 0, 0, 0, 0xff, 0xff, 0xff, 0xfc, 0, 0, 0, 1],
    ]
    let peer: BytePeer
    switch variant {
    case 8:
      peer = try rig.peer()
      peer.send(Array("GET / HTTP/1.1\r\n\r\n".utf8))
    case 9:
      peer = try rig.peer()
      peer.send(Array("RFB 003.008\n".utf8) + [17])
    default: peer = try joined(rig, inNormal[variant])
    }
    try rig.run(.milliseconds(50))
    #expect(peer.isEnded)
    #expect(rig.closings.count == 1)
    good.press(0x41)
    try rig.settle()
    #expect(good.session.framebuffer.difference(from: try rig.server.picture) == nil && !good.peer.isEnded)
  }

  @Test("odd but harmless input does nothing: zero areas, outside, unknown encodings, releases without a press")
  func harmless() throws {
    let rig = try DesktopRig()
    let request: [UInt8] = [3, 1, 0xff, 0xff, 0xff, 0xff, 0, 9, 0, 9]
    let empty: [UInt8] = [3, 0, 0, 1, 0, 1, 0, 0, 0, 0]
    let list: [UInt8] = [2, 0, 0, 2, 0x7f, 1, 2, 3, 0, 0, 0, 0]
    let release: [UInt8] = [4, 0, 0, 0, 0, 0, 0, 0x41]
    let nothing: [UInt8] = [4, 1, 0, 0, 0, 0, 0, 0]
    let peer = try joined(rig, request + empty + list + release + nothing)
    let before = peer.received.count
    try rig.run(.seconds(2))
    #expect(!peer.isEnded && peer.received.count == before)
    #expect(try rig.server.desktop.serial == 0)
    peer.send([5, 0, 0xff, 0xff, 0xff, 0xff])
    try rig.run(.milliseconds(50))
    #expect(try rig.server.desktop.trail.last.map { [$0.x, $0.y] } == [319, 199])
  }

  @Test("a silent client is closed 30 s after the greeting, one that got through never")
  func handshakeLimit() throws {
    let rig = try DesktopRig()
    let viewer = try rig.viewer()
    let peer = try rig.peer()
    try rig.run(.seconds(29))
    #expect(!peer.isEnded)
    try rig.run(.seconds(2))
    #expect(peer.isEnded && !viewer.peer.isEnded)
  }

  @Test("a wrong password is answered after 100 ms, the right one at once")
  func passwords() throws {
    var configuration = DesktopRig.small()
    configuration.security = .passwords(full: "secret", viewOnly: "look")
    let rig = try DesktopRig(configuration)
    let right = try rig.viewer(ViewerConfiguration(password: "secret"))
    #expect(right.session.isReady)
    let wrong = try rig.viewer(ViewerConfiguration(password: "guess"))
    #expect(!wrong.session.isReady)
    try rig.run(.milliseconds(50))
    #expect(wrong.session.failure == .authenticationFailed(reason: "Authentication failure"))
    #expect(wrong.peer.isEnded)
    let response = rig.events.last { if case .read = $0.event { true } else { false } }
    let closing = rig.events.last { if case .closed = $0.event { true } else { false } }
    #expect(closing?.time == response.map { $0.time + .milliseconds(100) })
    let guest = try rig.viewer(ViewerConfiguration(password: "look"))
    guest.press(0x41)
    try rig.settle()
    #expect(try rig.server.desktop.serial == 0)
    #expect(guest.session.framebuffer.difference(from: try rig.server.picture) == nil)
  }

  @Test("a host that fails again and again is turned away before the greeting")
  func throttling() throws {
    var configuration = DesktopRig.small()
    configuration.security = .passwords(full: "secret", viewOnly: nil)
    let rig = try DesktopRig(configuration)
    let process = try rig.simulation.addProcess("guesser", on: rig.simulation.host("guesser")) { Guesser($0) }
    process.start()
    try rig.run(.seconds(9))
    let refused = rig.events.filter { if case .refused(_, "guesser") = $0.event { true } else { false } }
    let opened = rig.events.filter { if case .opened = $0.event { true } else { false } }
    #expect(opened.count == 6)
    #expect(refused.count > 5)
    let viewer = try rig.viewer(ViewerConfiguration(password: "secret"))
    #expect(viewer.session.isReady)
  }

  @Test("a client that asks for answers and reads none is read no further")
  func unreadAnswers() throws {
    let rig = try DesktopRig()
    let list: [UInt8] = [2, 0, 0, 1] + withUnsafeBytes(of: Encoding.fence.rawValue.bigEndian) { Array($0) }
    let peer = try joined(rig, list)
    let socket = try #require(peer.socket)
    socket.pauseReading()
    let fence: [UInt8] = [248, 0, 0, 0, 0x80, 0, 0, 3, 64] + [UInt8](repeating: 7, count: 64)
    let burst = [UInt8](repeatingArray: fence, count: 400)
    var sent = 0
    for _ in 0..<200 {
      while socket.isWritable {
        peer.send(burst)
        sent += burst.count
      }
      try rig.run(.milliseconds(20))
    }
    #expect(sent < 262_144 * 2 + (1 << 20) + 3 * burst.count)
    let before = peer.received.count
    socket.resumeReading()
    try rig.run(.seconds(2))
    #expect(peer.received.count - before == sent, "all are answered in the end")
  }

  @Test("extended keys and buttons are offered once listed, and taken")
  func extendedInput() throws {
    let rig = try DesktopRig()
    let viewer = try rig.viewer(ViewerConfiguration(encodings: [.raw, .extendedKey, .extendedMouseButtons]))
    #expect(viewer.events.filter { $0 == .extendedKey || $0 == .extendedMouseButtons }.count == 2)
    viewer.session.key(isDown: true, keysym: 0, keycode: 0xcd)
    viewer.session.key(isDown: false, keysym: 0, keycode: 0xcd)
    viewer.session.key(isDown: false, keysym: 0, keycode: 0xcd)
    viewer.session.pointer(buttons: 0x180, x: 4, y: 60)
    viewer.flush()
    try rig.settle()
    #expect(try rig.server.desktop.serial == 3)
    #expect(try rig.server.desktop.trail.last.map { [$0.x, $0.y] } == [4, 60])
  }

  @Test("a new name reaches those that can be told, and the newcomers")
  func rename() throws {
    let rig = try DesktopRig()
    let viewer = try rig.viewer(ViewerConfiguration(encodings: [.raw, .desktopName]))
    #expect(viewer.session.name == "desktop")
    try rig.server.rename("other")
    try rig.settle()
    #expect(viewer.events.contains(.desktopName("other")))
    #expect(try rig.viewer().session.name == "other")
  }

  /// Connects twice a second and leaves.
  private final class Guesser: Program {
    let incarnation: Incarnation

    init(_ incarnation: Incarnation) { self.incarnation = incarnation }

    func start() {
      incarnation.every(.milliseconds(500), EventLabel("guess")) { [unowned self] in
        incarnation.simulation.network.open(from: incarnation, to: Endpoint(host: "pod", port: 5_900)) {
          if case .connected(let socket) = $0 { socket.close() }
        }
      }
    }

    func terminate() {}
  }
}

extension [UInt8] {
  fileprivate init(repeatingArray part: [UInt8], count: Int) {
    self = []
    for _ in 0..<count { self += part }
  }
}
