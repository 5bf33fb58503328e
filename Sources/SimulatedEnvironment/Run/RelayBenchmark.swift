import Oracles
import TestEnvironment

/// What it costs to carry video: eight viewers of one agent, each with a 64x64 region that changes 60 times a second, sent
/// Raw through agent and control plane.
public enum RelayBenchmark {
  private static let viewers = 8
  private static let rate = 60

  /// Nanoseconds of real time that `seconds` of virtual time took, from the first request to the last end.
  ///
  /// `clock` gives nanoseconds of real time. Throws when a viewer ends, misses a change, or gets a byte that was not sent
  /// to it.
  public static func carry(seconds: Int = 60, clock: () -> UInt64) throws -> Int64 {
    let request = CaseRequest(testCase: testCase(seconds), variant: Variant("T1", .t1), seed: 1)
    let began = clock()
    let run = CaseRunner.run(request)
    let elapsed = clock() - began
    guard run.verdict == .passed else { throw EnvironmentError("the relay of video failed: \(run.reason)") }
    return Int64(clamping: elapsed)
  }

  private static func testCase(_ seconds: Int) -> TestCase {
    TestCase(
      "BENCH-RELAY", "Video for eight viewers", in: .vncStreaming, source: "[+]", variants: [Variant("T1", .t1)],
      needs: ["vnc"], checks: ["I-VNC-BYTES", "I-VNC-ISO"], kills: []
    ) { environment in
      // The agent has registered and connected by then.
      try await environment.sleep(for: .seconds(30))
      var open: [any Viewer] = []
      for user in ["u01", "u02"] {
        let sessions = try await environment.seedRunningSessions(
          viewers / 2, user: user, agent: environment.agents[0])
        for session in sessions {
          open.append(
            try await environment.viewers(of: user).open(ViewerRequest(session, program: .continuous), at: nil))
        }
      }
      for viewer in open {
        guard try await viewer.waitForPicture(within: .seconds(15)) else {
          throw EnvironmentError("a viewer has no picture: status \(viewer.status ?? 0), \(viewer.facts.error ?? "")")
        }
      }
      let before = open.map(\.facts.videoFrames.count)
      for viewer in open { try await environment.desktop(of: viewer.session, .video(perSecond: rate)) }
      try await environment.sleep(for: .seconds(seconds))
      for viewer in open { try await environment.desktop(of: viewer.session, .video(perSecond: 0)) }
      try await environment.sleep(for: .seconds(2))
      for (viewer, before) in zip(open, before) {
        let comparison = try await viewer.compare()
        environment.record.add(
          Expectation(
            name: "changes shown to \(viewer.session)", target: .atLeast(.count(rate * seconds - 1)),
            measured: .count(viewer.facts.videoFrames.count - before), time: environment.now))
        environment.record.add(
          Expectation(
            name: "the last picture is the desktop's", target: .equal(.count(1)),
            measured: .count(viewer.facts.isOpen && comparison.isEqual ? 1 : 0), time: environment.now))
      }
    }
  }
}
