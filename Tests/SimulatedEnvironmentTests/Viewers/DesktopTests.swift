import Oracles
import SimulationRuntime
import TestEnvironment
import Testing

@testable import SimulatedEnvironment

@Suite("Desktops of sessions")
struct DesktopTests {
  /// A session on the replica that holds the agent, with a viewer whose picture stands.
  private static func viewed(_ environment: any Environment) async throws -> (session: String, viewer: any Viewer) {
    let session = try await environment.runningSession()
    return (session, try await environment.viewing(session))
  }

  @Test("a desktop ends with its container: the viewer is told, and the next container's can be viewed")
  func containerEnds() throws {
    let run = CaseRunner.run(
      adHoc { environment in
        let (session, viewer) = try await Self.viewed(environment)
        let began = environment.now
        _ = try await environment.begin(.workload(session: session, .exits(code: 1)), for: nil)
        environment.tell("told", "\(try await viewer.waitForEnd(within: .seconds(15)))")
        environment.tell("after", (viewer.facts.ended ?? .zero) - began)
        try await environment.until { try await environment.workloads(session: session).first?.isReady == true }
        let next = try await environment.viewing(session)
        environment.tell("equal", "\(try await next.compare().isEqual)")
        try await next.close(abruptly: false)
        try await environment.sleep(for: .seconds(15))
        try await environment.tellLeftStreams()
      }, twice: true)
    #expect(run.reason == "")
    #expect(run.told("told") == [.text("true")])
    #expect(run.told("equal") == [.text("true")])
    #expect(run.told("left") == [.text("0 0 0")])
    #expect(run.brokenStreams.isEmpty)
  }

  @Test("a session that is stopped takes its desktop with it")
  func stopped() throws {
    let run = CaseRunner.run(
      adHoc { environment in
        let (session, viewer) = try await Self.viewed(environment)
        _ = try await environment.user("u01").stop(session, at: nil)
        environment.tell("told", "\(try await viewer.waitForEnd(within: .seconds(15)))")
        let again = try await environment.viewers(of: "u01").open(ViewerRequest(session), at: nil)
        environment.tell("again", "\(again.status ?? 0)")
      })
    #expect(run.reason == "")
    #expect(run.told("told") == [.text("true")])
    #expect(run.told("again") == [.text("409")])
    #expect(run.brokenStreams.isEmpty)
  }

  @Test("an agent that dies takes its tunnels along; its successor opens others")
  func agentCrash() throws {
    let run = CaseRunner.run(
      adHoc { environment in
        let (session, viewer) = try await Self.viewed(environment)
        try await environment.desktop(of: session, .video(perSecond: 20))
        try await environment.sleep(for: .seconds(1))
        try await environment.control(.agent("k8s-prod-cluster"), .crash)
        environment.tell("told", "\(try await viewer.waitForEnd(within: .seconds(15))) \(viewer.facts.closeCode ?? 0)")
        try await environment.sleep(for: .seconds(1))
        try await environment.tellLeftStreams()
        try await environment.control(.agent("k8s-prod-cluster"), .start)
        try await environment.until { try await environment.holder(of: "k8s-prod-cluster") != nil }
        let next = try await environment.viewing(session)
        try await environment.desktop(of: session, .video(perSecond: 0))
        try await environment.sleep(for: .seconds(1))
        environment.tell("equal", "\(try await next.compare().isEqual)")
      })
    #expect(run.reason == "")
    #expect(run.told("told") == [.text("true 4005")])
    #expect(run.told("left") == [.text("0 0 0")])
    #expect(run.told("equal") == [.text("true")])
    #expect(run.brokenStreams.isEmpty)
  }

  @Test("sessions that were put in place can be viewed, and cost nothing while nobody looks")
  func seeded() throws {
    func events(_ isViewed: Bool) -> Int {
      let run = CaseRunner.run(
        adHoc { environment in
          try await environment.connected()
          let sessions = try await environment.seedRunningSessions(3, user: "u01", agent: environment.agents[0])
          for session in sessions { try await environment.desktop(of: session, .video(perSecond: 30)) }
          try await environment.sleep(for: .seconds(30))
          guard isViewed else { return }
          let probe = try await environment.viewing(sessions[1], .probe)
          let number = try await probe.point(x: 1, y: 1, buttons: 0)
          environment.tell("input", "\(try await probe.inputLatency(of: number, within: .seconds(1)) != nil)")
          environment.tell("small", "\(probe.facts.bytesReceived < 2_000)")
        })
      #expect(run.reason == "")
      if isViewed {
        #expect(run.told("input") == [.text("true")])
        #expect(run.told("small") == [.text("true")])
      }
      return run.kernelEvents
    }
    let idle = events(false)
    #expect(events(true) > idle)
  }

  @Test("a desktop that nobody dialled has no process, wishes for it wait")
  func lazy() throws {
    let simulation = Simulation(.init(seed: 1))
    defer { simulation.tearDown() }
    let recorder = ObservationRecorder(simulation)
    let hosts = DesktopHosts(recorder.streams, in: simulation)
    let before = simulation.allProcesses.count
    hosts.note(
      .containerStarted(
        .init(session: "S", agent: "a", command: "c", name: "S"),
        .init(pod: "S-1", address: "10.42.0.9", image: "streamspace/rfb-desktop:1", template: "t", vncPort: 5_900)))
    hosts.prepare("10.42.0.8")
    hosts.prepare("api-1")
    #expect(simulation.allProcesses.count == before)
    hosts.prepare("10.42.0.9")
    #expect(simulation.process("desktop-10.42.0.9")?.isRunning == true)
    hosts.note(
      .containerEnded(
        .init(session: "S", agent: "a", command: "c", name: "S"),
        .init(pod: "S-1", address: "10.42.0.9", image: "streamspace/rfb-desktop:1", template: "t", vncPort: 5_900),
        reason: "Error"))
    try simulation.run(for: .milliseconds(1))
    #expect(simulation.process("desktop-10.42.0.9")?.current == nil)
    hosts.prepare("10.42.0.9")
    #expect(simulation.process("desktop-10.42.0.9")?.current == nil)
  }

  @Test("a greeting can be late, the template says where and what the desktop is")
  func templates() throws {
    let manifest = """
      {"apiVersion":"stream.space/v1alpha1","kind":"Template","metadata":{"name":"small","namespace":"streamspace"},\
      "spec":{"displayName":"Small","baseImage":"streamspace/rfb-desktop:320x200",\
      "ports":[{"name":"vnc","protocol":"TCP","containerPort":5901}],"vnc":{"enabled":true,"port":5901}}}
      """
    let run = CaseRunner.run(
      adHoc { environment in
        try await environment.addTemplate("small", manifest: manifest)
        let session = try await environment.runningSession(template: "small")
        try await environment.desktop(of: session, .greetingDelay(.seconds(3)))
        let viewer = try await environment.viewing(session)
        environment.tell("version", "\((viewer.facts.steps[1].time - viewer.facts.opened) > .seconds(4))")
        environment.tell("equal", "\(try await viewer.compare().isEqual)")
        environment.tell("bytes", "\(viewer.facts.bytesReceived < 40_000)")
        do {
          try await environment.desktop(of: "nothing", .change)
        } catch { environment.tell("nothing", "\(error)") }
      })
    #expect(run.reason == "")
    #expect(run.told("version") == [.text("true")])
    #expect(run.told("equal") == [.text("true")])
    #expect(run.told("bytes") == [.text("true")])
    #expect(run.told("nothing") == [.text("nothing shows no desktop")])
  }
}
