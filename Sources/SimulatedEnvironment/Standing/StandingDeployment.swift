import DockerEngine
import Kubernetes
import SimulationRuntime
import StreamSpaceProtocol
import TestEnvironment

/// A whole deployment that stands until it is stopped, driven by the machine's clock: what `./sim serve` offers. It is
/// touched on the simulation's thread only.
package final class StandingDeployment {
  private let deployment: Deployment
  private let desk: ControlDesk

  /// The host that real clients come from.
  package static let gateway = "gateway"

  /// The simulated ends that can be offered on sockets.
  package struct Ends: Sendable {
    package var replicas: [(name: String, endpoint: Endpoint)]
    package var balancer: Endpoint
    package var redis: Endpoint?
    package var kubernetes: Endpoint
    package var docker: [(name: String, endpoint: Endpoint)]
    /// Where control commands are taken, a line each.
    package var control: Endpoint
  }

  /// Composes and starts it. `now` is the time of day in nanoseconds since 1970: every clock inside shows it. `onStop`: a
  /// control command asked for the end.
  package init(
    _ topology: Topology, profile: Profile, startsAgents: Bool = true, now: Int64, in simulation: Simulation,
    onStop: @escaping () -> Void = {}
  ) throws {
    let topology = topology.with { $0.startsAgents = startsAgents }
    deployment = try Deployment(topology, behaviours: profile.behaviours, in: simulation)
    // Cases read what was observed from the beginning; here it would grow for ever.
    deployment.recorder.retention = .seconds(600)
    let desk = ControlDesk(deployment)
    self.desk = desk
    let control = ControlProgram.endpoint.host
    let process = try simulation.addProcess(control, on: simulation.host(control)) {
      ControlProgram($0, desk, onStop: onStop)
    }
    process.start()
    let behind = TimeSpan.nanoseconds(now - Epoch.unixSeconds * 1_000_000_000 - simulation.now.nanoseconds)
    for host in simulation.hosts { host.stepClock(by: behind) }
    // Real clients bring the latency of real networks.
    let modelled = simulation.network.latencyPolicy
    simulation.network.latencyPolicy = { from, to, port in
      let model = modelled(from, to, port)
      return from == Self.gateway ? .constant(.zero) : model
    }
  }

  package var ends: Ends {
    Ends(
      replicas: deployment.replicas.map {
        ($0.name, Endpoint(host: $0.host.name, port: Deployment.replicaPort))
      },
      balancer: Balancer.endpoint, redis: deployment.redis?.endpoint,
      kubernetes: Endpoint(host: KubernetesAPI.host, port: KubernetesAPI.port),
      docker: deployment.docker.machines.map { ($0.host, $0.endpoint) }, control: ControlProgram.endpoint)
  }

  /// Ids of its agents, in the order of the topology.
  package var agents: [String] { deployment.agents.map(\.id) }

  /// What a person or a real part needs to get in.
  package struct Credentials: Sendable {
    package var administrator: String
    package var password: String
    package var jwtSecret: String
    package var bootstrapKey: String
  }

  package static var credentials: Credentials {
    Credentials(
      administrator: "admin", password: FixtureRows.password(of: "admin"), jwtSecret: Deployment.jwtSecret,
      bootstrapKey: AgentKeys.bootstrap)
  }

  /// Answers a line of the control socket (spec/08 §5); `isLast`: it asked for the end.
  package func answer(_ line: [UInt8]) -> (answer: JSONValue, isLast: Bool) {
    let (answer, consequence) = desk.answer(line)
    return (answer, consequence == .stop)
  }
}
