import Oracles
import TestEnvironment
import Testing

@testable import SimulatedEnvironment

@Suite("Frames and scripted agents")
struct FrameTests {
  private static let id = "k8s-prod-cluster"

  @Test("messages are kept from the moment they are asked for, both ways, as text")
  func capture() throws {
    let run = CaseRunner.run(
      adHoc { environment in
        try await environment.connected()
        let sessions = try await environment.seedRunningSessions(1, user: "u01", agent: Self.id)
        environment.tell("before", "\(environment.capturedFrames.count)")
        try await environment.captureFrames(of: Self.id)
        _ = try await environment.user("u01").stop(sessions[0], at: nil)
        try await environment.until { try await environment.sessionRow(sessions[0])?.state == "terminated" }
        let frames = environment.capturedFrames.filter { $0.command != nil }
        environment.tell("frames", frames.map { "\($0.isFromAgent ? ">" : "<")\($0.type)" }.joined(separator: " "))
        environment.tell("session", "\(frames.first?.session == sessions[0])")
        environment.tell(
          "text", "\(frames.allSatisfy { $0.text.contains("\"type\":\"\($0.type)\"") && $0.text.hasPrefix("{") })")
      })
    #expect(run.reason == "")
    #expect(run.told("before") == [.text("0")])
    #expect(run.told("frames") == [.text("<command >ack >complete")])
    #expect(run.told("session") == [.text("true")])
    #expect(run.told("text") == [.text("true")])
  }

  @Test("a command that comes once more reaches the agent, which carries it out once")
  func redelivery() throws {
    let run = CaseRunner.run(
      adHoc { environment in
        try await environment.connected()
        let session = try await environment.user("u01").create(SessionRequest(), at: nil).session ?? ""
        try await environment.until { try await environment.sessionRow(session)?.state == "running" }
        let row = try await environment.commandRows(session: session)[0]
        try await environment.redeliver(command: row.command, to: Self.id)
        try await environment.sleep(for: .seconds(5))
      })
    #expect(run.reason == "")
    let received = run.observations.count { if case .commandReceived = $0.observation { true } else { false } }
    let executed = run.observations.count { if case .commandExecuted = $0.observation { true } else { false } }
    #expect(received == 2 && executed == 1)
  }

  @Test("a scripted agent is told who it may be: keys, ids, platforms, terms")
  func identity() throws {
    let run = CaseRunner.run(
      adHoc { environment in
        try await environment.connected()
        let agent = environment.agentClient("stranger")
        func register(_ name: String, _ identity: AgentIdentity) async throws {
          let answer = try await agent.register(as: identity, at: nil)
          environment.tell(name, "\(answer.status ?? 0) \(answer.error ?? "")")
        }
        try await register("own", AgentIdentity(Self.id, key: .issued(to: Self.id)))
        try await register("platform", AgentIdentity(Self.id, platform: "docker", key: .issued(to: Self.id)))
        try await register("bootstrap", AgentIdentity(Self.id, key: .bootstrap))
        try await register("new", AgentIdentity("k8s-other", key: .bootstrap))
        let pending = try await agent.connect(as: AgentIdentity("k8s-other", key: .bootstrap), at: nil)
        environment.tell("pending", "\(pending.status ?? 0) \(pending.error ?? "")")
      })
    #expect(run.reason == "")
    #expect(run.told("own") == [.text("200 ")])
    #expect(run.told("platform") == [.text("409 Agent platform mismatch")])
    #expect(run.told("bootstrap") == [.text("403 Invalid API key")])
    #expect(run.told("new") == [.text("202 ")])
    #expect(run.told("pending") == [.text("403 Agent not approved")])
    let calls = run.observations.compactMap { timed -> String? in
      guard case .agentCall(let agent, _, let call, let owner, let isBootstrap, let status) = timed.observation else {
        return nil
      }
      return "\(agent) \(call.rawValue) \(owner ?? "-") \(isBootstrap) \(status)"
    }
    #expect(calls.contains("\(Self.id) register \(Self.id) false 200"))
    #expect(calls.contains("\(Self.id) connect \(Self.id) false 101"))
    #expect(calls.contains("\(Self.id) register - true 403"))
    #expect(calls.contains("k8s-other register - true 202"))
  }

  @Test("a scripted agent connects, gets its commands and reports; what it says of foreign sessions is refused")
  func conversation() throws {
    let run = CaseRunner.run(
      adHoc(.t3m) { environment in
        try await environment.connected()
        let foreign = try await environment.seedRunningSessions(1, user: "u01", agent: "k8s-a2")[0]
        try await environment.control(.agent("k8s-a1"), .stop)
        let agent = environment.agentClient("k8s-a1")
        let identity = AgentIdentity("k8s-a1", key: .issued(to: "k8s-a1"), instance: "scripted")
        environment.tell("connect", "\(try await agent.connect(as: identity, at: "api-1").status ?? 0)")
        try await agent.send(.status(session: foreign, state: "failed", pod: nil))
        try await environment.sleep(for: .seconds(2))
        environment.tell("foreign", try await environment.sessionRow(foreign)?.state ?? "")
        environment.tell("standing", "\(try await agent.isConnected())")
        try await agent.close()
        try await environment.sleep(for: .seconds(2))
        environment.tell("closed", "\(try await agent.isConnected())")
        try await environment.control(.agent("k8s-a1"), .start)
        try await environment.connected()
      })
    #expect(run.reason == "")
    #expect(run.told("connect") == [.text("101")])
    #expect(run.told("foreign") == [.text("running")])
    #expect(run.told("standing") == [.text("true")])
    #expect(run.told("closed") == [.text("false")])
    let reports = run.observations.compactMap { timed -> Bool? in
      if case .foreignReport("k8s-a1", _, let isAccepted) = timed.observation { isAccepted } else { nil }
    }
    #expect(reports == [false])
  }

  @Test("a request may choose the platform; a platform that does not exist is refused")
  func platform() throws {
    let run = CaseRunner.run(
      adHoc(.tx) { environment in
        try await environment.connected()
        for platform in ["docker", "kubernetes", "abacus"] {
          let answer = try await environment.user("u01").create(SessionRequest(platform: platform), at: nil)
          let agent = try await environment.sessionRow(answer.session ?? "")?.agent ?? "none"
          environment.tell(platform, "\(answer.status ?? 0) \(agent.prefix(3))")
          if let session = answer.session {
            try await environment.until { try await environment.sessionRow(session)?.state == "running" }
          }
        }
        let raw = try await environment.user("u01").send("GET", "/api/v1/sessions", body: nil, at: nil)
        environment.tell("raw", "\(raw.status ?? 0) \(raw.body.contains("docker"))")
      })
    #expect(run.reason == "")
    #expect(run.told("docker") == [.text("202 doc")])
    #expect(run.told("kubernetes") == [.text("202 k8s")])
    #expect(run.told("abacus") == [.text("400 non")])
    #expect(run.told("raw") == [.text("200 true")])
  }
}
