import ControlPlane
import Database
import Kubernetes
import Redis
import SimulationRuntime
import StreamSpaceProtocol
import TestEnvironment

/// The whole deployment of one run: simulators composed into a topology (spec/06 §0.1).
package final class Deployment {
  package let simulation: Simulation
  package let topology: Topology
  private let stores: DataStores
  let cluster: KubernetesCluster
  /// In the order of their names.
  let replicas: [SimulatedProcess]
  /// What they run, in the same order.
  let binaries: [DeployedReplica]
  /// In the order of the topology.
  let agents: [DeployedAgent]
  let docker: DockerPlatform
  package let recorder: ObservationRecorder
  let viewers: ViewerDesk
  let kubernetes: SimulatedProcess
  let balancer: SimulatedProcess
  private let balancerBox = ProgramBox<Balancer>()
  /// What one side of a partition has in the place of Redis, once there was one.
  private var redisElsewhere: RedisServer?
  private var probe: ReadinessProbe?
  /// Whether the fixtures are there, and whether they are being put in place after the start.
  var isSeeded = false
  var isSeedingLate = false
  /// How far the clocks of real servers are ahead of the simulation's; nil: there are none.
  var clientClock: TimeSpan?
  /// Hosts whose clocks follow those.
  var steppedHosts: Set<String> = []

  package static let replicaPort = 8_000
  /// The namespace of the agents' leases, secrets and sessions (spec/03 §1.1).
  static let namespace = "streamspace"
  package static let jwtSecret = "simulated-jwt-secret-of-at-least-32-characters"

  /// `outside`: what stands in the place of the simulated control plane; nil: everything is simulated.
  init(
    _ topology: Topology, behaviours: Behaviours, outside: OutsideControlPlane? = nil, in simulation: Simulation
  ) throws {
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
    let stores =
      try outside.map { try DataStores.outside($0, topology, in: simulation) }
      ?? DataStores.inside(topology, behaviours, in: simulation)
    self.stores = stores
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
    replicas =
      try outside.map { try Self.addReplicas(binaries, $0, in: simulation) }
      ?? Self.addReplicas(binaries, topology, behaviours, recorder, stores, in: simulation)
    let backends = replicas.map { Endpoint(host: $0.host.name, port: Self.replicaPort) }
    let box = balancerBox
    // Processes of agents behind one gateway show its address.
    let gateway = topology.agentsShareAddress ? Set(topology.agents.flatMap(HostName.agents)) : []
    let addresses = { (host: String) in gateway.contains(host) ? "gateway" : host }
    balancer = try simulation.addProcess(HostName.balancer, on: simulation.host(HostName.balancer)) { incarnation in
      let program = Balancer(incarnation, backends: backends, addresses: addresses)
      box.program = program
      return program
    }
    docker = try DockerPlatform(topology, behaviours, in: simulation)
    agents = try Self.addAgents(
      topology, behaviours, docker, redis: stores.redisEndpoint, recorder, in: simulation)
    if let outside {
      followClock(of: outside)
    } else if topology.database == .ready {
      for (statement, parameters) in Self.agentAndLicenceRows(topology) {
        _ = try database.query(statement, parameters)
      }
      isSeeded = true
    } else {
      recorder.onReplicaReady = { [weak self] in self?.seedLate() }
    }
    observe()
    start()
    if topology.probesReadiness { probe = ReadinessProbe(self, policy: behaviours.readinessProbe) }
  }

  // MARK: Composition

  private static func clusterConfiguration() throws -> ClusterConfiguration {
    var images: [String: ClusterConfiguration.ImageClass] = [:]
    for image in try FixtureRows.images where image.pull == .cold { images[image.name] = .cold }
    return ClusterConfiguration(images: images)
  }

  private static func addReplicas(
    _ binaries: [DeployedReplica], _ outside: OutsideControlPlane, in simulation: Simulation
  ) throws -> [SimulatedProcess] {
    try binaries.map { binary in
      try simulation.addProcess(
        binary.name, on: simulation.host(binary.name), program: outside.replica(binary.name))
    }
  }

  private static func addReplicas(
    _ binaries: [DeployedReplica], _ topology: Topology, _ behaviours: Behaviours, _ recorder: ObservationRecorder,
    _ stores: DataStores, in simulation: Simulation
  ) throws -> [SimulatedProcess] {
    guard let database = stores.database?.endpoint else { return [] }
    let redis = stores.redis?.endpoint
    let standby = stores.standby?.endpoint
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
        if let suffixes = topology.nameSuffixes { configuration.behaviour.sessions.suffixValues = suffixes }
        configuration.zone = topology.zone(minutes: topology.replicaZoneMinutes)
        configuration.databaseZone = HostZone(minutes: topology.databaseZoneMinutes)
        let simulation = incarnation.simulation
        configuration.standby = standby
        configuration.resolveRedis = { [weak binary] in binary?.redisElsewhere ?? $0 }
        configuration.schema = InitialImage.plan(
          configuration.behaviour.migrations, on: topology.database, binary: binary.binary)
        configuration.adminPassword = { [unowned simulation] in
          simulation.now - .start >= passwordArrives ? FixtureRows.password(of: "admin") : nil
        }
        configuration.onDatabaseRequest = { [weak binary] _ in binary?.sent() }
        configuration.onPoolEvent = { [weak binary] in binary?.pool.note($0) }
        configuration.observer = { [unowned recorder] event in recorder.note(event, of: name) }
        let program = Replica(incarnation, configuration)
        binary.program = program
        return program
      }
    }
  }

  /// Rows already approved and keys in the agents' hands (spec/00, Enrolment); the licence raised (C36).
  static func agentAndLicenceRows(_ topology: Topology) -> [(SQLStatement, [SQLValue])] {
    var rows = FixtureRows.moreUsers(upTo: topology.users)
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
    rows += accountRows(topology)
    rows.append((EnvironmentStatements.raiseLicence, [.integer(Int64(topology.licensedSessions))]))
    return rows
  }

  private func start() {
    stores.database?.process.start()
    standby?.process.start()
    if !topology.startsWithRedisDown { redis?.process.start() }
    kubernetes.start()
    for machine in docker.machines { machine.daemon.start() }
    balancer.start()
    // What stands for a real replica begins when that listens.
    for replica in replicas.dropLast(topology.absentReplicas) where stores.database != nil { replica.start() }
    if isSeeded { startAgents() }
  }

  /// Those that the case does not start itself.
  func startAgents() {
    guard topology.startsAgents else { return }
    for process in agents.flatMap(\.processes) { process.start() }
  }

  private func observe() {
    observeControlPlane()
    for agent in agents {
      if agent.topology.isEnrolled { recorder.keyIssued(AgentKeys.key(of: agent.id), to: agent.id) }
      for (process, role) in zip(agent.processes, agent.roles) {
        recorder.watchInstance(process, of: agent.id) { [unowned role] in role.mayAct() }
      }
    }
    cluster.observer = { [unowned recorder, unowned viewers] event, _ in
      recorder.note(event)
      viewers.desktops.note(event)
    }
    observeDocker()
  }

  /// A real control plane tells nothing by itself: whoever watches it does (in the live environment).
  private func observeControlPlane() {
    guard let database = stores.database else { return }
    for (process, binary) in zip(replicas, binaries) {
      recorder.watch(process)
      restartAfterFailedMigrations(process, binary)
    }
    recorder.watch(database.process) { .databaseAvailable($0) }
    database.onChange = { [unowned recorder] change in recorder.note(change) }
    guard let redis else { return }
    recorder.watch(redis.process) { .redisAvailable($0) }
    redis.observer = { [unowned recorder] event in recorder.note(event) }
  }

  // MARK: Parts

  /// The simulated database; throws where it is a real server.
  var database: SimulatedDatabase {
    get throws(SQLError) {
      guard let database = stores.database else {
        throw SQLError(sqlState: "08001", message: "the database is outside of the simulation", kind: .other)
      }
      return database
    }
  }

  var standby: SimulatedDatabase? { stores.standby }
  /// The simulated Redis; nil where there is none, or a real one.
  var redis: RedisServer? { stores.redis }

  /// The balancer's program while it runs.
  var balancerProgram: Balancer? { balancerBox.program }

  /// The Redis of the other side of a partition: not observed, because nobody else sees it.
  func otherRedis() throws -> RedisServer {
    if let redisElsewhere { return redisElsewhere }
    let name = "\(HostName.redis)-elsewhere"
    let server = try RedisServer(name, on: simulation.host(name), of: simulation)
    redisElsewhere = server
    return server
  }

  /// A client host of its own for each user.
  func client(for user: String) throws -> Incarnation { try client(on: HostName.user(user)) }

  /// The life of a client on a host of its own.
  func client(on name: String) throws -> Incarnation {
    let process: SimulatedProcess
    if let known = simulation.process(name) {
      process = known
    } else {
      let host = simulation.host(name)
      followClock(host)
      process = try simulation.addProcess(name, on: host) { IdleProgram($0) }
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
