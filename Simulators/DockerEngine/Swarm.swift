import SimulationRuntime
import StreamSpaceProtocol

/// A swarm of engines: services with one version counter for the whole store, and tasks on the nodes (spec/04 §4.5).
/// The store is one value, as the agreement among managers makes it; a manager without a majority refuses.
package final class Swarm {
  package unowned let simulation: Simulation
  private(set) var nodes: [Node] = []
  private(set) var services: [Service] = []
  var tasks: [ServiceTask] = []
  /// `Version.Index` of the last change of anything in the store.
  private(set) var index: Int64 = 10
  private let identifiers: DecisionStream

  /// One engine in the swarm.
  struct Node {
    let id: String
    let engine: DockerEngine
    let isManager: Bool
  }

  /// One service of the store.
  final class Service {
    let id: String
    let createdAt: Timestamp
    var updatedAt: Timestamp
    var version: Int64
    var specification: ServiceSpecification

    init(id: String, at time: Timestamp, version: Int64, _ specification: ServiceSpecification) {
      self.id = id
      createdAt = time
      updatedAt = time
      self.version = version
      self.specification = specification
    }

    var inspection: ServiceInspection {
      ServiceInspection(
        id: id, version: version, createdAt: createdAt, updatedAt: updatedAt, specification: specification)
    }
  }

  /// One task of a service: what fills one slot for a while.
  final class ServiceTask {
    let id: String
    let service: Service
    let slot: Int
    let node: Node
    var state = "preparing"
    var desiredState = "running"
    var containerID = ""

    init(id: String, service: Service, slot: Int, node: Node) {
      self.id = id
      self.service = service
      self.slot = slot
      self.node = node
    }

    var name: String { "\(service.specification.name).\(slot).\(id)" }

    var inspection: TaskInspection {
      TaskInspection(
        id: id, serviceID: service.id, nodeID: node.id, slot: slot, state: state, desiredState: desiredState,
        containerID: containerID)
    }
  }

  package init(simulation: Simulation) {
    self.simulation = simulation
    identifiers = simulation.decisions.stream("docker.swarm.identifiers")
  }

  // MARK: Nodes

  /// Makes an engine a node. The first manager makes the swarm.
  package func join(_ engine: DockerEngine, asManager isManager: Bool = true) {
    nodes.append(Node(id: freshID(), engine: engine, isManager: isManager))
    engine.swarm = self
    advance()
  }

  /// Takes a node out; without a manager there is no swarm, and nothing in its store.
  package func leave(_ engine: DockerEngine) {
    for task in tasks where task.node.engine === engine && task.desiredState == "running" { end(task) }
    nodes.removeAll { $0.engine === engine }
    engine.swarm = nil
    advance()
    guard !nodes.contains(where: \.isManager) else { return }
    services = []
    tasks = []
  }

  func node(of engine: DockerEngine) -> Node? { nodes.first { $0.engine === engine } }

  func membership(of engine: DockerEngine) -> DaemonInfo.SwarmMembership {
    guard let node = node(of: engine) else { return DaemonInfo.SwarmMembership() }
    return DaemonInfo.SwarmMembership(nodeID: node.id, localNodeState: "active", isManager: node.isManager)
  }

  /// Whether this manager sees a majority of the managers, itself included.
  func hasLeader(seenBy engine: DockerEngine) -> Bool {
    if engine.faults.strikes(.noSwarmLeader) { return false }
    let managers = nodes.filter(\.isManager)
    let working = managers.filter { $0.engine.isUp && !$0.engine.faults.holds(.noSwarmLeader) }
    return working.count * 2 > managers.count
  }

  // MARK: The store

  func service(_ text: String) throws(DockerFailure) -> Service {
    let match =
      services.first { $0.id == text } ?? services.first { $0.specification.name == text }
      ?? services.first { !text.isEmpty && $0.id.hasPrefix(text) }
    guard let match else { throw .noSuchService(text) }
    return match
  }

  /// The version of a service, which grows with each of its updates; nil: there is none of that name.
  package func version(ofService name: String) -> Int64? {
    services.first { $0.specification.name == name }?.version
  }

  func add(_ specification: ServiceSpecification, at time: Timestamp) throws(DockerFailure) -> Service {
    if services.contains(where: { $0.specification.name == specification.name }) {
      throw .serviceExists(specification.name)
    }
    let service = Service(id: freshID(), at: time, version: advance(), specification)
    services.append(service)
    return service
  }

  /// Replaces the specification of a service if the writer has seen its newest version.
  func update(
    _ service: Service, version: Int64, _ specification: ServiceSpecification, at time: Timestamp
  ) throws(DockerFailure) {
    guard version == service.version else { throw .updateOutOfSequence }
    service.specification = specification
    service.updatedAt = time
    service.version = advance()
  }

  func remove(_ service: Service) {
    services.removeAll { $0 === service }
    advance()
  }

  /// A change of the store.
  @discardableResult
  func advance() -> Int64 {
    index += 1
    return index
  }

  /// 25 letters and digits, as the swarm's ids.
  func freshID() -> String {
    let alphabet = Array("0123456789abcdefghijklmnopqrstuvwxyz".utf8)
    let bytes = (0..<25).map { _ in alphabet[simulation.decisions.choose(identifiers, alphabet.count)] }
    return String(decoding: bytes, as: UTF8.self)
  }
}
