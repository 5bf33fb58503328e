import HostFiles
import Redis
import SimulationRuntime
import StreamSpaceProtocol

@testable import DockerAgent

/// The three back ends, so that a test can run on each.
enum Backend: String, CaseIterable {
  case file, redis, swarm
}

/// Replicas of one agent that compete for one lock, with the store they compete in.
final class ElectionRig {
  static let agentID = "docker-prod"
  static let path = "/var/run/streamspace/docker-agent-docker-prod.lock"

  /// What a replica hears of the control plane.
  enum Link {
    case live
    /// Connected, but nothing came since.
    case silent(since: Instant)
    case lost(since: Instant)
  }

  struct Event: Equatable {
    enum Kind: Equatable {
      case led(Int64)
      case raised(Int64)
      case ended(Int64, String)
      case refused(String)
    }

    let replica: String
    let kind: Kind
    let time: Instant
  }

  let simulation: Simulation
  let backend: Backend
  /// One volume for all, or one for each replica.
  private(set) var volumes: [HostVolume] = []
  let redis: RedisServer
  let swarm: ScriptedSwarm
  private let swarmProcess: SimulatedProcess
  private(set) var replicas: [SimulatedProcess] = []
  private(set) var events: [Event] = []
  private(set) var overlaps: [(names: [String], time: Instant)] = []
  private var contenders: [String: Contender] = [:]
  var links: [String: Link] = [:]

  init(
    _ backend: Backend, seed: UInt64 = 1, replicas count: Int = 3, isShared: Bool = true,
    behaviour: LockElectionBehaviour = LockElectionBehaviour()
  ) throws {
    self.backend = backend
    let simulation = Simulation(.init(seed: seed))
    self.simulation = simulation
    simulation.network.latencyPolicy = { _, _, _ in .lognormal(median: .microseconds(500), .s100) }
    redis = try RedisServer(on: simulation.host("redis"), of: simulation)
    let swarm = ScriptedSwarm()
    self.swarm = swarm
    swarmProcess = try simulation.addProcess("dockerd", on: simulation.host("manager")) { incarnation in
      ScriptedSwarm.Daemon(incarnation, swarm)
    }
    for number in 1...count {
      let name = "agent-\(number)"
      let host = simulation.host(name)
      if number == 1 || !isShared { volumes.append(HostVolume("lock-\(number)", of: simulation)) }
      let volume = volumes[volumes.count - 1]
      volume.mount(on: host)
      swarm.addTask(of: name)
      let process = try simulation.addProcess(name, on: host) { [unowned self] incarnation in
        let store: LockStore =
          switch backend {
          case .file: .file(volume.files(for: incarnation), path: Self.path)
          case .redis: .redis(redis.endpoint, database: 1)
          case .swarm: .swarm(ScriptedSwarm.endpoint)
          }
        let contender = Contender(incarnation, store: store, behaviour: behaviour)
        wire(contender, name)
        return contender
      }
      process.onEnd = { [unowned self] _, _ in contenders[name] = nil }
      replicas.append(process)
    }
    redis.process.start()
    swarmProcess.start()
  }

  deinit { simulation.tearDown() }

  private func wire(_ contender: Contender, _ name: String) {
    contenders[name] = contender
    links[name] = .live
    let elector = contender.elector
    elector.led = { [unowned self] in record(name, .led($0)) }
    elector.termRaised = { [unowned self] in record(name, .raised($0)) }
    elector.ended = { [unowned self] in record(name, .ended($0, $1)) }
    elector.refused = { [unowned self] in record(name, .refused($0)) }
    elector.lastContact = { [unowned self] in
      if case .silent(let since) = links[name] { since } else { simulation.host(name).localTime }
    }
    elector.disconnectedSince = { [unowned self] in
      if case .lost(let since) = links[name] { since } else { nil }
    }
  }

  private func record(_ name: String, _ kind: Event.Kind) {
    events.append(Event(replica: name, kind: kind, time: now))
    look()
  }

  // MARK: Looking

  var now: Instant { simulation.now }

  func elector(_ name: String) -> LockElector? { contenders[name]?.elector }

  /// Replicas that may act at this instant, hung ones included.
  var authorised: [String] {
    replicas.filter { $0.current != nil && contenders[$0.name]?.elector.authorisedTerm != nil }.map(\.name)
  }

  /// The replica that alone may act.
  var leader: SimulatedProcess? {
    let names = authorised
    return names.count == 1 ? replicas.first { $0.name == names[0] } : nil
  }

  /// Notes when two may act at one instant.
  func look() {
    let names = authorised
    if names.count > 1 { overlaps.append((names, now)) }
  }

  var leads: [Event] { events.filter { if case .led = $0.kind { true } else { false } } }
  var ends: [Event] { events.filter { if case .ended = $0.kind { true } else { false } } }
  var refusals: [Event] { events.filter { if case .refused = $0.kind { true } else { false } } }
  var terms: [Int64] {
    events.compactMap {
      switch $0.kind {
      case .led(let term), .raised(let term): term
      case .ended, .refused: nil
      }
    }
  }

  /// The record as it is stored.
  var record: LockRecord? {
    let text =
      switch backend {
      case .file: volumes[0].content(of: Self.path).map { String(decoding: $0.dropLast(), as: UTF8.self) }
      case .redis: redis.value(of: RouteKeys.leader(agent: Self.agentID), database: 1)
      case .swarm: swarm.recordText(of: Self.agentID)
      }
    return text.flatMap { LockRecord(text: $0) }
  }

  // MARK: Driving

  /// Starts all replicas and lets one win.
  func begin() throws {
    for replica in replicas { replica.start() }
    try run(until: { leader != nil }, within: .seconds(30))
    try run(.seconds(5))
  }

  /// Runs on, and looks 20 times a second who may act.
  func run(_ span: TimeSpan) throws {
    let end = now + span
    while now < end {
      try simulation.run(until: min(end, now + .milliseconds(50)))
      look()
    }
  }

  @discardableResult
  func run(until condition: () -> Bool, within limit: TimeSpan) throws -> Bool {
    let deadline = now + limit
    while !condition() {
      guard now < deadline else { return false }
      try run(.milliseconds(10))
    }
    return true
  }

  /// Removes the record behind everybody's back.
  func emptyStore() {
    switch backend {
    case .file: volumes[0].begin(.unlinked(path: Self.path))
    case .redis: redis.begin(.evict(key: RouteKeys.leader(agent: Self.agentID), database: 1))
    case .swarm: swarm.removeLabels(of: Self.agentID)
    }
  }

  /// The host that the store of this back end runs on.
  var storeHost: String { backend == .redis ? "redis" : "manager" }
}

/// A process that does nothing but compete.
final class Contender: Program {
  private let incarnation: Incarnation
  let elector: LockElector

  init(
    _ incarnation: Incarnation, store: LockStore, instanceID: String? = nil, behaviour: LockElectionBehaviour
  ) {
    self.incarnation = incarnation
    elector = LockElector(
      incarnation, store: store, agentID: ElectionRig.agentID, instanceID: instanceID ?? incarnation.host.name,
      behaviour: behaviour)
  }

  func start() { elector.start() }

  func terminate() { elector.release { [incarnation] in incarnation.exit("terminated") } }
}
