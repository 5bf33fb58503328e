import Oracles
import TestEnvironment

/// Hand-made runs, so that a report is judged by what goes into it.
enum SampleRuns {
  static func testCase(
    _ id: String = "HA-API-77", title: String = "A sample", kills: [String] = ["B-01", "B-02"], limits: String = "",
    scenario: ScenarioName = .haMultiPodAPI
  ) -> TestCase {
    TestCase(
      id, title, in: scenario, source: "[+]", variants: [Variant("", .t2)], needs: ["k8s"], checks: ["I-ROUTE"],
      kills: kills, limits: limits
    ) { _ in }
  }

  static func run(
    _ testCase: TestCase = testCase(), variant: Variant = Variant("", .t2), seed: UInt64 = 1,
    verdict: Verdict = .passed, reason: String = "", expectations: [Expectation] = []
  ) -> CaseRun {
    var run = CaseRun(
      testCase: testCase, variant: variant, seed: seed, depth: .plain, profile: "contract", verdict: verdict,
      reason: reason)
    run.expectations = expectations
    run.fingerprint = "00000000000000aa"
    run.virtualTime = .milliseconds(190_123)
    return run
  }

  static func suite(_ runs: [CaseRun]) -> SuiteRun {
    let seeds = runs.map(\.seed)
    return SuiteRun(
      runs: runs, seeds: (seeds.min() ?? 1)...(seeds.max() ?? 1), profile: "contract", environment: "simulated",
      depth: .plain, command: "./sim run HA-API-77 --seed 1 --profile contract")
  }

  static func within(_ name: String, _ limit: Duration, measured: Duration, at time: Duration = .seconds(20))
    -> Expectation
  {
    Expectation(name: name, target: .atMost(.duration(limit)), measured: .duration(measured), time: time)
  }

  static func count(_ name: String, _ wanted: Int, measured: Int) -> Expectation {
    Expectation(name: name, target: .equal(.count(wanted)), measured: .count(measured), time: .seconds(21))
  }

  /// A broken invariant with a cause and an effect.
  static func broken(_ id: String, message: String = "the route names api-1") -> InvariantVerdict {
    let chain = [
      TimedObservation(
        time: .seconds(10), sequence: 3, observation: .replicaReady(replica: "api-1", ready: false)),
      TimedObservation(
        time: .milliseconds(12_345), sequence: 7, observation: .route(agent: "k8s-a1", key: .pod, value: "api-1")),
    ]
    return InvariantVerdict(
      id: id, statement: "A route names the holder.", checks: 5,
      violations: [
        Violation(
          time: .milliseconds(12_345), rule: "the value is the holder", message: message, firstEvent: chain[1],
          chain: chain, excusesTested: [])
      ])
  }

  /// A run with something on every lane.
  static func eventful(verdict: Verdict = .passed, text: String = "crash") -> CaseRun {
    var run = run(verdict: verdict, reason: verdict == .failed ? "I-ROUTE: the route names api-1" : "")
    run.marks = [
      TimelineMark(lane: "api-1", kind: .fault, text: text, start: .seconds(10), end: .seconds(30)),
      TimelineMark(lane: "api-2", kind: .recovery, text: "back", start: .seconds(12), end: .seconds(14)),
      TimelineMark(lane: "clients", kind: .step, text: "stop", start: .seconds(15)),
    ]
    let observations: [Observation] = [
      .processStarted(process: "api-1"), .replicaReady(replica: "api-1", ready: true),
      .agentConnected(agent: "k8s-prod-cluster", replica: "api-1", connection: 1, epoch: 1, instance: "agent-1"),
      .route(agent: "k8s-prod-cluster", key: .pod, value: "api-1"), .redisAvailable(false), .databaseAvailable(true),
      .commandSent(command: "cmd-1", agent: "k8s-prod-cluster", replica: "api-1", connection: 1, attempt: 1),
      .commandReceived(command: "cmd-1", agent: "k8s-prod-cluster", instance: "agent-1"),
      .sessionState(session: "s <1>", from: "running", to: "terminating", agent: nil),
      .workload(session: "s <1>", agent: "k8s-prod-cluster", object: "deployment/s", event: .deleted, command: nil),
      .requestAnswered(
        request: RequestRecord(
          method: "DELETE", path: "/api/v1/sessions/s?a=1&b=2", user: "u01", replica: nil, status: 503, session: nil,
          started: .seconds(11), ended: .seconds(12))),
      .processEnded(process: "agent-k8s-prod-cluster", reason: "crashed", injected: true),
    ]
    run.observations = observations.enumerated().map { index, observation in
      TimedObservation(time: .milliseconds(10_000 + 500 * index), sequence: index, observation: observation)
    }
    run.expectations = [within("served again", .seconds(5), measured: .seconds(2), at: .seconds(40))]
    run.faults = [FaultSummary(name: "crash(api-1)", start: .seconds(10), end: .seconds(30), touched: 3)]
    return run
  }
}
