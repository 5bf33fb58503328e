import Database
import DockerEngine
import Kubernetes
import Redis
import SimulationRuntime
import StreamSpaceProtocol
import TestEnvironment

/// Carries out the faults of spec/05 §2 on whichever simulator they concern, and tells the invariants.
final class FaultDesk {
  private struct Entry {
    let fault: Fault
    let name: String
    /// Ends it; nil for a fault of an instant.
    let end: (() -> Void)?
  }

  unowned let deployment: Deployment
  private var entries: [Int: Entry] = [:]
  /// What the kernel keeps of each fault, by its number.
  private var records: [Int: [FaultRecord]] = [:]
  private var count = 0
  private let frames: FrameFaults
  private let steps: StepFaults

  /// The statements by which a dispatcher writes `sent`, under the contract and under B-17.
  private static let dispatcherStatements = ["commandsSent", "commandsSentUnconditionally"]

  /// What asks for a user's sessions before a create, under the contract and under A-38.
  private static let usageStatements = ["usageOfSessionOwner", "podsOfSessionOwner"]

  private static let expiry = EventLabel("environment.fault-end")

  init(_ deployment: Deployment) {
    self.deployment = deployment
    frames = FrameFaults(deployment)
    steps = StepFaults(deployment)
  }

  var simulation: Simulation { deployment.simulation }
  var capture: FrameCapture { frames.capture }

  func begin(_ fault: Fault, lasting span: TimeSpan?) throws -> FaultHandle {
    count += 1
    let number = count
    let handle = FaultHandle(number: number)
    var end: (() -> Void)?
    let known = simulation.faults.records.count
    try deployment.recorder.add {
      let (name, ending) = try apply(fault, handle)
      records[number] = Array(simulation.faults.records[known...])
      entries[number] = Entry(fault: fault, name: name, end: ending)
      end = ending
      return .faultBegan(name: name, fault: fault)
    }
    if end == nil {
      self.end(handle)
    } else if let span {
      simulation.schedule(after: span, Self.expiry) { [weak self] in self?.end(handle) }
    }
    return handle
  }

  func end(_ handle: FaultHandle) {
    guard let entry = entries.removeValue(forKey: handle.number) else { return }
    entry.end?()
    deployment.recorder.add(.faultEnded(name: entry.name))
  }

  /// What a fault has affected so far, of everything that it consists of.
  func touched(by handle: FaultHandle) -> Int { (records[handle.number] ?? []).reduce(0) { $0 + $1.touched } }

  /// Whether a fault has not ended yet.
  func holds(_ handle: FaultHandle) -> Bool { entries[handle.number] != nil }

  /// Ends everything that still holds: then convergence is demanded.
  func healAll() {
    for number in entries.keys.sorted() { end(FaultHandle(number: number)) }
  }

  private func apply(_ fault: Fault, _ handle: FaultHandle) throws -> (name: String, end: (() -> Void)?) {
    switch fault {
    case .cut(let a, let b): return try network(.cut, a, b)
    case .cutOneWay(let a, let b): return try network(.cutOneWay, a, b)
    case .halfOpen(let gone, let unaware): return try network(.halfOpen, gone, unaware)
    case .reset(let a, let b): return try network(.reset, a, b)
    case .slow(let a, let b, let span): return try network(.slow(.constant(TimeSpan(span))), a, b)
    case .redisDown: return try redis(.down)
    case .redisRestartEmpty: return try redis(.restartEmpty)
    case .redisEvict(let key): return try evict(key)
    case .redisFailOver(let span): return try redis(.failOver(losing: .within(TimeSpan(span))))
    case .redisSplit(let replica): return try splitRedis(from: replica)
    case .redisSlow(let span): return try redis(.slow(.constant(TimeSpan(span))))
    case .redisLosePubSub: return try redis(.losePubSub)
    case .databaseDown: return try database(.down)
    case .databaseSlow(let span): return try database(.slow(.uniform(.zero, TimeSpan(span))))
    case .databaseSlowAtTimes(let percent, let span):
      return try database(
        DatabaseFault(
          .slow(.uniform(.milliseconds(200), TimeSpan(span))), scope: .init(occurrence: .share(percent, in: 100))))
    case .dispatcherSlow(let span):
      return try database(
        DatabaseFault(.slow(.uniform(.zero, TimeSpan(span))), scope: .init(statements: Self.dispatcherStatements)))
    case .databaseCommitUnknown(let percent):
      return try database(
        DatabaseFault(
          .loseReply(.either), scope: .init(statements: ["commit"], occurrence: .share(percent, in: 100))))
    case .databaseRequest(let replica, let number, let trouble):
      return try databaseRequest(of: replica, number, trouble) { [weak self] in self?.end(handle) }
    case .usageQueryFails:
      return try database(
        DatabaseFault(
          .fail(sqlState: "XX000"),
          scope: .init(statements: Self.usageStatements, occurrence: .nth(1))))
    case .imagePull(let image, let span):
      return images(.imagePull(image: image, TimeSpan(span)), .pull(image: image, TimeSpan(span)))
    case .imagePullFailure(let image):
      return images(.imagePullFailure(image: image), .pullFailure(image: image))
    case .imageUnknown(let image): return images(.imagePullFailure(image: image), .unknownImage(image))
    case .kubernetes(let trouble): return cluster(try Self.fault(of: trouble, in: deployment.cluster))
    case .delayHeartbeat(let agent, let gap):
      return frames.delayHeartbeat(of: try deployment.agent(agent), gap: TimeSpan(gap))
    case .loseAck(let agent): return frames.loseAck(of: try deployment.agent(agent))
    case .skew(let component, let span): return try skew(component, TimeSpan(span))
    case .drift(let component, let ppm): return try drift(component, Int64(ppm))
    case .atStep(let agent, let command, let step, let action):
      return steps.arm(try deployment.agent(agent), command: command, step, action) { [weak self] in
        self?.end(handle)
      }
    case .workload(let session, let trouble):
      if let machine = deployment.docker.machine(ofSession: session) {
        return try container(session, trouble, on: machine.engine)
      }
      return try workload(session, trouble)
    case .docker(let host, let trouble): return try docker(host, trouble)
    case .unlinkLock(let agent): return try unlinkLock(of: try deployment.agent(agent))
    case .serviceUpdate(let agent): return try updateService(of: try deployment.agent(agent))
    }
  }

