import Oracles
import TestEnvironment
import Testing

@Suite struct PropertyTests {
  @Test("no history that keeps the contract raises an alarm", arguments: [UInt64](0..<40))
  func noFalseAlarm(seed: UInt64) {
    let legal = LegalHistory(seed: seed)
    let alarms = legal.history.alarms(until: legal.close)
    #expect(alarms.first == nil, "seed \(seed): \(alarms.count) alarms")
  }

  @Test("no election that keeps the contract raises an alarm", arguments: [UInt64](0..<60))
  func noFalseAlarmInElections(seed: UInt64) {
    let legal = ElectedHistory(seed: seed)
    let alarms = legal.history.alarms(until: legal.close)
    #expect(alarms.first == nil, "seed \(seed): \(alarms.count) alarms")
  }

  @Test("such histories put most invariants to the test")
  func exercised() {
    var checks: [String: Int] = [:]
    for seed in UInt64(0)..<20 {
      let legal = LegalHistory(seed: seed)
      let elected = ElectedHistory(seed: seed)
      let verdicts = legal.history.judged(until: legal.close) + elected.history.judged(until: elected.close)
      for verdict in verdicts { checks[verdict.id, default: 0] += verdict.checks }
    }
    for id in Judge.catalogue.map(\.id)
    where !["I-HUB-LIVE", "I-COUNT", "I-DET", "I-SCHEMA"].contains(id) && !id.hasPrefix("I-VNC")
      && !id.hasPrefix("I-MIG")
    {
      #expect(checks[id, default: 0] > 0, "\(id) is not exercised")
    }
  }

  /// A change to a legal history that breaks it, and the invariant that must notice.
  static let breaches: [(id: String, breaks: @Sendable (TimedObservation) -> [Observation]?)] = [
    (
      "I-CMD-MONO",
      { event in
        guard case .commandStatus(let command, _, "completed", let times) = event.observation else { return nil }
        return [event.observation, .commandStatus(command: command, from: "completed", to: "ack", times: times)]
      }
    ),
    (
      "I-CMD-ONCE",
      { event in
        guard case .commandExecuted = event.observation else { return nil }
        return [event.observation, event.observation]
      }
    ),
    (
      "I-CMD-TRUTH",
      { event in
        guard case .workload(_, _, _, .ready, _) = event.observation else { return nil }
        return []
      }
    ),
    (
      "I-SESS-LEGAL",
      { event in
        guard case .sessionState(let session, let from, "running", let agent) = event.observation else { return nil }
        return [.sessionState(session: session, from: from, to: "terminated", agent: agent)]
      }
    ),
    (
      "I-CMD-LIVE",
      { event in
        guard case .commandStatus(_, _, let to, _) = event.observation, to == "completed" || to == "failed" else {
          return nil
        }
        return []
      }
    ),
    (
      "I-AUTHN",
      { event in
        guard case .commandReceived(let command, _, let instance) = event.observation else { return nil }
        return [.commandReceived(command: command, agent: "other", instance: instance)]
      }
    ),
    (
      "I-CRASH",
      { event in
        guard case .processEnded(let process, _, _) = event.observation else { return nil }
        return [.processEnded(process: process, reason: "panic", injected: false)]
      }
    ),
    (
      "I-ACCEPT",
      { event in
        guard case .commandInserted = event.observation else { return nil }
        return []
      }
    ),
    (
      "I-SESS-TRUTH",
      { event in
        guard case .workload(_, _, _, .deleted, _) = event.observation else { return nil }
        return []
      }
    ),
    (
      "I-TENANT",
      { event in
        guard case .requestAnswered(var request) = event.observation, request.user == "stranger" else { return nil }
        request.status = 200
        return [.requestAnswered(request: request)]
      }
    ),
  ]

  @Test(
    "one change that breaks the contract is noticed in any history where it can be made", arguments: breaches.indices)
  func breachIsNoticed(index: Int) {
    let breach = Self.breaches[index]
    var made = 0
    for seed in UInt64(0)..<12 {
      let legal = LegalHistory(seed: seed)
      guard let (broken, time) = Self.apply(breach.breaks, to: legal.history) else { continue }
      made += 1
      let verdict = broken.verdict(breach.id, until: legal.close)
      #expect(verdict.violationCount > 0, "\(breach.id), seed \(seed), change at \(time)")
    }
    #expect(made >= 4)
  }

  /// The history with the change made at the first place where it can be.
  private static func apply(
    _ breaks: (TimedObservation) -> [Observation]?, to legal: History
  ) -> (History, Duration)? {
    var broken = History()
    var place: Duration?
    for event in legal.events {
      if place == nil, let replacement = breaks(event) {
        place = event.time
        for observation in replacement { broken.at(event.time, observation) }
      } else {
        broken.at(event.time, event.observation)
      }
    }
    return place.map { (broken, $0) }
  }
}
