import SimulationRuntime
import StreamSpaceProtocol
import TestEnvironment

/// What it takes to hold many sessions: put in place, on agents that beat, with viewers that look, while users create and
/// stop others (spec/06 §10.4, 5).
public enum SessionBenchmark {
  /// What a run came to.
  public struct Result: Sendable, Equatable {
    public var sessions: Int
    public var running: Int
    public var kernelEvents: Int
    public var statements: Int
    /// Creates and stops that were accepted, and inputs of viewers that were answered.
    public var verbs: Int
    public var inputs: Int
  }

  private static let viewers = 20
  private static let changes = 30

  /// Holds `sessions` running sessions on one agent for a hundred of them and 2 000 users, for `span`. `measure` is called
  /// while they are held.
  ///
  /// Throws when one of them does not run at the end.
  public static func hold(
    sessions: Int = 10_000, for span: Duration = .seconds(60), measure: @escaping @Sendable () -> Void
  ) throws -> Result {
    let agents = max(1, sessions / 100)
    let topology = Topology("TL, \(sessions) sessions", replicas: 3, redis: true, agents: [], users: 2_000).with {
      $0.agents = (1...agents).map { Topology.Agent("k8s-a\($0)", maxSessions: 110) }
      $0.startsAgents = false
      $0.defaultPlatform = .kubernetes
    }
    let request = CaseRequest(
      testCase: TestCase(
        "BENCH-SESSIONS", "Many sessions", in: .performanceLoad, source: "[+]", variants: [Variant("", topology)],
        needs: [], checks: [], kills: []
      ) { _ in }, variant: Variant("", topology), seed: 1)
    let simulation = Simulation(.init(seed: 1, retention: .hash))
    defer { simulation.tearDown() }
    let deployment = try Deployment(topology, behaviours: Behaviours(), in: simulation)
    let environment = SimulatedCaseEnvironment(request, deployment)
    let load = Load(environment, sessions: sessions, span: span, measure: measure)
    try simulation.cases.run(limit: .seconds(7_200)) { try await load.run() }
    let running = deployment.recorder.sessionRows.values.count { $0.state == SessionState.running.rawValue }
    guard load.failure == nil else { throw EnvironmentError(load.failure ?? "") }
    return Result(
      sessions: sessions, running: running, kernelEvents: simulation.eventsRun,
      statements: try deployment.database.statementsServed, verbs: load.verbs, inputs: load.inputs)
  }

  /// What goes on. Unchecked: it runs on the simulation's thread alone.
  private final class Load: @unchecked Sendable {
    private let environment: SimulatedCaseEnvironment
    private let sessions: Int
    private let span: Duration
    private let measure: @Sendable () -> Void
    private(set) var verbs = 0
    private(set) var inputs = 0
    private(set) var failure: String?

    init(
      _ environment: SimulatedCaseEnvironment, sessions: Int, span: Duration, measure: @escaping @Sendable () -> Void
    ) {
      self.environment = environment
      self.sessions = sessions
      self.span = span
      self.measure = measure
    }

    func run() async throws {
      for agent in environment.agents {
        try await environment.control(.agent(agent), .start)
        try await environment.sleep(for: .milliseconds(250))
      }
      try await environment.sleep(for: .seconds(60))
      var placed: [(name: String, user: String)] = []
      for block in 0..<(sessions / 5) {
        let user = Self.user(block % environment.variant.topology.users + 1)
        let agent = environment.agents[block % environment.agents.count]
        for name in try await environment.seedRunningSessions(5, user: user, agent: agent) {
          placed.append((name, user))
        }
      }
      var open: [any Viewer] = []
      for index in 0..<viewers {
        let session = placed[index * placed.count / viewers]
        let viewer = try await environment.viewers(of: session.user).open(
          ViewerRequest(session.name, program: .probe), at: nil)
        guard try await viewer.waitForPicture(within: .seconds(20)) else {
          failure = "a viewer of \(session.name) has no picture"
          return
        }
        open.append(viewer)
      }
      let start = environment.now
      // Each time somebody ends a session and asks for another; agents beat and look after theirs meanwhile.
      for index in 0..<changes {
        let session = placed[(index * 97 + 13) % placed.count]
        if try await environment.user(session.user).stop(session.name, at: nil).isAccepted { verbs += 1 }
        if index == changes / 2 { measure() }
        for viewer in open where viewer.facts.isOpen && index % 10 == 0 {
          let number = try await viewer.point(x: 20 + index, y: 20, buttons: 0)
          if try await viewer.inputLatency(of: number, within: .seconds(5)) != nil { inputs += 1 }
        }
        let wait = start + span * (index + 1) / changes - environment.now
        if wait > .zero { try await environment.sleep(for: wait) }
        // The one that was stopped before is gone by now, and its owner has room again.
        if index > 0 { try await create(as: placed[((index - 1) * 97 + 13) % placed.count].user) }
      }
      try await environment.sleep(for: .seconds(5))
      try await create(as: placed[((changes - 1) * 97 + 13) % placed.count].user)
      try await environment.sleep(for: .seconds(20))
      measure()
      let running = environment.deployment.recorder.sessionRows.values.count { $0.state == "running" }
      if running != sessions { failure = "\(running) of \(sessions) sessions run" }
    }

    private func create(as user: String) async throws {
      if try await environment.user(user).create(SessionRequest(), at: nil).isAccepted { verbs += 1 }
    }

    private static func user(_ number: Int) -> String { number < 10 ? "u0\(number)" : "u\(number)" }
  }
}