  private func network(
    _ kind: NetworkFault.Kind, _ a: Component, _ b: Component
  ) throws -> (String, (() -> Void)?) {
    let fault = NetworkFault(kind, between: try deployment.hosts(of: a), and: try deployment.hosts(of: b))
    let record = simulation.network.begin(fault)
    return (record.name, { [simulation] in simulation.network.end(record) })
  }

  private func redis(_ fault: RedisFault) throws -> (String, (() -> Void)?) {
    guard let redis = deployment.redis else { throw EnvironmentError("this topology has no Redis") }
    let record = redis.begin(fault)
    return (record.name, { redis.end(record) })
  }

  private func evict(_ key: String) throws -> (String, (() -> Void)?) {
    guard let redis = deployment.redis else { throw EnvironmentError("this topology has no Redis") }
    return (redis.begin(.evict(key: key, database: 1)).name, nil)
  }

  /// Pulls behave alike on every platform that the topology has agents on.
  private func images(_ kubernetes: KubernetesFault, _ docker: DockerFault) -> (String, (() -> Void)?) {
    let platforms = deployment.topology.agents.map(\.platform)
    var names: [String] = []
    var ends: [() -> Void] = []
    if platforms.contains(.kubernetes) {
      let (name, end) = cluster(kubernetes)
      names.append(name)
      if let end { ends.append(end) }
    }
    for machine in deployment.docker.machines {
      let (name, end) = self.docker(machine.engine, docker)
      names.append(name)
      ends.append(end)
    }
    return (names.first ?? "", { for end in ends { end() } })
  }

  // MARK: Clocks

  /// The hosts whose clock is that of a component. Processes that share a volume of their machine share its clock too.
  private func clockHosts(of component: Component) throws -> [String] {
    let hosts = try deployment.hosts(of: component)
    let sharing = deployment.agents.first { agent in
      agent.topology.election == .file(shared: true) && agent.instances.contains { hosts.contains($0) }
    }
    return sharing?.instances ?? hosts
  }

  /// Clocks that jump stay where they are: a fault of an instant.
  private func skew(_ component: Component, _ span: TimeSpan) throws -> (String, (() -> Void)?) {
    let hosts = try clockHosts(of: component)
    let record = simulation.faults.begin("skew(\(hosts.joined(separator: "+")),\(span))", at: simulation.now)
    for host in hosts {
      simulation.host(host).stepClock(by: span)
      record.touch(at: simulation.now)
    }
    simulation.faults.end(record, at: simulation.now)
    return (record.name, nil)
  }

  private func drift(_ component: Component, _ ppm: Int64) throws -> (String, (() -> Void)?) {
    let hosts = try clockHosts(of: component)
    let simulation = simulation
    let record = simulation.faults.begin("drift(\(hosts.joined(separator: "+")),\(ppm))", at: simulation.now)
    for host in hosts {
      simulation.host(host).setClockRate(ppm: ppm)
      record.touch(at: simulation.now)
    }
    return (
      record.name,
      {
        for host in hosts { simulation.host(host).setClockRate(ppm: 0) }
        simulation.faults.end(record, at: simulation.now)
      }
    )
  }

  func database(_ fault: DatabaseFault) throws -> (String, (() -> Void)?) {
    let database = try deployment.database
    let record = database.begin(fault)
    return (record.name, { database.end(record) })
  }
}
