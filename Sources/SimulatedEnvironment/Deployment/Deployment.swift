import ControlPlane
import Database
import Kubernetes
import Redis
import SimulationRuntime
import StreamSpaceProtocol
import TestEnvironment

/// The whole deployment of one run: simulators composed into a topology (spec/06 §0.1).
final class Deployment {
  let simulation: Simulation
  let topology: Topology
  let database: SimulatedDatabase
  /// What answers reads late (C-14); nil: there is none.
  let standby: SimulatedDatabase?
  let redis: RedisServer?
  let cluster: KubernetesCluster
  /// In the order of their names.
  let replicas: [SimulatedProcess]
  /// What they run, in the same order.
  let binaries: [DeployedReplica]
  /// In the order of the topology.
  let agents: [DeployedAgent]
  let docker: DockerPlatform
  let recorder: ObservationRecorder
  let viewers: ViewerDesk
  let kubernetes: SimulatedProcess
  let balancer: SimulatedProcess
  private let balancerBox = ProgramBox<Balancer>()
  /// Whether the fixtures are there, and whether they are being put in place after the start.
  var isSeeded = false
  var isSeedingLate = false

  static let replicaPort = 8_000
  /// The namespace of the agents' leases, secrets and sessions (spec/03 §1.1).
  static let namespace = "streamspace"
  static let jwtSecret = "simulated-jwt-secret-of-at-least-32-characters"

  init(_ topology: Topology, behaviours: Behaviours, in simulation: Simulation) throws {
    self.simulation = simulation
    self.topology = topology
    let recorder = ObservationRecorder(simulation)
    self.recorder = recorder
    let desktops = DesktopHosts(recorder.streams, in: simulation)
    viewers = ViewerDesk(recorder, desktops, in: simulation)
    // Asked of every connection before it is dialled.
    simulation.network.latencyPolicy = { [unowned desktops] from, to, port in
      desktops.prepare(to)
      return LatencyProfile.model(from: from, to: to, port: port)
    }
    let database = try SimulatedDatabase(
      image: InitialImage.make(topology.database), in: simulation, name: HostName.database)
    self.database = database
    standby = try Self.makeStandby(of: database, topology, behaviours)
    redis =
      topology.hasRedis ? try RedisServer(HostName.redis, on: simulation.host(HostName.redis), of: simulation) : nil
    let cluster = KubernetesCluster(
      simulation: simulation, configuration: try Self.clusterConfiguration(), behaviour: behaviours.kubernetes)
    self.cluster = cluster
    kubernetes = try simulation.addProcess(HostName.kubernetes, on: simulation.host(HostName.kubernetes)) {
      KubernetesAPI($0, cluster: cluster)
    }
    let binaries = (0..<topology.replicas).map { index in
      DeployedReplica("api-\(index + 1)", binary: index < topology.binaries.count ? topology.binaries[index] : nil)
    }
    self.binaries = binaries
    replicas = try Self.addReplicas(
      binaries, topology, behaviours, recorder, database.endpoint, redis?.endpoint, standby?.endpoint,
      in: simulation)
    let backends = replicas.map { Endpoint(host: $0.host.name, port: Self.replicaPort) }
    let box = balancerBox
    balancer = try simulation.addProcess(HostName.balancer, on: simulation.host(HostName.balancer)) { incarnation in
      let program = Balancer(incarnation, backends: backends)
      box.program = program
      return program
    }
    docker = try DockerPlatform(topology, behaviours, in: simulation)
    agents = try Self.addAgents(
      topology, behaviours, docker, redis: redis?.endpoint, recorder, in: simulation)
    if topology.database == .ready {
      for (statement, parameters) in agentAndLicenceRows() { _ = try database.query(statement, parameters) }
      isSeeded = true
    } else {
      recorder.onReplicaReady = { [weak self] in self?.seedLate() }
    }
    observe()
    start()
  }

  // MARK: Composition

  private static func clusterConfiguration() throws -> ClusterConfiguration {
    var images: [String: ClusterConfiguration.ImageClass] = [:]
    for image in try FixtureRows.images where image.pull == .cold { images[image.name] = .cold }
    return ClusterConfiguration(images: images)
  }

