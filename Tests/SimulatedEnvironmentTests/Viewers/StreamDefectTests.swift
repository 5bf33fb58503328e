import Oracles
import TestEnvironment
import Testing

@testable import SimulatedEnvironment

@Suite("Defects of streams")
struct StreamDefectTests {
  private static func run(
    _ profile: String, _ topology: Topology = .t1, _ body: @escaping @Sendable (any Environment) async throws -> Void
  ) throws -> CaseRun {
    var request = adHoc(topology, body)
    request.profile = try Profile(profile)
    return CaseRunner.run(request)
  }

  @Test("bytes that an agent loses on the way to the desktop are missed there", arguments: ["C-20", "C-21"])
  func lostToDesktop(_ defect: String) throws {
    let run = try Self.run("contract+\(defect)") { environment in
      let session = try await environment.runningSession(template: "vnc-raw")
      try await environment.desktop(of: session, .shortWrites(4_096))
      let viewer = try await environment.viewing(session, .raw)
      try await viewer.send(count: 200_000, seed: 1, split: .uniform(most: 32_768))
      try await environment.sleep(for: .seconds(20))
      environment.tell("equal", "\(viewer.facts.sentDigest == viewer.facts.receivedDigest)")
    }
    #expect(run.told("equal") == [.text("false")])
    #expect(
      run.brokenStreams.contains {
        if case .streamBroken(1, _, toViewer: false, _) = $0 { true } else { false }
      }, "\(run.brokenStreams) \(run.reason)")
  }

  @Test("frames that another viewer's relay throws away are missed, although nothing wrong ever arrives")
  func stolen() throws {
    let run = try Self.run("contract+B-55") { environment in
      let sessions = [
        try await environment.runningSession("u01"), try await environment.runningSession("u02"),
      ]
      for (session, user) in zip(sessions, ["u01", "u02"]) {
        try await environment.desktop(of: session, .video(perSecond: 30))
        _ = try await environment.viewers(of: user).open(ViewerRequest(session), at: nil)
      }
      try await environment.sleep(for: .seconds(25))
    }
    #expect(
      run.brokenStreams.contains {
        if case .streamBroken(_, _, toViewer: true, _) = $0 { true } else { false }
      }, "\(run.reason)")
  }

  @Test("edge and owner may be any two replicas", arguments: [Topology.t2, .t3])
  func edges(_ topology: Topology) throws {
    let run = try Self.run("contract", topology) { environment in
      let session = try await environment.runningSession()
      for replica in environment.replicas {
        let viewer = try await environment.viewing(session, at: replica)
        let number = try await viewer.type(keysym: 0x62)
        environment.tell("shown", "\(try await viewer.inputLatency(of: number + 1, within: .seconds(1)) != nil)")
        try await environment.sleep(for: .seconds(1))
        environment.tell("equal", "\(viewer.edge == replica) \(try await viewer.compare().isEqual)")
      }
      try await environment.sleep(for: .seconds(1))
      try await environment.tellLeftStreams()
    }
    #expect(run.reason == "")
    #expect(run.told("shown").allSatisfy { $0 == .text("true") })
    #expect(run.told("equal") == [Quantity](repeating: .text("true true"), count: topology.replicas))
    #expect(run.told("left") == [.text("1 1 1")])
    #expect(run.brokenStreams.isEmpty)
  }
}
