import Oracles
import TestEnvironment
import Testing

@testable import SimulatedEnvironment

@Suite("Viewers")
struct ViewerTests {
  @Test("see the desktop's picture, type and point, and leave nothing behind", arguments: [Topology.t1, .t2, .td])
  func picture(_ topology: Topology) throws {
    let run = CaseRunner.run(
      adHoc(topology) { environment in
        let session = try await environment.runningSession()
        let viewer = try await environment.viewing(session)
        environment.tell("steps", viewer.facts.steps.map(\.name).joined(separator: " "))
        environment.tell("picture", (viewer.facts.picture ?? .zero) - viewer.facts.opened)
        for place in 1...20 {
          let number = try await viewer.point(x: 40 * place, y: 30 * place, buttons: 0)
          _ = try await viewer.inputLatency(of: number, within: .seconds(1))
        }
        let key = try await viewer.type(keysym: 0x61)
        environment.tell("number", "\(key)")
        _ = try await viewer.inputLatency(of: key + 1, within: .seconds(1))
        environment.tell("inputs", "\(viewer.facts.inputLatencies.count) \(viewer.facts.keyLatencies.count)")
        try await environment.sleep(for: .seconds(1))
        environment.tell("equal", "\(try await viewer.compare().isEqual)")
        environment.tell("png", "\(try await viewer.screenshot().prefix(4))")
        try await viewer.close(abruptly: false)
        environment.tell("end", "\(viewer.facts.closeCode ?? 0) \(viewer.facts.isOpen)")
        try await environment.sleep(for: .seconds(15))
        try await environment.tellLeftStreams()
      }, twice: true)
    #expect(run.reason == "")
    #expect(
      run.told("steps") == [.text("upgrade version security initialisation first update picture")])
    #expect(run.told("number") == [.text("21")])
    #expect(run.told("inputs") == [.text("22 2")])
    #expect(run.told("equal") == [.text("true")])
    #expect(run.told("png") == [.text("[137, 80, 78, 71]")])
    #expect(run.told("end") == [.text("1000 false")])
    #expect(run.told("left") == [.text("0 0 0")])
    #expect(run.brokenStreams.isEmpty)
    #expect(run.comparedBytes.count == 1)
  }

  @Test("what is seen of a viewer: asked, answered, tunnel, attached, picture, ended, compared, released")
  func grammar() throws {
    let run = CaseRunner.run(
      adHoc { environment in
        let session = try await environment.runningSession()
        try await environment.viewing(session).close(abruptly: true)
        try await environment.sleep(for: .seconds(15))
      })
    #expect(run.reason == "")
    let told = run.observations.compactMap { timed -> String? in
      switch timed.observation {
      case .viewerAsked(1, _, "u01"): "asked"
      case .viewerAnswered(1, _, 101, "api-1"): "answered"
      case .tunnelOpened(_, _, .some): "tunnel"
      case .viewerAttached: "attached"
      case .activeConnections(_, let count): "\(count)"
      case .viewerPicture(1, _): "picture"
      case .viewerEnded(1, _, nil, true): "ended"
      case .streamCompared(1, _, let toViewer, let toDesktop): toViewer > 0 && toDesktop > 0 ? "compared" : nil
      case .viewerDetached: "detached"
      case .tunnelClosed: "closed"
      default: nil
      }
    }
    #expect(told.prefix(4) == ["asked", "answered", "tunnel", "attached"])
    #expect(
      told.sorted()
        == ["0", "1", "answered", "asked", "attached", "closed", "compared", "detached", "ended", "picture", "tunnel"])
  }

  @Test("a viewer without a good token is refused, wherever a good one stands it is taken")
  func tokens() throws {
    let run = CaseRunner.run(
      adHoc { environment in
        let session = try await environment.runningSession()
        let own = environment.viewers(of: "u01")
        func status(_ request: ViewerRequest, _ viewers: any ViewerClient) async throws -> Int {
          let viewer = try await viewers.open(request, at: nil)
          try await viewer.close(abruptly: false)
          return viewer.status ?? 0
        }
        var statuses: [Int] = []
        for token in [ViewerToken.none, .malformed, .expired, .withDashes, .own] {
          statuses.append(try await status(ViewerRequest(session, token: token), own))
        }
        for place in [ViewerTokenPlace.cookie, .header] {
          statuses.append(try await status(ViewerRequest(session, tokenPlace: place), own))
        }
        statuses.append(try await status(ViewerRequest(session, usesAlias: true), own))
        statuses.append(try await status(ViewerRequest(session), environment.viewers(of: "u02")))
        let absent = try await own.open(ViewerRequest("nothing"), at: nil)
        statuses.append(absent.status ?? 0)
        environment.tell("statuses", "\(statuses)")
        environment.tell("absent", "\(absent.facts.error ?? "") \(absent.facts.isOpen)")
      })
    #expect(run.reason == "")
    #expect(run.told("statuses") == [.text("[401, 401, 401, 101, 101, 101, 101, 101, 404, 404]")])
    #expect(run.told("absent") == [.text("Session not found false")])
  }

  @Test("the second viewer of a session takes it over, and streams from its own handshake")
  func takeover() throws {
    let run = CaseRunner.run(
      adHoc { environment in
        let session = try await environment.runningSession()
        let first = try await environment.viewing(session)
        let second = try await environment.viewing(session)
        environment.tell("first", "\(first.facts.closeCode ?? 0)")
        let number = try await second.point(x: 5, y: 5, buttons: 0)
        environment.tell("lives", "\(try await second.inputLatency(of: number, within: .seconds(1)) != nil)")
        environment.tell("count", "\(try await environment.sessionRow(session)?.activeConnections ?? -1)")
      })
    #expect(run.reason == "")
    #expect(run.told("first") == [.text("4001")])
    #expect(run.told("lives") == [.text("true")])
    #expect(run.told("count") == [.text("1")])
    #expect(run.brokenStreams.isEmpty)
    #expect(run.comparedBytes.count == 2)
  }

  @Test("viewers that a case leaves open leave when it ends, and all is released")
  func leftOpen() throws {
    let run = CaseRunner.run(
      adHoc { environment in
        _ = try await environment.viewing(try await environment.runningSession())
      })
    #expect(run.reason == "")
    let last = run.observations.last {
      if case .activeConnections = $0.observation { true } else { false }
    }
    guard case .activeConnections(_, 0) = last?.observation else {
      Issue.record("\(String(describing: last))")
      return
    }
    #expect(run.comparedBytes.count == 1)
  }

  @Test("one seed gives one run, another seed another")
  func repeatable() throws {
    func fingerprint(_ seed: UInt64) -> String {
      var request = adHoc(.td) { environment in
        let session = try await environment.runningSession()
        try await environment.desktop(of: session, .video(perSecond: 20))
        _ = try await environment.viewing(session)
        try await environment.sleep(for: .seconds(2))
      }
      request.seed = seed
      return CaseRunner.run(request).fingerprint
    }
    #expect(fingerprint(1) == fingerprint(1))
    #expect(fingerprint(1) != fingerprint(2))
  }
}