  private static func addReplicas(
    _ binaries: [DeployedReplica], _ topology: Topology, _ behaviours: Behaviours, _ recorder: ObservationRecorder,
    _ database: Endpoint,
    _ redis: Endpoint?, _ standby: Endpoint?, in simulation: Simulation
  ) throws -> [SimulatedProcess] {
    let passwordArrives = TimeSpan(topology.adminPasswordArrives)
    return try binaries.enumerated().map { index, binary in
      let name = binary.name
      return try simulation.addProcess(name, on: simulation.host(name)) { [unowned recorder] incarnation in
        binary.began()
        var configuration = ReplicaConfiguration(
          podName: topology.namelessReplicas.contains(index) ? nil : name, database: database, redis: redis,
          jwtSecret: jwtSecret, bootstrapKey: AgentKeys.bootstrap)
        configuration.port = replicaPort
        configuration.isCacheEnabled = topology.cacheEnabled
        configuration.defaultPlatform = topology.defaultPlatform == .docker ? .docker : .kubernetes
        configuration.behaviour = topology.hasShippedControlPlane ? .shipped : behaviours.controlPlane
        configuration.zone = topology.zone(minutes: topology.replicaZoneMinutes)
        configuration.databaseZone = HostZone(minutes: topology.databaseZoneMinutes)
        let simulation = incarnation.simulation
        configuration.standby = standby
        configuration.schema = InitialImage.plan(
          configuration.behaviour.migrations, on: topology.database, binary: binary.binary)
        configuration.adminPassword = { [unowned simulation] in
          simulation.now - .start >= passwordArrives ? FixtureRows.password(of: "admin") : nil
        }
        configuration.onDatabaseRequest = { _ in binary.sent() }
        configuration.observer = { [unowned recorder] event in recorder.note(event, of: name) }
        let replica = Replica(incarnation, configuration)
        binary.program = replica
        return replica
      }
    }
  }

  /// Rows already approved and keys in the agents' hands (spec/00, Enrolment); the licence raised (C36).
  func agentAndLicenceRows() -> [(SQLStatement, [SQLValue])] {
    var rows: [(SQLStatement, [SQLValue])] = []
    for agent in topology.agents where agent.isEnrolled {
      let capacity = "{\"maxSessions\":\(agent.maxSessions),\"cpu\":\"64 cores\",\"memory\":\"256Gi\"}"
      let key = TaggedHash.ofAgentKey(AgentKeys.key(of: agent.id))
      rows.append(
        (
          EnvironmentStatements.insertAgent,
          [.text(agent.id), .text(agent.platform.rawValue), .text(capacity), .text(key)]
        ))
    }
    // The column's default is kubernetes (spec/02 §8.2): where there is a choice, the topology's default decides (C17).
    if topology.agents.contains(where: { $0.platform == .docker }) {
      rows.append((EnvironmentStatements.openTemplates, []))
    }
    rows.append((EnvironmentStatements.raiseLicence, [.integer(Int64(topology.licensedSessions))]))
    return rows
  }

  private func start() {
    database.process.start()
    standby?.process.start()
    if !topology.startsWithRedisDown { redis?.process.start() }
    kubernetes.start()
    for machine in docker.machines { machine.daemon.start() }
    balancer.start()
    for replica in replicas.dropLast(topology.absentReplicas) { replica.start() }
    if isSeeded { startAgents() }
  }

  /// Those that the case does not start itself.
  func startAgents() {
    guard topology.startsAgents else { return }
    for process in agents.flatMap(\.processes) { process.start() }
  }

  private func observe() {
    for (process, binary) in zip(replicas, binaries) {
      recorder.watch(process)
      restartAfterFailedMigrations(process, binary)
    }
    for agent in agents {
      if agent.topology.isEnrolled { recorder.keyIssued(AgentKeys.key(of: agent.id), to: agent.id) }
      for (process, role) in zip(agent.processes, agent.roles) {
        recorder.watchInstance(process, of: agent.id) { [unowned role] in role.mayAct() }
      }
    }
    recorder.watch(database.process) { .databaseAvailable($0) }
    database.onChange = { [unowned recorder] change in recorder.note(change) }
    if let redis {
      recorder.watch(redis.process) { .redisAvailable($0) }
      redis.observer = { [unowned recorder] event in recorder.note(event) }
    }
    cluster.observer = { [unowned recorder, unowned viewers] event, _ in
      recorder.note(event)
      viewers.desktops.note(event)
    }
    observeDocker()
  }

  // MARK: Parts

  /// The balancer's program while it runs.
  var balancerProgram: Balancer? { balancerBox.program }

  /// A client host of its own for each user.
  func client(for user: String) throws -> Incarnation { try client(on: HostName.user(user)) }

  /// The life of a client on a host of its own.
  func client(on name: String) throws -> Incarnation {
    let process: SimulatedProcess
    if let known = simulation.process(name) {
      process = known
    } else {
      process = try simulation.addProcess(name, on: simulation.host(name)) { IdleProgram($0) }
      process.start()
    }
    guard let life = process.current else { throw FixtureError("the client host \(name) is down") }
    return life
  }

}

/// Where a process factory leaves the program it made.
private final class ProgramBox<P: AnyObject> {
  weak var program: P?
}

/// A process that only exists: the host of a client.
private final class IdleProgram: Program {
  private let incarnation: Incarnation

  init(_ incarnation: Incarnation) { self.incarnation = incarnation }

  func start() {}
  func terminate() { incarnation.exit("stopped") }
}
