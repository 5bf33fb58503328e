import DockerAgent
import DockerEngine
import HostFiles
import SimulationRuntime
import StreamSpaceProtocol
import TestEnvironment

/// The Docker half of a deployment: the engines, the swarm over them, and the volumes that hold locks and keys.
///
/// The processes of one agent id carry their sessions on one engine, reached over TCP, else no successor could manage
/// them. With the swarm election each has a manager of its own beside it, through which it reads and writes the labels.
final class DockerPlatform {
  /// One machine with a Docker daemon.
  struct Machine {
    let engine: DockerEngine
    let daemon: SimulatedProcess

    var host: String { engine.host }
    var endpoint: Endpoint { Endpoint(host: host, port: DockerAPI.port) }
  }

  /// What belongs to the processes of one agent, in their order.
  struct Places {
    /// One for all, or one each.
    let volumes: [HostVolume]
    /// With the swarm election: which task each process is.
    let tasks: [Swarm.TaskPlacement]

    func volume(of index: Int) -> HostVolume { volumes[index % volumes.count] }
  }

  /// `REDIS_URL` names no database: number 0 (spec/03 §6).
  static let redisDatabase = 0

  private(set) var machines: [Machine] = []
  private var places: [(agent: String, Places)] = []
  private var swarm: Swarm?
  private let images: [String: EngineConfiguration.ImageClass]

  init(_ topology: Topology, _ behaviours: Behaviours, in simulation: Simulation) throws {
    var images: [String: EngineConfiguration.ImageClass] = [:]
    for image in try FixtureRows.images where image.pull == .cold { images[image.name] = .cold }
    self.images = images
    let agents = topology.agents.filter { $0.platform == .docker }
    for agent in agents { _ = try addMachine(agent.engine, behaviours, in: simulation) }
    for agent in agents { places.append((agent.id, try place(agent, behaviours, in: simulation))) }
  }

  // MARK: Parts

  func machine(_ host: String) -> Machine? { machines.first { $0.host == host } }

  func machine(of agent: Topology.Agent) throws -> Machine {
    guard let machine = machine(agent.engine) else {
      throw EnvironmentError("this topology has no engine \(agent.engine)")
    }
    return machine
  }

  func places(of agent: String) -> Places? { places.first { $0.agent == agent }?.1 }

  /// The engine that has a container of the session.
  func machine(ofSession session: String) -> Machine? {
    machines.first { !$0.engine.containers(ofSession: session).isEmpty }
  }

  /// `LOCK_FILE_PATH` (spec/03 §1.1); an issued key is kept beside it.
  static func lockPath(_ agent: String) -> String { "/var/run/streamspace/docker-agent-\(agent).lock" }
  static func keyPath(_ agent: String) -> String { "/var/run/streamspace/docker-agent-\(agent).key" }
  /// The swarm service of an agent.
  static func serviceName(_ agent: String) -> String { "streamspace-\(agent)" }

  // MARK: Composition

  private func addMachine(_ host: String, _ behaviours: Behaviours, in simulation: Simulation) throws -> Machine {
    if let machine = machine(host) { return machine }
    let engine = DockerEngine(
      simulation: simulation, configuration: EngineConfiguration(host: host, images: images),
      behaviour: behaviours.docker)
    let daemon = try simulation.addProcess(host, on: simulation.host(host)) { DockerAPI($0, engine: engine) }
    let machine = Machine(engine: engine, daemon: daemon)
    machines.append(machine)
    return machine
  }

  private func place(_ agent: Topology.Agent, _ behaviours: Behaviours, in simulation: Simulation) throws -> Places {
    let hosts = HostName.agents(agent)
    var isShared = true
    if case .file(let shared) = agent.election { isShared = shared }
    let volumes = (isShared ? 1...1 : 1...hosts.count).map { number in
      HostVolume("\(HostName.agent(agent.id))-\(number)", of: simulation)
    }
    for (index, host) in hosts.enumerated() {
      volumes[index % volumes.count].mount(on: simulation.host(host))
    }
    guard agent.election == .swarm else { return Places(volumes: volumes, tasks: []) }
    let swarm = self.swarm ?? Swarm(simulation: simulation)
    self.swarm = swarm
    var managers = [try machine(of: agent)]
    var number = 1
    while managers.count < hosts.count {
      let host = "docker-\(number)"
      number += 1
      if managers.contains(where: { $0.host == host }) { continue }
      managers.append(try addMachine(host, behaviours, in: simulation))
    }
    for manager in managers where manager.engine.swarm == nil { swarm.join(manager.engine) }
    let tasks = try swarm.place(
      ServiceSpecification(
        name: Self.serviceName(agent.id), image: "streamspace/docker-agent:2.0", replicas: hosts.count))
    guard tasks.count == hosts.count else { throw EnvironmentError("the swarm did not run all tasks of \(agent.id)") }
    return Places(volumes: volumes, tasks: tasks)
  }

  // MARK: Processes

  /// The name by which a process knows itself: its host's, in a swarm that of its container.
  func identity(of index: Int, of agent: Topology.Agent) -> String {
    places(of: agent.id).flatMap { $0.tasks.indices.contains(index) ? $0.tasks[index].hostname : nil }
      ?? HostName.agents(agent)[index]
  }

  func configuration(of index: Int, of agent: Topology.Agent) throws -> DockerAgentConfiguration {
    var configuration = DockerAgentConfiguration(
      agentID: agent.id, instanceID: identity(of: index, of: agent), controlPlane: [Balancer.endpoint],
      key: agent.isEnrolled ? .issued(AgentKeys.key(of: agent.id)) : .bootstrap(AgentKeys.bootstrap),
      region: "default", capacity: AgentCapacity(maxSessions: agent.maxSessions, cpu: "64 cores", memory: "256Gi"),
      heartbeatInterval: TimeSpan(agent.heartbeat), docker: try machine(of: agent).endpoint)
    configuration.zoneMinutes = agent.zoneMinutes
    return configuration
  }

  /// Where the process elects its leader; nil without an election.
  func lock(
    of index: Int, of agent: Topology.Agent, redis: Endpoint?, for incarnation: Incarnation
  ) -> LockStore? {
    guard let places = places(of: agent.id) else { return nil }
    switch agent.election {
    case nil, .lease: return nil
    case .file: return .file(places.volume(of: index).files(for: incarnation), path: Self.lockPath(agent.id))
    case .redis: return redis.map { .redis($0, database: Self.redisDatabase) }
    case .swarm:
      return .swarm(Endpoint(host: places.tasks[index].host, port: DockerAPI.port))
    }
  }

  /// Where an issued key is kept (spec/00, Enrolment): the labels of a swarm are no place for a secret.
  func keys(
    of index: Int, of agent: Topology.Agent, redis: Endpoint?, for incarnation: Incarnation
  ) -> AgentKeyPlace? {
    if let redis, agent.election == .redis || agent.election == .swarm {
      return .redis(redis, database: Self.redisDatabase)
    }
    return places(of: agent.id).map {
      .file($0.volume(of: index).files(for: incarnation), lockPath: Self.lockPath(agent.id))
    }
  }
}
