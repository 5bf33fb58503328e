import Database
import SimulationRuntime
import StreamSpaceProtocol
import TestEnvironment
import Testing

@testable import SimulatedEnvironment

@Suite("A real control plane, seen from outside")
struct ControlPlaneFollowerTests {
  /// Stands for a replica that is somewhere else.
  private final class Nobody: Program {
    func start() {}
    func terminate() {}
  }

  private final class Scene {
    let simulation = Simulation(.init(seed: 1))
    let deployment: HybridDeployment
    let follower: ControlPlaneFollower
    static let origin = Int64(1_800_000_000_000_000)

    init(_ topology: Topology = .t2) throws {
      let outside = OutsideControlPlane(
        replica: { _ in { _ in Nobody() } }, redis: { _ in Nobody() }, origin: Self.origin)
      deployment = try HybridDeployment(topology, around: outside, in: simulation)
      follower = ControlPlaneFollower(deployment)
    }

    deinit { simulation.tearDown() }

    /// Microseconds since 1970 at that many milliseconds of the run.
    static func time(_ milliseconds: Int64) -> Int64 { origin + milliseconds * 1_000 }

    func see(_ change: (inout ControlPlaneRows) -> Void, at milliseconds: Int64) throws -> [TimedObservation] {
      try simulation.run(until: .start + .milliseconds(milliseconds))
      let known = deployment.recorder.observations.count
      var rows = try ControlPlaneRows(commands: nil, sessions: nil, agents: nil)
      change(&rows)
      follower.follow(rows)
      return Array(deployment.recorder.observations[known...])
    }
  }

  private static func session(_ state: String, updated: Int64) -> ControlPlaneRows.Session {
    ControlPlaneRows.Session(
      id: "s", user: "u01", state: state, agent: "k8s-prod-cluster", activeConnections: 0, cpu: "250m",
      memory: "512Mi", hasPersistentHome: false, created: Scene.time(100), updated: Scene.time(updated))
  }

  @Test("a change has the time that its row tells, not that of the look")
  func times() throws {
    let scene = try Scene()
    let inserted = try scene.see({ $0.sessions = [Self.session("pending", updated: 100)] }, at: 200)
    #expect(
      inserted.filter { if case .sessionInserted = $0.observation { true } else { false } }.map(\.time) == [
        .milliseconds(100)
      ])
    let changed = try scene.see({ $0.sessions = [Self.session("running", updated: 250)] }, at: 300)
    #expect(changed.map(\.time) == [.milliseconds(250)])
    #expect(
      changed.map(\.observation) == [
        .sessionState(session: "s", from: "pending", to: "running", agent: "k8s-prod-cluster")
      ])
  }

  @Test(
    "states that a look has missed are told along the edges of the diagram; a jump that no edges explain is told as it is"
  )
  func states() throws {
    #expect(ControlPlaneFollower.way(from: "running", to: "hibernated") == ["hibernating", "hibernated"])
    #expect(ControlPlaneFollower.way(from: "pending", to: "terminated") == ["terminating", "terminated"])
    #expect(ControlPlaneFollower.way(from: "terminated", to: "running") == ["running"])
  }

  @Test("a command that was done between two looks has been through every state, each at its time")
  func command() throws {
    let scene = try Scene()
    let told = try scene.see(
      {
        $0.commands = [
          ControlPlaneRows.Command(
            id: "c", agent: "k8s-prod-cluster", session: "s", action: "start_session", status: "completed",
            created: Scene.time(10), sent: Scene.time(20), acknowledged: Scene.time(30), completed: Scene.time(40))
        ]
      }, at: 100)
    let states = told.compactMap { timed -> String? in
      if case .commandStatus(_, let from, let to, _) = timed.observation { "\(from) \(to) \(timed.time)" } else { nil }
    }
    #expect(states == ["pending sent 0.02 seconds", "sent ack 0.03 seconds", "ack completed 0.04 seconds"])
  }

  @Test("an agent is held by the replica that its row names, until the row or the end of the replica says otherwise")
  func holder() throws {
    let scene = try Scene()
    func row(_ pod: String, _ epoch: Int64, _ status: String = "online") -> ControlPlaneRows.Agent {
      ControlPlaneRows.Agent(id: "k8s-prod-cluster", status: status, lastHeartbeat: nil, pod: pod, epoch: epoch)
    }
    _ = try scene.see({ $0.agents = [row("api-1", 3)] }, at: 10)
    #expect(scene.deployment.recorder.holders["k8s-prod-cluster"] == "api-1")
    scene.follower.processEnded("api-1", reason: "killed", isInjected: true)
    #expect(scene.deployment.recorder.holders["k8s-prod-cluster"] == nil)
    // The row still names it: nobody has written since.
    _ = try scene.see({ $0.agents = [row("api-1", 3)] }, at: 20)
    #expect(scene.deployment.recorder.holders["k8s-prod-cluster"] == nil)
    _ = try scene.see({ $0.agents = [row("api-2", 4)] }, at: 30)
    #expect(scene.deployment.recorder.holders["k8s-prod-cluster"] == "api-2")
    _ = try scene.see({ $0.agents = [row("api-2", 4, "offline")] }, at: 40)
    #expect(scene.deployment.recorder.holders["k8s-prod-cluster"] == nil)
  }
}
