#if Live
  import Dispatch
  import Foundation
  import Oracles
  import PostgreSQL
  import SimulatedEnvironment
  import SimulationRuntime
  import SocketBridges
  import StreamSpaceProtocol
  import TestEnvironment

  /// Runs cases one after another against served replicas, a real Redis and a real PostgreSQL. Each case has fresh
  /// replicas, a fresh database and an empty Redis.
  ///
  /// Unchecked: ``interrupt()`` may come from any thread; what it touches is guarded by `lock`.
  package final class RehearsalRunner: @unchecked Sendable {
    private let servers: RehearsalServers
    /// `streamspace-live`.
    private let program: String
    /// Gates that quote the model are judged too.
    private let isStrict: Bool
    private let lock = NSLock()
    private var driver: WallClockDriver?
    private var isInterrupted = false

    /// How long a run goes on after its case, so that what the case left can end.
    private static let afterglow = Duration.seconds(2)
    private static let afterglowLimit = TimeSpan.seconds(60)
    /// Milliseconds between two looks at rows and keys.
    private static let period = 100

    package init(_ servers: RehearsalServers, program: String, isStrict: Bool = false) {
      self.servers = servers
      self.program = program
      self.isStrict = isStrict
    }

    /// Ends the present case, and lets no other begin. From any thread.
    package func interrupt() {
      let driver = lock.withLock {
        isInterrupted = true
        return self.driver
      }
      driver?.stop()
    }

    package var wasInterrupted: Bool { lock.withLock { isInterrupted } }

    /// One judged run; `limit` is the real time that its body may take.
    package func run(_ request: CaseRequest, limit: Duration) -> CaseRun {
      var run = CaseRun(request, on: request.testCase.databaseBody == nil ? nil : .postgreSQL)
      let began = DispatchTime.now().uptimeNanoseconds
      do {
        if request.testCase.databaseBody != nil { run = try databaseHalf(request) }
        if request.testCase.hasDeployment, run.verdict == .passed { try perform(request, &run, limit) }
      } catch let missing as Unavailable {
        run.verdict = .skipped
        run.reason = "\(missing)"
      } catch {
        run.verdict = .failed
        run.reason = "\(error)"
      }
      run.virtualTime = .nanoseconds(DispatchTime.now().uptimeNanoseconds - began)
      if run.verdict == .passed, run.checks == 0 {
        run.verdict = .failed
        run.reason = "it checked nothing"
      }
      return run
    }

    private func databaseHalf(_ request: CaseRequest) throws -> CaseRun {
      CaseRunner.run(
        request, on: try PostgreSQLLaboratory(url: servers.databaseURL),
        clock: { .nanoseconds(DispatchTime.now().uptimeNanoseconds) },
        isStopped: { [weak self] in self?.wasInterrupted ?? true })
    }

    // MARK: With a deployment

    /// What lives inside. Unchecked: touched on the simulation's thread only, and held by the runner meanwhile.
    private final class Inside: @unchecked Sendable {
      var deployment: HybridDeployment?
      var environment: HybridCaseEnvironment?
      var follower: ControlPlaneFollower?
      var health: HealthWatch?
    }

    private func perform(_ request: CaseRequest, _ run: inout CaseRun, _ limit: Duration) throws {
      let topology = request.variant.topology
      let database = try servers.makeDatabase(for: topology)
      defer { servers.drop(database: database.name) }
      try servers.cleanRedis()
      if topology.startsWithRedisDown { servers.stopRedis(keepsData: false) }
      let launches = try ReplicaLaunchPlan(
        program: program, databaseURL: database.url, redisPort: topology.hasRedis ? servers.redisPort : nil
      ).launches(of: topology)
      let events = FleetEvents()
      let fleet = ReplicaFleet(launches, logs: servers.folder) { events.add($0) }
      let real = RealControlPlane(
        fleet: fleet, database: DatabaseWatch(url: database.url),
        redis: topology.hasRedis
          ? RedisWatch(
            port: servers.redisPort, agents: topology.agents.map(\.id),
            locks: topology.agents.filter { $0.election == .redis }.map(\.id)) : nil,
        servers: RedisControl(servers))
      defer { real.end() }
      try start(launches.dropLast(topology.absentReplicas).map(\.name), fleet)

      let driver = WallClockDriver()
      let inside = Inside()
      try build(request, inside, real, launches, driver)
      let canRun = lock.withLock {
        if !isInterrupted { self.driver = driver }
        return !isInterrupted
      }
      defer {
        lock.withLock { self.driver = nil }
        events.forget()
        driver.stop()
      }
      guard canRun else { throw RunEnded() }
      events.pass(to: driver, inside.follower)
      watch(real, inside, driver)
      var problems: [String] = []
      try drive(request, inside, driver, limit, &problems)
      guard let result = driver.ask({ _ in Self.collect(inside) }) else { throw RunEnded() }
      finish(&run, request, result, problems)
    }

    /// Starts the replicas side by side and waits until all take connections.
    private func start(_ names: [String], _ fleet: ReplicaFleet) throws {
      for name in names {
        let done = DispatchSemaphore(value: 0)
        let failure = FirstFailure()
        fleet.perform(.start, on: name) { result in
          if case .failure(let error) = result { failure.set(error) }
          done.signal()
        }
        done.wait()
        if let error = failure.error { throw error }
      }
    }

    private func build(
      _ request: CaseRequest, _ inside: Inside, _ real: RealControlPlane, _ launches: [ReplicaFleet.Launch],
      _ driver: WallClockDriver
    ) throws {
      let ports = Dictionary(uniqueKeysWithValues: launches.map { ($0.name, $0.port) })
      let redisPort = servers.redisPort
      try driver.start(seed: request.seed) { simulation in
        let origin = Int64(Date().timeIntervalSince1970 * 1_000_000)
        let outside = OutsideControlPlane(
          replica: { name in
            { incarnation in
              HTTPEgress(
                incarnation, port: HybridDeployment.replicaPort, to: BaseURL(host: "127.0.0.1", port: ports[name] ?? 1),
                driver: driver)
            }
          },
          redis: { incarnation in
            StreamEgress(
              incarnation, port: OutsideControlPlane.redisPort, to: .tcp(host: "127.0.0.1", port: redisPort),
              driver: driver)
          }, origin: origin)
        let deployment = try HybridDeployment(request.variant.topology, around: outside, in: simulation)
        let follower = ControlPlaneFollower(deployment)
        inside.deployment = deployment
        inside.follower = follower
        inside.environment = HybridCaseEnvironment(
          SimulatedCaseEnvironment(
            request, deployment,
            statements: RealStatements(real.database, driver, simulation, origin: origin)), real, follower, driver)
        inside.health = HealthWatch(deployment, follower)
      }
    }

    private func watch(_ real: RealControlPlane, _ inside: Inside, _ driver: WallClockDriver) {
      driver.post { _ in inside.health?.begin() }
      real.database.begin(everyMilliseconds: Self.period) { rows in
        driver.post { _ in rows.map { inside.follower?.follow($0) } ?? inside.follower?.databaseIsGone() }
      }
      real.redis?.begin(everyMilliseconds: Self.period) { routes in
        driver.post { _ in
          guard let routes else { return inside.follower?.redisIsGone() ?? () }
          for route in routes {
            inside.follower?.follow(routeOf: route.agent, pod: route.pod, connected: route.connected)
            if route.hasLock { inside.follower?.follow(lockOf: route.agent, text: route.lock) }
          }
        }
      }
    }

    private func drive(
      _ request: CaseRequest, _ inside: Inside, _ driver: WallClockDriver, _ limit: Duration,
      _ problems: inout [String]
    ) throws {
      guard let environment = driver.ask({ _ in inside.environment }) ?? nil else { throw RunEnded() }
      let topology = request.variant.topology
      let ready = topology.replicas - topology.absentReplicas
      do {
        try driver.runCase(limit: Self.afterglowLimit) { _ in
          {
            for number in 1...max(ready, 1) where number <= ready {
              while !topology.startsWithRedisDown, try await !environment.isReady("api-\(number)") {
                try await environment.sleep(for: .milliseconds(50))
              }
            }
          }
        }
      } catch is SimulationError {
        throw ServerProcess.Failure(description: "the replicas did not become ready within 60 s")
      }
      driver.post { _ in inside.deployment?.controlPlaneStands() }
      let body = request.testCase.body
      do {
        try driver.runCase(limit: .nanoseconds(limit.nanoseconds)) { _ in { try await body(environment) } }
      } catch let error as Unavailable {
        throw error
      } catch let error as RunEnded {
        throw error
      } catch {
        problems.append("\(error)")
      }
      do {
        try driver.runCase(limit: Self.afterglowLimit) { simulation in
          let cases = simulation.cases
          return {
            try await cases.perform { _ in inside.deployment?.viewersLeave() }
            try await environment.heal()
            environment.setLoad(false)
            try await environment.sleep(for: Self.afterglow)
            try await environment.look()
          }
        }
      } catch let error as RunEnded {
        throw error
      } catch {
        problems.append("after the case: \(error)")
      }
    }

    // MARK: Judging

    private struct Result: Sendable {
      var observations: [TimedObservation]
      var record: CaseRecord
      var replicas: [String]
      var now: Duration
      var faults: [FaultSummary]
    }

    private static func collect(_ inside: Inside) -> Result {
      guard let environment = inside.environment, let deployment = inside.deployment else {
        return Result(observations: [], record: CaseRecord(), replicas: [], now: .zero, faults: [])
      }
      return Result(
        observations: environment.observations, record: environment.record, replicas: environment.replicas,
        now: environment.now, faults: deployment.faultSummaries)
    }

    private func finish(_ run: inout CaseRun, _ request: CaseRequest, _ result: Result, _ problems: [String]) {
      let halves = run.expectations
      run.take(result.record)
      run.expectations = halves + (isStrict ? run.expectations : run.expectations.map(WallClockAllowance().reported))
      // What was seen late has the time at which it happened.
      var ordered = result.observations.sorted { ($0.time, $0.sequence) < ($1.time, $1.sequence) }
      for index in ordered.indices { ordered[index].sequence = index }
      let judge = Judge(context: Self.context(request.variant.topology, result.replicas))
      for observation in ordered { judge.observe(observation) }
      run.invariants += judge.finish(at: result.now)
      run.observations = ordered
      run.faults = result.faults
      run.judge(problems)
    }

    private static func context(_ topology: Topology, _ replicas: [String]) -> JudgeContext {
      JudgeContext(topology: topology, replicas: replicas)
    }
  }

  /// The first failure of something that several threads do. Unchecked: guarded by `lock`.
  private final class FirstFailure: @unchecked Sendable {
    private let lock = NSLock()
    private var first: (any Error)?

    func set(_ error: any Error) { lock.withLock { if first == nil { first = error } } }
    var error: (any Error)? { lock.withLock { first } }
  }

  /// What happens to replicas, kept until somebody inside takes it. Unchecked: guarded by `lock`.
  private final class FleetEvents: @unchecked Sendable {
    private let lock = NSLock()
    private var kept: [ReplicaFleet.Event] = []
    private var driver: WallClockDriver?
    private var follower: ControlPlaneFollower?

    func add(_ event: ReplicaFleet.Event) {
      lock.withLock {
        guard let driver, let follower else { return kept.append(event) }
        driver.post { _ in follower.take(event) }
      }
    }

    func pass(to driver: WallClockDriver, _ follower: ControlPlaneFollower?) {
      guard let follower else { return }
      lock.withLock {
        self.driver = driver
        self.follower = follower
        for event in kept { driver.post { _ in follower.take(event) } }
        kept = []
      }
    }

    func forget() {
      lock.withLock {
        driver = nil
        follower = nil
      }
    }
  }

  extension ControlPlaneFollower {
    fileprivate func take(_ event: ReplicaFleet.Event) {
      switch event {
      case .started(let name): processStarted(name)
      case .listening(let name): isListening(name)
      case .ended(let name, let reason, let isInjected): processEnded(name, reason: reason, isInjected: isInjected)
      case .paused(let name): processPaused(name)
      case .resumed(let name): processResumed(name)
      }
    }
  }
#endif
