import Oracles
import TestEnvironment

extension SampleRuns {
  static let agent = "k8s-prod-cluster"

  static func process(_ number: Int) -> String { "agent-\(agent)-\(number)" }

  /// Three processes; the first leads from second 1, is paused at 20, replaced at 36, and woken at 40.
  static func elected(
    _ id: String = "HA-LE-09", scenario: ScenarioName = .haKubernetesAgentLeaderElection, seed: UInt64 = 1,
    overlap: Duration = .zero, verdict: Verdict = .passed, text: String = "cut(agent, kubernetes)"
  ) -> CaseRun {
    var run = run(
      testCase(id, title: "Leader paused", scenario: scenario), variant: Variant("", .t3ha), seed: seed,
      verdict: verdict)
    func lead(_ number: Int, _ term: Int64, _ leads: Bool) -> Observation {
      .leadership(agent: agent, instance: process(number), term: term, isLeading: leads, reason: "")
    }
    var notes: [(Duration, Observation)] = (1...3).map { (.zero, .processStarted(process: process($0))) }
    notes += [
      (.seconds(1), .lockChanged(agent: agent, holder: process(1), term: 1)), (.seconds(1), lead(1, 1, true)),
      (.seconds(20), .processPaused(process: process(1))),
      (.seconds(36), .lockChanged(agent: agent, holder: process(2), term: 2)), (.seconds(36), lead(2, 2, true)),
      (.seconds(40), .processResumed(process: process(1))), (.seconds(40) + overlap, lead(1, 1, false)),
      (.seconds(50), .platformWriteRefused(agent: agent, instance: process(1), term: 1, object: "deployment/s1")),
      (.seconds(60), .processEnded(process: process(3), reason: "killed", injected: true)),
    ]
    run.observations = notes.enumerated().map {
      TimedObservation(time: $0.element.0, sequence: $0.offset, observation: $0.element.1)
    }
    run.faults = [FaultSummary(name: text, start: .seconds(20), end: .seconds(40), touched: 2)]
    run.virtualTime = .seconds(100)
    return run
  }

  /// Three containers: one that lives and goes, one that stays, one that fails.
  static func contained(_ text: String = "s<3>") -> CaseRun {
    var run = run(
      testCase("DOCK-03", title: "Stop", scenario: .dockerAgentLifecycle), variant: Variant("", .td))
    func change(_ object: String, _ event: WorkloadEvent) -> Observation {
      .workload(session: "s", agent: "docker-d1", object: object, event: event, command: "cmd-1")
    }
    let notes: [(Duration, Observation)] = [
      (.seconds(1), change("container/s1", .created)), (.seconds(1), change("volume/s1", .created)),
      (.seconds(2), change("container/s1", .ready)),
      (.seconds(5), .commandInserted(command: "c", agent: "docker-d1", session: "s", action: "start_session")),
      (.seconds(6), change("container/s2", .created)), (.seconds(7), change("container/s2", .ready)),
      (.seconds(8), change("container/s2", .scaledToZero)), (.seconds(9), change("container/s1", .deleted)),
      (.seconds(10), change("container/\(text)", .created)), (.seconds(11), change("container/\(text)", .failed)),
    ]
    run.observations = notes.enumerated().map {
      TimedObservation(time: $0.element.0, sequence: $0.offset, observation: $0.element.1)
    }
    run.faults = [FaultSummary(name: text, start: .seconds(3), end: nil, touched: 1)]
    run.virtualTime = .seconds(30)
    return run
  }
}
