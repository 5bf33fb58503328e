#if Live
  import SimulatedEnvironment
  import SimulationRuntime
  import SocketBridges
  import StreamSpaceProtocol
  import TestEnvironment

  /// The environment of one hybrid run, as a case body sees it: users, viewers, agents and platforms inside, replicas, Redis
  /// and database real.
  ///
  /// Unchecked: case bodies run on the simulation's thread alone; the case layer traps a call from any other.
  package final class HybridCaseEnvironment: Environment, @unchecked Sendable {
    let inside: SimulatedCaseEnvironment
    let outside: RealControlPlane
    let driver: WallClockDriver
    let follower: ControlPlaneFollower
    /// Faults of the real servers that hold.
    private var outsideFaults: [Int: OutsideFault] = [:]
    private var faultCount = 0

    private struct OutsideFault {
      let name: String
      let end: @Sendable (@escaping @Sendable (Result<Void, any Error>) -> Void) -> Void
    }

    /// Numbers of faults outside begin here, so that they are never one of those inside.
    private static let firstOutsideFault = 1_000_000
    private static let faultEnd = EventLabel("live.fault-end")

    init(
      _ inside: SimulatedCaseEnvironment, _ outside: RealControlPlane, _ follower: ControlPlaneFollower,
      _ driver: WallClockDriver
    ) {
      self.inside = inside
      self.outside = outside
      self.follower = follower
      self.driver = driver
    }

    private var deployment: HybridDeployment { inside.deployment }
    private var simulation: Simulation { deployment.simulation }
    private var recorder: ObservationRecorder { deployment.recorder }

    /// Suspends the case until something outside has answered. `ask` is called inside; what it is given may be called on
    /// any thread, and carries out its body inside.
    func awaiting<T: Sendable>(
      _ label: String, _ ask: @escaping (@escaping @Sendable (@escaping @Sendable () throws -> T) -> Void) -> Void
    ) async throws -> T {
      let driver = driver
      return try await simulation.cases.wait(label) { (handle: WaitHandle<T>) in
        ask { body in
          driver.post { _ in
            do { handle.succeed(try body()) } catch { handle.fail(error) }
          }
        }
      }
    }

    /// Takes the rows as they are now.
    func look() async throws {
      let follower = follower
      let watch = outside.database
      try await awaiting("the rows") { done in
        watch.look { rows in
          done { rows.map(follower.follow) ?? follower.databaseIsGone() }
        }
      }
    }

    // MARK: Time, choice, clients

    package var seed: UInt64 { inside.seed }
    package var depth: Depth { inside.depth }
    package var variant: Variant { inside.variant }
    package var record: CaseRecord { inside.record }
    package var now: Duration { inside.now }
    package func sleep(for span: Duration) async throws { try await inside.sleep(for: span) }
    package func choose(_ name: String, _ count: Int) -> Int { inside.choose(name, count) }
    package func concurrently<T: Sendable>(_ bodies: [@Sendable () async throws -> T]) async throws -> [T] {
      try await inside.concurrently(bodies)
    }
    package func user(_ name: String) -> any SessionClient { inside.user(name) }
    package func viewers(of user: String) -> any ViewerClient { inside.viewers(of: user) }
    package func desktop(of session: String, _ command: DesktopCommand) async throws {
      try await inside.desktop(of: session, command)
    }
    package func agentClient(_ name: String) -> any AgentClient { inside.agentClient(name) }

    // MARK: HybridDeployment

    package var replicas: [String] { inside.replicas }
    package var agents: [String] { inside.agents }
    package func instances(of agent: String) -> [String] { inside.instances(of: agent) }
    package func steerSockets(to replica: String?) async throws { try await inside.steerSockets(to: replica) }

    package func control(_ component: Component, _ action: Action) async throws {
      switch component {
      case .agent, .instance, .kubernetes, .docker: try await inside.control(component, action)
      case .replica(let name):
        guard replicas.contains(name) else { throw EnvironmentError("this topology has no replica \(name)") }
        try await control(replica: name, action)
      case .controlPlane:
        for name in replicas { try await control(replica: name, action) }
      case .redis:
        let servers = outside.servers
        try await awaiting("\(action) of Redis") { done in
          servers.perform(action) { result in done { try result.get() } }
        }
      case .database: throw Unavailable("db-control", "\(action) of the database")
      }
    }

    private func control(replica: String, _ action: Action) async throws {
      let fleet = outside.fleet
      try await awaiting("\(action) of \(replica)") { done in
        fleet.perform(action, on: replica) { result in done { try result.get() } }
      }
    }

    // MARK: Faults

    package func begin(_ fault: Fault, for span: Duration?) async throws -> FaultHandle {
      switch FaultPlace(fault) {
      case .inside: return try await inside.begin(fault, for: span)
      case .unavailable(let reason): throw reason
      case .redis(let deed):
        let name = deed.name
        let servers = outside.servers
        recorder.add(.faultBegan(name: name, fault: fault))
        try await awaiting("beginning of \(name)") { done in
          servers.begin(deed) { result in done { try result.get() } }
        }
        guard deed.lasts else {
          recorder.add(.faultEnded(name: name))
          return FaultHandle(number: Self.firstOutsideFault)
        }
        faultCount += 1
        let handle = FaultHandle(number: Self.firstOutsideFault + faultCount)
        outsideFaults[handle.number] = OutsideFault(name: name) { done in servers.end(deed, done) }
        if let span {
          let driver = driver
          simulation.schedule(after: TimeSpan.nanoseconds(span.nanoseconds), Self.faultEnd) { [weak self] in
            guard let self, let open = outsideFaults.removeValue(forKey: handle.number) else { return }
            open.end { _ in driver.post { _ in self.recorder.add(.faultEnded(name: open.name)) } }
          }
        }
        return handle
      }
    }

    package func end(_ fault: FaultHandle) async throws {
      guard fault.number >= Self.firstOutsideFault else { return try await inside.end(fault) }
      guard let open = outsideFaults.removeValue(forKey: fault.number) else { return }
      try await awaiting("end of \(open.name)") { done in open.end { result in done { try result.get() } } }
      recorder.add(.faultEnded(name: open.name))
    }

    /// Ends every fault that still holds, inside and outside.
    func heal() async throws {
      inside.heal()
      for number in outsideFaults.keys.sorted() { try await end(FaultHandle(number: number)) }
    }

    package func effect(of fault: FaultHandle) async throws -> Int {
      // What befalls a real server befalls whoever asks it: nobody counts.
      fault.number >= Self.firstOutsideFault ? 1 : try await inside.effect(of: fault)
    }

    // MARK: Probes

    package func route(of agent: String) async throws -> Route {
      guard variant.topology.hasRedis else {
        return Route(pod: nil, connected: nil, podLife: nil, connectedLife: nil)
      }
      let pod = try await value(of: "agent:\(agent):pod", database: RedisWatch.hubDatabase)
      let connected = try await value(of: "agent:\(agent):connected", database: RedisWatch.hubDatabase)
      follower.follow(routeOf: agent, pod: pod.text, connected: connected.text)
      return Route(
        pod: pod.text, connected: connected.text, podLife: pod.life.map { .milliseconds($0) },
        connectedLife: connected.life.map { .milliseconds($0) })
    }

    private func value(of key: String, database: Int) async throws -> RedisWatch.Value {
      guard let redis = outside.redis else { throw EnvironmentError("this topology has no Redis") }
      return try await awaiting("a key of Redis") { done in
        redis.value(of: key, database: database) { result in done { try result.get() } }
      }
    }

    package func agentRow(_ agent: String) async throws -> AgentRow? {
      try await look()
      return try await inside.agentRow(agent)
    }
    package func sessionRow(_ session: String) async throws -> SessionRow? {
      try await look()
      return try await inside.sessionRow(session)
    }
    package func commandRows(session: String?) async throws -> [CommandRow] {
      try await look()
      return try await inside.commandRows(session: session)
    }
    package func holder(of agent: String) async throws -> String? {
      try await look()
      return try await inside.holder(of: agent)
    }
    package func connectionCount(of agent: String) async throws -> Int {
      try await look()
      return try await inside.connectionCount(of: agent)
    }
    package func workloads(session: String) async throws -> [Workload] { try await inside.workloads(session: session) }
    package func actors(of agent: String) async throws -> [String] { try await inside.actors(of: agent) }
    package func inventory(of agent: String) async throws -> [PlatformObject] {
      try await inside.inventory(of: agent)
    }
    package func limits(session: String) async throws -> WorkloadLimits? { try await inside.limits(session: session) }

    package func lock(of agent: String) async throws -> LeaderLock? {
      guard election(of: agent) == .redis else { return try await inside.lock(of: agent) }
      let text = try await value(of: RouteKeys.leader(agent: agent), database: RedisWatch.lockDatabase).text
      follower.follow(lockOf: agent, text: text)
      return inside.lock(of: agent, record: text)
    }

    private func election(of agent: String) -> Topology.Agent.Election? {
      variant.topology.agents.first { $0.id == agent }?.election
    }

    package func storedKey(of agent: String) async throws -> String? {
      if let key = try await inside.storedKey(of: agent) { return key }
      guard election(of: agent) == .redis || election(of: agent) == .swarm else { return nil }
      return try await value(of: RouteKeys.agentKey(agent: agent), database: RedisWatch.lockDatabase).text
    }

    // MARK: Replicas

    package func isReady(_ replica: String) async throws -> Bool { try await health(of: replica).isReady }
    package func unreadiness(of replica: String) async throws -> String? { try await health(of: replica).reason }

    private func health(of replica: String) async throws -> ReplicaHealthSeen {
      let deployment = deployment
      let follower = follower
      return try await simulation.cases.wait("health of \(replica)") { (handle: WaitHandle<ReplicaHealthSeen>) in
        ReplicaHealthSeen.ask(replica, of: deployment) { seen in
          follower.isReady(replica, seen.isReady, reason: seen.reason)
          handle.succeed(seen)
        }
      }
    }

    package func agentList(at replica: String) async throws -> [AgentRow] { try await inside.agentList(at: replica) }
    package func orphans(at replica: String) async throws -> [ListedOrphan] { try await inside.orphans(at: replica) }
    package func setBinary(_ version: Int?, of replica: String) async throws { throw Unavailable("versions") }
    package func databaseRequests(of replica: String) async throws -> Int {
      throw Unavailable("metrics", "requests to the database")
    }

    // MARK: Database

    package func ledger() async throws -> [LedgerRow] { try await inside.ledger() }
    package func catalogue() async throws -> [String] { try await inside.catalogue() }
    package func sql(_ text: String) async throws -> [[String: String?]] { try await inside.sql(text) }
    package func backUp() async throws { throw Unavailable("db-restore") }
    package func restoreDatabase(to instant: Duration) async throws -> RestoredDatabase {
      throw Unavailable("db-restore")
    }

    // MARK: Put in place

    package func seedRunningSessions(_ count: Int, user: String, agent: String) async throws -> [String] {
      try await inside.seedRunningSessions(count, user: user, agent: agent)
    }
    package func seedRunningSessions(
      _ count: Int, of template: String, user: String, agent: String
    ) async throws -> [String] {
      try await inside.seedRunningSessions(count, of: template, user: user, agent: agent)
    }
    package func addTemplate(_ name: String, manifest: String) async throws {
      try await inside.addTemplate(name, manifest: manifest)
    }
    package func seedCommands(_ rows: [SeededCommand]) async throws { try await inside.seedCommands(rows) }
    package func sendAsAgent(_ agent: String, _ frame: AgentFrame) async throws {
      try await inside.sendAsAgent(agent, frame)
    }
    package func sendToAgent(_ agent: String, text: [UInt8]) async throws {
      try await inside.sendToAgent(agent, text: text)
    }
    package func redeliver(command: String, to agent: String) async throws {
      try await inside.redeliver(command: command, to: agent)
    }
    package func captureFrames(of agent: String) async throws { try await inside.captureFrames(of: agent) }
    package func setLicence(_ sessions: Int) async throws { try await inside.setLicence(sessions) }

    // MARK: Observing

    package func setLoad(_ running: Bool) { inside.setLoad(running) }
    package var capturedFrames: [CapturedFrame] { inside.capturedFrames }
    package var observations: [TimedObservation] { inside.observations }
    package func keepObservations(for span: Duration?) { inside.keepObservations(for: span) }
    package func beginMeasuring() async throws { throw Unavailable("metrics") }
    package func measuredUse() async throws -> [ComponentUse] { throw Unavailable("metrics") }
    package func zombies() async throws -> [String] { try await inside.zombies() }
  }

  extension Duration {
    /// Whole nanoseconds.
    var nanoseconds: Int64 {
      let (seconds, attoseconds) = components
      return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }
  }
#endif
