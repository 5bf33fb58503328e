import SimulationRuntime
import TestEnvironment
import Testing
import VNCServer

@testable import SimulatedEnvironment

@Suite("The comparison of streams")
struct StreamComparisonTests {
  /// Two sessions, each with a desktop, a tunnel and a viewer: S on connections 1 and 11, T on 2 and 12.
  private final class Rig {
    let simulation = Simulation(.init(seed: 1))
    let recorder: ObservationRecorder
    let first: ComparedViewer
    let second: ComparedViewer

    init(hasAttachments: Bool = true, tunnelOfS: Int = 11) {
      recorder = ObservationRecorder(simulation)
      first = ComparedViewer(number: 1, session: "S", connection: 1)
      second = ComparedViewer(number: 2, session: "T", connection: 2)
      for (viewer, tunnel, session) in [(first, 11, "S"), (second, 12, "T")] {
        recorder.streams.opened(viewer)
        recorder.streams.note(.opened(connection: tunnel), ofDesktop: session)
      }
      for (connection, attachment, tunnel) in [(1, "att-1", tunnelOfS), (2, "att-2", 12)] {
        if hasAttachments { recorder.streams.attachmentBegan(attachment, viewer: connection) }
        recorder.streams.tunnelOpened(
          tunnel, session: connection == 1 ? "S" : "T", attachment: hasAttachments ? attachment : nil)
      }
    }

    var streams: StreamComparison { recorder.streams }
    var told: [Observation] { recorder.observations.map(\.observation) }

    func desktop(_ connection: Int, wrote bytes: [UInt8]) {
      streams.note(.wrote(connection: connection, bytes: bytes), ofDesktop: connection == 11 ? "S" : "T")
    }

    func desktop(_ connection: Int, read bytes: [UInt8]) {
      streams.note(.read(connection: connection, bytes: bytes), ofDesktop: connection == 11 ? "S" : "T")
    }
  }

  private func bytes(_ seed: UInt64) -> [UInt8] {
    var random = ByteStream(seed: seed)
    return random.next(400)
  }

  @Test("has nothing to tell of streams that agree but how far they came", arguments: [true, false])
  func agreement(_ hasAttachments: Bool) {
    let rig = Rig(hasAttachments: hasAttachments)
    rig.desktop(11, wrote: bytes(1))
    rig.desktop(12, wrote: bytes(2))
    rig.streams.received(Array(bytes(2)[..<100]), by: rig.second)
    rig.streams.received(bytes(1), by: rig.first)
    rig.streams.sent(bytes(3), by: rig.first)
    rig.streams.sent(bytes(3), by: rig.second)
    rig.desktop(11, read: Array(bytes(3)[..<50]))
    rig.streams.ended(rig.first)
    rig.streams.ended(rig.second)
    #expect(
      rig.told == [
        .streamCompared(viewer: 1, session: "S", toViewer: 400, toDesktop: 50),
        .streamCompared(viewer: 2, session: "T", toViewer: 100, toDesktop: 0),
      ])
  }

  @Test("tells of a hole once, with its place")
  func hole() {
    let rig = Rig()
    rig.desktop(11, wrote: bytes(1))
    rig.desktop(11, wrote: bytes(2))
    rig.streams.received(Array(bytes(1)[..<300]), by: rig.first)
    rig.streams.received(bytes(2), by: rig.first)
    rig.streams.received(bytes(1), by: rig.first)
    #expect(rig.told == [.streamBroken(viewer: 1, session: "S", toViewer: true, offset: 300)])
  }

  @Test("tells of bytes that the desktop gets and nobody sent")
  func invention() {
    let rig = Rig()
    rig.streams.sent(bytes(1), by: rig.first)
    rig.desktop(11, read: bytes(1) + [7])
    #expect(rig.told == [.streamBroken(viewer: 1, session: "S", toViewer: false, offset: 400)])
  }

  @Test("knows bytes of another session, wherever that session's own viewer is")
  func leak() {
    for hasArrived in [true, false] {
      let rig = Rig()
      rig.desktop(11, wrote: bytes(1))
      rig.desktop(12, wrote: bytes(2))
      if hasArrived { rig.streams.received(bytes(2), by: rig.second) }
      rig.streams.received(bytes(1) + bytes(2)[200...], by: rig.first)
      #expect(rig.told == [.streamLeaked(viewer: 1, session: "S", origin: "T")])
    }
  }

  @Test("knows a tunnel that ends at another session's desktop by its first byte")
  func wrongDesktop() {
    let rig = Rig(tunnelOfS: 12)
    rig.desktop(12, wrote: [1])
    rig.streams.received([1], by: rig.first)
    #expect(rig.told == [.streamLeaked(viewer: 1, session: "S", origin: "T")])
  }

  @Test("misses bytes that have not come for 15 s when the viewer leaves, unless it reads slowly")
  func loss() throws {
    for (seconds, readsFreely, isMissed) in [(14, true, false), (15, true, true), (15, false, false)] {
      let rig = Rig()
      rig.desktop(11, wrote: bytes(1))
      rig.streams.received(Array(bytes(1)[..<100]), by: rig.first)
      rig.streams.sent(bytes(2), by: rig.first)
      rig.first.readsFreely = readsFreely
      try rig.simulation.run(for: .seconds(Int64(seconds)))
      rig.streams.judgeWaiting(rig.first)
      #expect(
        rig.told
          == (isMissed
            ? [true, false].map {
              .streamBroken(viewer: 1, session: "S", toViewer: $0, offset: $0 ? 100 : 0)
            } : []))
    }
  }

  @Test("follows what is under way when viewer or desktop has gone, and forgets the two together")
  func ends() {
    let rig = Rig()
    rig.desktop(11, wrote: bytes(1))
    rig.streams.sent(bytes(3), by: rig.first)
    rig.streams.ended(rig.first)
    rig.desktop(11, read: bytes(4))
    #expect(rig.told.last == .streamBroken(viewer: 1, session: "S", toViewer: false, offset: 0))
    rig.desktop(12, wrote: bytes(2))
    rig.streams.note(.closed(connection: 12, reason: ""), ofDesktop: "T")
    rig.streams.received(bytes(2), by: rig.second)
    rig.streams.ended(rig.second)
    #expect(rig.told.last == .streamCompared(viewer: 2, session: "T", toViewer: 400, toDesktop: 0))
    rig.streams.note(.closed(connection: 11, reason: ""), ofDesktop: "S")
    #expect(rig.streams.isEmpty)
  }
}
