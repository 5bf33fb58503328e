import LoadModel
import Synchronization
import TestEnvironment

extension PerformanceLoad {
  /// What users ask of the API in PERF-THR-05.
  enum Request: String, Sendable, Hashable, CaseIterable {
    case list, get, create, delete

    /// Gates of spec/06 §7.1: p95 and p99 of the accepted ones.
    var gates: (p95: Duration, p99: Duration) {
      switch self {
      case .list: (.milliseconds(100), .milliseconds(300))
      case .get: (.milliseconds(50), .milliseconds(300))
      case .create, .delete: (.milliseconds(200), .milliseconds(800))
      }
    }
  }

  static let mixedRequests = TestCase(
    "PERF-THR-05", "API mix", in: .performanceLoad, source: "[P old plan 4.2]", live: true,
    variants: [Variant("", .tl)], needs: ["replicas:3", "k8s", "users", "agents:5", "seed-state"],
    checks: ["I-QUOTA", "I-LINEAR"], kills: []
  ) { environment in
    try await environment.awaitAgents()
    let users = 40
    // One running session each: there is something to get and to delete, and 60 of the 100 slots are free.
    let ledger = SessionLedger()
    for number in 1...users {
      let agent = environment.agents[number % environment.agents.count]
      let name = environment.userName(number)
      for session in try await environment.seedRunningSessions(1, user: name, agent: agent) {
        ledger.add(session, of: name, runningFrom: environment.now)
      }
    }
    try await environment.logInForThroughput(users: 1...users)
    let load = Load(
      "mix", .poisson(count: 100, per: .seconds(1)), for: .seconds(environment.depth == .full ? 600 : 10),
      mix: Mix([Request.list: 78, .get: 20, .create: 1, .delete: 1]), population: .fixture(users))
    let result = try await load.run(in: environment) { due in
      let user = due.member.user
      let client = environment.user(user)
      switch due.verb {
      case .list: return try await client.list(at: nil)
      case .get:
        guard let session = ledger.newest(of: user) else { return nil }
        return try await client.get(session, at: nil)
      case .create:
        let answer = try await client.create(SessionRequest(), at: nil)
        if answer.isAccepted, let session = answer.session {
          // A start takes 9 s at the most in 99 of 100 (spec/06 §10.3).
          ledger.add(session, of: user, runningFrom: environment.now + .seconds(15))
        }
        return answer
      case .delete:
        guard let session = ledger.takeOldestRunning(of: user, at: environment.now) else { return nil }
        return try await client.stop(session, at: nil)
      }
    }
    for verb in Request.allCases { environment.judge(verb, result) }
    environment.expect("5xx and unanswered (thousandths)", .atMost(.count(19)), result.serverFailuresPerMille)
    guard let flow = result.flow else { throw CaseFailure("the load took no time") }
    environment.record.add(.flow("mix", flow))
    // What was measured hangs together: the number inside is rate times stay.
    let gap = flow.meanInsidePerMille - flow.insideByLittlePerMille
    environment.expect("distance from Little's law (thousandths of a request)", .atMost(.count(5)), abs(gap))
  }
}

extension Environment {
  /// Judges the latencies of one verb, if it occurred, and writes them down.
  fileprivate func judge(_ verb: PerformanceLoad.Request, _ result: LoadResult<PerformanceLoad.Request>) {
    let latencies = result.latencies(of: verb)
    guard let p95 = latencies.p95, let p99 = latencies.p99 else { return }
    expect("\(verb.rawValue), p95", .atMost(.duration(verb.gates.p95)), p95)
    expect("\(verb.rawValue), p99", .atMost(.duration(verb.gates.p99)), p99)
    for request in result.requests(verb) where request.isAccepted {
      record.sample("latency: \(verb.rawValue)", request.latency)
    }
    record.add(
      .latency(
        verb.rawValue, latencies,
        target: "p95 ≤ \(verb.gates.p95.milliseconds) ms, p99 ≤ \(verb.gates.p99.milliseconds) ms"))
  }
}

extension Duration {
  fileprivate var milliseconds: Int64 { components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000 }
}

extension TableEntry {
  /// Table `flow`: what passed through the API, and how much of it was inside at once.
  static func flow(_ load: String, _ flow: Flow) -> TableEntry {
    TableEntry(
      table: "flow",
      row: [
        "load": .text(load), "requests": .count(flow.arrivals),
        "a second (thousandths)": .count(flow.perSecondPerMille),
        "mean stay": .duration(flow.meanStay), "inside, mean (thousandths)": .count(flow.meanInsidePerMille),
        "rate × stay (thousandths)": .count(flow.insideByLittlePerMille), "inside, most": .count(flow.mostInside),
      ])
  }
}

/// The sessions that each user of a load has, as the users know them.
private final class SessionLedger: Sendable {
  private struct Entry {
    let session: String
    let runningFrom: Duration
  }

  private let sessions = Mutex<[String: [Entry]]>([:])

  func add(_ session: String, of user: String, runningFrom time: Duration) {
    sessions.withLock { $0[user, default: []].append(Entry(session: session, runningFrom: time)) }
  }

  func newest(of user: String) -> String? { sessions.withLock { $0[user]?.last?.session } }

  /// The user's oldest session, which should run by now.
  func takeOldestRunning(of user: String, at time: Duration) -> String? {
    sessions.withLock { all in
      guard let first = all[user]?.first, first.runningFrom <= time else { return nil }
      all[user]?.removeFirst()
      return first.session
    }
  }
}
