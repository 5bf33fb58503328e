import Database
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

  private unowned let deployment: Deployment
  private var entries: [Int: Entry] = [:]
  private var count = 0
  private let frames: FrameFaults

  /// The statements by which a dispatcher writes `sent`, under the contract and under B-17.
  private static let dispatcherStatements = ["commandsSent", "commandsSentUnconditionally"]

  private static let expiry = EventLabel("environment.fault-end")

  init(_ deployment: Deployment) {
    self.deployment = deployment
    frames = FrameFaults(deployment)
  }

  private var simulation: Simulation { deployment.simulation }

  func begin(_ fault: Fault, lasting span: TimeSpan?) throws -> FaultHandle {
    count += 1
    let number = count
    let (name, end) = try apply(fault)
    entries[number] = Entry(fault: fault, name: name, end: end)
    deployment.recorder.add(.faultBegan(name: name, fault: fault))
    let handle = FaultHandle(number: number)
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

  /// Ends everything that still holds: then convergence is demanded.
  func healAll() {
    for number in entries.keys.sorted() { end(FaultHandle(number: number)) }
  }

  private func apply(_ fault: Fault) throws -> (name: String, end: (() -> Void)?) {
    switch fault {
    case .cut(let a, let b): return network(.cut, a, b)
    case .cutOneWay(let a, let b): return network(.cutOneWay, a, b)
    case .halfOpen(let gone, let unaware): return network(.halfOpen, gone, unaware)
    case .reset(let a, let b): return network(.reset, a, b)
    case .slow(let a, let b, let span): return network(.slow(.constant(TimeSpan(span))), a, b)
    case .redisDown: return try redis(.down)
    case .redisRestartEmpty: return try redis(.restartEmpty)
    case .redisEvict(let key): return try evict(key)
    case .redisSlow(let span): return try redis(.slow(.constant(TimeSpan(span))))
    case .redisLosePubSub: return try redis(.losePubSub)
    case .databaseDown: return database(.down)
    case .databaseSlow(let span): return database(.slow(.uniform(.zero, TimeSpan(span))))
    case .dispatcherSlow(let span):
      return database(
        DatabaseFault(.slow(.uniform(.zero, TimeSpan(span))), scope: .init(statements: Self.dispatcherStatements)))
    case .imagePull(let image, let span):
      let record = deployment.cluster.begin(.imagePull(image: image, TimeSpan(span)))
      return (record.name, { [deployment] in deployment.cluster.end(record) })
    case .delayHeartbeat(let agent, let gap): return frames.delayHeartbeat(of: agent, gap: TimeSpan(gap))
    case .loseAck(let agent): return frames.loseAck(of: agent)
    }
  }

  private func network(_ kind: NetworkFault.Kind, _ a: Component, _ b: Component) -> (String, (() -> Void)?) {
    let fault = NetworkFault(kind, between: [deployment.host(of: a)], and: [deployment.host(of: b)])
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

  private func database(_ fault: DatabaseFault) -> (String, (() -> Void)?) {
    let database = deployment.database
    let record = database.begin(fault)
    return (record.name, { database.end(record) })
  }
}

/// Faults that name a frame of an agent: a heartbeat held back, an acknowledgement lost.
final class FrameFaults {
  private struct Rule {
    let host: String
    let record: FaultRecord
    /// What happens to a frame of the agent; nil: it passes.
    let judge: (AgentMessage) -> Interception?
  }

  private unowned let deployment: Deployment
  private var rules: [Rule] = []

  init(_ deployment: Deployment) {
    self.deployment = deployment
    deployment.simulation.network.interceptor = { [weak self] socket, payload in
      self?.judge(socket, payload) ?? .pass
    }
  }

  /// The next heartbeat arrives `gap` after now: begin it at a beat, and the gap between the two is that.
  func delayHeartbeat(of agent: String, gap: TimeSpan) -> (String, (() -> Void)?) {
    let host = HostName.agent(agent)
    let simulation = deployment.simulation
    let target = simulation.now + gap
    return add("delay-heartbeat(\(agent),\(gap))", host) { message in
      guard case .heartbeat = message else { return nil }
      let wait = target - simulation.now
      return .delay(wait < .zero ? .zero : wait)
    }
  }

  /// The next ack of the agent is lost.
  func loseAck(of agent: String) -> (String, (() -> Void)?) {
    add("lose-ack(\(agent))", HostName.agent(agent)) { message in
      guard case .ack = message else { return nil }
      return .drop
    }
  }

  private func add(
    _ name: String, _ host: String, _ judge: @escaping (AgentMessage) -> Interception?
  ) -> (String, (() -> Void)?) {
    let record = deployment.simulation.faults.begin(name, at: deployment.simulation.now)
    rules.append(Rule(host: host, record: record, judge: judge))
    return (
      name,
      { [weak self] in
        guard let self else { return }
        deployment.simulation.faults.end(record, at: deployment.simulation.now)
        rules.removeAll { $0.record === record }
      }
    )
  }

  private func judge(_ socket: Socket, _ payload: any Payload) -> Interception {
    guard !rules.isEmpty, let frame = (payload as? Frame<AgentSocketFrame>)?.value,
      case .fromAgent(let envelope) = frame
    else { return .pass }
    for (index, rule) in rules.enumerated() where rule.host == socket.owner.host.name {
      guard let interception = rule.judge(envelope.message) else { continue }
      rule.record.touch(at: deployment.simulation.now)
      // Each such fault concerns one frame.
      rules.remove(at: index)
      return interception
    }
    return .pass
  }
}
