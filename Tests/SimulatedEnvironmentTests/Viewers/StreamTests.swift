import Oracles
import TestEnvironment
import Testing

@testable import SimulatedEnvironment

@Suite("Streams between viewers and desktops")
struct StreamTests {
  @Test(
    "a raw desktop echoes every byte, in every split",
    arguments: [
      StreamSplit.fixed(32_768), .uniform(most: 32_768), .modulo3(remainder: 1), .modulo3(remainder: 2),
      .singles(first: 600, then: 5_000),
    ], [true, false])
  func echo(_ split: StreamSplit, _ isBinary: Bool) throws {
    let count = 300_000
    let run = CaseRunner.run(
      adHoc { environment in
        let session = try await environment.runningSession(template: "vnc-raw")
        try await environment.desktop(of: session, .shortWrites(4_096))
        let viewer = try await environment.viewing(session, .raw, isBinary: isBinary)
        try await viewer.send(count: count, seed: 7, split: split)
        environment.tell("all", "\(try await viewer.waitForBytes(count, within: .seconds(60)))")
        let facts = viewer.facts
        environment.tell("sizes", "\(facts.bytesSent) \(facts.bytesReceived)")
        environment.tell("digest", "\(facts.sentDigest == facts.receivedDigest) \(facts.sentDigest?.count ?? 0)")
      })
    #expect(run.reason == "")
    #expect(run.told("all") == [.text("true")])
    #expect(run.told("sizes") == [.text("\(count) \(count)")])
    #expect(run.told("digest") == [.text("true 64")])
    #expect(run.comparedBytes == [[count, count]])
    #expect(run.brokenStreams.isEmpty)
  }

  @Test("latencies are those of the model", arguments: 1...3)
  func latencies(_ seed: UInt64) throws {
    var request = adHoc { environment in
      let session = try await environment.runningSession()
      let viewer = try await environment.viewing(session)
      for index in 1...120 {
        try await environment.sleep(for: .milliseconds(200))
        if index % 4 == 0 {
          _ = try await viewer.type(keysym: 0x61)
        } else {
          _ = try await viewer.point(x: index, y: 300, buttons: 0)
        }
      }
      try await environment.sleep(for: .milliseconds(200))
      let facts = viewer.facts
      environment.tell("counts", "\(facts.inputLatencies.count) \(facts.keyLatencies.count)")
      for (name, values) in [
        ("input", facts.inputLatencies), ("update", facts.updateLatencies), ("key", facts.keyLatencies),
      ] {
        environment.tell(name, .milliseconds(values.percentile(50)))
        environment.tell(name, .milliseconds(values.percentile(95)))
      }
    }
    request.seed = seed
    let run = CaseRunner.run(request)
    #expect(run.reason == "")
    func told(_ name: String) -> [Int] {
      run.told(name).map { if case .duration(let value) = $0 { Int(value / .milliseconds(1)) } else { -1 } }
    }
    #expect(run.told("counts") == [.text("150 60")])
    // spec/06 §4: 36 and 53, 13 and 25, 13 and 25; few samples, so with room.
    let (input, update, key) = (told("input"), told("update"), told("key"))
    #expect((32...42).contains(input[0]) && (44...72).contains(input[1]))
    #expect((11...17).contains(update[0]) && (18...36).contains(update[1]))
    #expect((11...17).contains(key[0]) && (18...36).contains(key[1]))
  }

  @Test("video comes at the rate that its latency allows", arguments: [(30, 110, 140), (20, 94, 102), (15, 73, 77)])
  func video(_ rate: Int, _ least: Int, _ most: Int) throws {
    let run = CaseRunner.run(
      adHoc { environment in
        let session = try await environment.runningSession()
        try await environment.desktop(of: session, .video(perSecond: rate))
        let viewer = try await environment.viewing(session)
        let start = environment.now
        try await environment.sleep(for: .seconds(5))
        environment.tell("frames", "\(viewer.facts.videoFrames.count { $0 >= start })")
        try await environment.desktop(of: session, .video(perSecond: 0))
        try await environment.sleep(for: .seconds(1))
        let comparison = try await viewer.compare()
        environment.tell("equal", "\(comparison.isEqual) \(comparison.difference ?? "")")
      })
    #expect(run.reason == "")
    guard case .text(let frames)? = run.told("frames").first else { return }
    #expect((least...most).contains(Int(frames) ?? 0), "\(frames)")
    #expect(run.told("equal") == [.text("true ")])
  }

  @Test("a viewer that asks for nothing gets nothing, and all of it when it asks again")
  func pause() throws {
    let run = CaseRunner.run(
      adHoc { environment in
        let session = try await environment.runningSession()
        let viewer = try await environment.viewing(session)
        try await viewer.pauseRequests(true)
        try await environment.desktop(of: session, .change)
        try await environment.sleep(for: .seconds(1))
        let before = viewer.facts.updates
        for _ in 1...3 { try await environment.desktop(of: session, .change) }
        try await environment.sleep(for: .seconds(1))
        environment.tell("paused", "\(viewer.facts.updates - before) \(try await viewer.compare().isEqual)")
        try await viewer.pauseRequests(false)
        try await environment.sleep(for: .seconds(1))
        environment.tell("resumed", "\(viewer.facts.updates - before) \(try await viewer.compare().isEqual)")
      })
    #expect(run.reason == "")
    #expect(run.told("paused") == [.text("0 false")])
    #expect(run.told("resumed") == [.text("1 true")])
  }

  @Test("a slow reader is slowed to its pace and stays, one that reads nothing is closed after 30 s")
  func readers() throws {
    let run = CaseRunner.run(
      adHoc { environment in
        let session = try await environment.runningSession(template: "vnc-raw")
        let slow = try await environment.viewing(session, .raw)
        try await slow.send(count: 1, seed: 1, split: .fixed(1))
        _ = try await slow.waitForBytes(1, within: .seconds(10))
        try await slow.limitReading(to: 10_000)
        try await environment.desktop(of: session, .flood(bytesPerSecond: 1_000_000, for: .seconds(2)))
        let start = slow.facts.bytesReceived
        try await environment.sleep(for: .seconds(40))
        environment.tell("slow", "\((slow.facts.bytesReceived - start) / 40_000) \(slow.facts.isOpen)")
        // It learns of its end when it reads again.
        try await slow.limitReading(to: 0)
        environment.tell("stopped", environment.now)
        try await environment.sleep(for: .seconds(40))
        try await slow.limitReading(to: nil)
        environment.tell("told", "\(try await slow.waitForEnd(within: .seconds(1))) \(slow.facts.closeCode ?? 0)")
      })
    #expect(run.reason == "")
    #expect(run.told("slow") == [.text("10 true")])
    #expect(run.told("told") == [.text("true 4003")])
    let closed = run.observations.first {
      if case .viewerDetached = $0.observation { true } else { false }
    }
    guard case .duration(let stopped)? = run.told("stopped").first, let closed else { return }
    // From the last byte it took: up to a message of the slow time before.
    #expect((.seconds(26)...(.seconds(35))).contains(closed.time - stopped), "\(closed.time - stopped)")
    #expect(run.brokenStreams.isEmpty)
  }
}
