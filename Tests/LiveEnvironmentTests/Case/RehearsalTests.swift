#if Live
  import Foundation
  import Oracles
  import Scenarios
  import SimulatedEnvironment
  import TestEnvironment
  import Testing

  @testable import LiveEnvironment

  @Suite("Rehearsal", .serialized)
  struct RehearsalTests {
    private struct Missing: Error {}

    /// The command line beside the tests, and the script above it.
    private static func servers() throws -> (RehearsalServers, program: String) {
      var folder = URL(fileURLWithPath: #filePath)
      while folder.path != "/" {
        let script = folder.appendingPathComponent("fixtures/environments/postgres.sh").path
        if FileManager.default.fileExists(atPath: script) {
          guard
            let built = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"),
            let program = program(near: built, and: CommandLine.arguments)
          else { throw Missing() }
          return (try RehearsalServers(script: script, databaseURL: nil), program)
        }
        folder.deleteLastPathComponent()
      }
      throw Missing()
    }

    /// The tests are a bundle that another program runs: their own place is among its arguments.
    private static func program(near built: String, and arguments: [String]) -> String? {
      for place in [built] + arguments {
        let file = URL(fileURLWithPath: place).deletingLastPathComponent().appendingPathComponent("streamspace-live")
        if FileManager.default.isExecutableFile(atPath: file.path) { return file.path }
      }
      return nil
    }

    private static func request(_ testCase: TestCase) throws -> CaseRequest {
      guard let variant = testCase.variants.first else { throw Missing() }
      return CaseRequest(testCase: testCase, variant: variant, seed: 1)
    }

    private static func custom(
      _ id: String, _ topology: Topology, _ body: @escaping @Sendable (any Environment) async throws -> Void
    ) -> TestCase {
      TestCase(
        id, "of a test", in: .haMultiPodAPI, source: "", variants: [Variant("", topology)], needs: [], checks: [],
        kills: [], body: body)
    }

    /// The holder of the agent is killed: the agent comes back elsewhere, and the other replica serves.
    private static let kill = custom("X-KILL", .t2) { environment in
      let agent = environment.agents[0]
      var holder: String?
      while holder == nil {
        holder = try await environment.holder(of: agent)
        try await environment.sleep(for: .milliseconds(100))
      }
      let first = holder ?? ""
      try await environment.control(.replica(first), .crash)
      let isReady = try await environment.isReady(first)
      environment.record.add(
        TestEnvironment.Expectation(
          name: "ready", target: .equal(.text("false")), measured: .text("\(isReady)"), time: environment.now)
      )
      var next: String?
      while next == nil || next == first {
        next = try await environment.holder(of: agent)
        try await environment.sleep(for: .milliseconds(100))
      }
      let answer = try await environment.user("u01").create(SessionRequest(), at: next)
      environment.record.add(
        TestEnvironment.Expectation(
          name: "create", target: .equal(.count(202)), measured: .count(answer.status ?? 0), time: environment.now))
      environment.record.add(
        TestEnvironment.Expectation(
          name: "holder", target: .equal(.text(environment.replicas.first { $0 != first } ?? "")),
          measured: .text(next ?? ""), time: environment.now))
    }

    /// What is told of replicas and agents, without times.
    private static func order(_ run: CaseRun) -> [String] {
      run.observations.compactMap { timed in
        switch timed.observation {
        case .processEnded(let process, _, let injected) where process.hasPrefix("api"): "ended injected=\(injected)"
        case .agentConnected: "agent connected"
        case .agentDisconnected: "agent disconnected"
        case .sessionInserted: "session"
        default: nil
        }
      }
    }

    @Test("cases run against real processes: green, skipped, red, and killed with SIGKILL as in the simulation")
    func runs() throws {
      let (servers, program) = try Self.servers()
      defer { servers.stop() }
      let runner = RehearsalRunner(servers, program: program)

      let killed = runner.run(try Self.request(Self.kill), limit: .seconds(60))
      #expect(killed.verdict == .passed, "\(killed.reason)")
      let simulated = CaseRunner.run(try Self.request(Self.kill))
      #expect(simulated.verdict == .passed, "\(simulated.reason)")
      #expect(Self.order(killed) == Self.order(simulated))

      let idle = Self.custom("X-IDLE", Topology("none", replicas: 0, redis: false, agents: [])) { _ in }
      let nothing = runner.run(try Self.request(idle), limit: .seconds(10))
      #expect(nothing.verdict == .failed)
      #expect(nothing.reason == "it checked nothing")

      let slow = Self.custom("X-SLOW", .t1) { _ = try await $0.begin(.databaseSlow(by: .seconds(1)), for: nil) }
      let skipped = runner.run(try Self.request(slow), limit: .seconds(10))
      #expect(skipped.verdict == .skipped)
      #expect(skipped.reason.hasPrefix("needs db-fault"))

      let late = Self.custom("X-LATE", .t1) { try await $0.sleep(for: .seconds(3_600)) }
      let given = runner.run(try Self.request(late), limit: .seconds(1))
      #expect(given.verdict == .failed)
      #expect(given.reason.contains("time limit reached"))
    }

    @Test("Redis goes and comes back with what it had, or without")
    func redis() throws {
      let (servers, _) = try Self.servers()
      defer { servers.stop() }
      let probe = RedisProbe(port: servers.redisPort)
      _ = try probe.call(["SET", "a", "1"], database: 1)
      servers.stopRedis(keepsData: true)
      #expect(throws: (any Error).self) { try probe.call(["GET", "a"], database: 1) }
      try servers.startRedis()
      #expect(try probe.call(["GET", "a"], database: 1).text == "1")
      servers.stopRedis(keepsData: false)
      try servers.startRedis()
      #expect(try probe.call(["GET", "a"], database: 1).isNull)
    }
  }
#endif
