import SimulationRuntime
import StreamSpaceProtocol

/// One network of an engine.
final class EngineNetwork {
  let id: String
  let specification: NetworkSpecification
  let createdAt: Timestamp
  /// The first two numbers of its /16, nil for `host` and `none`.
  let prefix: String?
  let isPredefined: Bool
  /// Last two numbers of the address of each container, by id.
  private var addresses: [String: Int] = [:]
  private var taken: Set<Int> = []
  /// No number below is free. The gateway has 1.
  private var lowestFree = 2

  init(id: String, _ specification: NetworkSpecification, at time: Timestamp, prefix: String?, isPredefined: Bool) {
    self.id = id
    self.specification = specification
    createdAt = time
    self.prefix = prefix
    self.isPredefined = isPredefined
  }

  var name: String { specification.name }
  var subnet: String { prefix.map { "\($0).0.0/16" } ?? "" }
  var gateway: String { prefix.map { "\($0).0.1" } ?? "" }
  var hasEndpoints: Bool { !addresses.isEmpty }

  /// Takes the lowest free address, as the engine's address management does; empty where there are none.
  func takeAddress(for id: String) -> String {
    while taken.contains(lowestFree) { lowestFree += 1 }
    let number = lowestFree
    taken.insert(number)
    addresses[id] = number
    return prefix.map { "\($0).\(number >> 8 & 255).\(number & 255)" } ?? ""
  }

  func releaseAddress(of id: String) {
    guard let number = addresses.removeValue(forKey: id) else { return }
    taken.remove(number)
    lowestFree = min(lowestFree, number)
  }
}

/// The networks of an engine, oldest first.
struct NetworkTable {
  private(set) var all: [EngineNetwork] = []

  /// The default pools of /16: 172.17 to 172.31.
  private static let pools = (17...31).map { "172.\($0)" }

  mutating func addPredefined(hasBridge: Bool, at time: Timestamp, freshID: () -> String) {
    func add(_ name: String, _ driver: String, _ prefix: String?) {
      all.append(
        EngineNetwork(
          id: freshID(), NetworkSpecification(name: name, driver: driver), at: time, prefix: prefix,
          isPredefined: true))
    }
    if hasBridge { add("bridge", "bridge", Self.pools.first) }
    add("host", "host", nil)
    add("none", "null", nil)
  }

  func named(_ name: String) -> EngineNetwork? { all.first { $0.name == name } }

  /// The network a request means: full id, then name, then a unique start of the id.
  func find(_ text: String, _ question: DockerFailure.NetworkQuestion) throws(DockerFailure) -> EngineNetwork {
    if let network = all.first(where: { $0.id == text }) { return network }
    let named = all.filter { $0.name == text }
    if named.count > 1 { throw .ambiguousNetwork(text, count: named.count, asked: question) }
    if let network = named.first { return network }
    let matches = text.isEmpty ? [] : all.filter { $0.id.hasPrefix(text) }
    guard matches.count == 1, let network = matches.first else { throw .noSuchNetwork(text) }
    return network
  }

  mutating func add(
    _ specification: NetworkSpecification, id: String, at time: Timestamp
  ) throws(DockerFailure) -> EngineNetwork {
    guard let prefix = Self.pools.first(where: { pool in !all.contains { $0.prefix == pool } }) else {
      throw .noAddressPool
    }
    let network = EngineNetwork(id: id, specification, at: time, prefix: prefix, isPredefined: false)
    all.append(network)
    return network
  }

  mutating func remove(_ network: EngineNetwork) { all.removeAll { $0 === network } }
}

extension DockerEngine {
  private func workload(_ network: EngineNetwork) -> EngineEvent.Workload {
    EngineEvent.Workload(network.specification.labels, name: network.name, id: network.id, host: host)
  }

  // MARK: Calls

  func createNetwork(
    _ specification: NetworkSpecification, by writer: EngineEvent.Writer
  ) throws(DockerFailure) -> DockerResponse {
    var warning = ""
    if let other = networks.named(specification.name) {
      if specification.checkDuplicate || other.isPredefined { throw .networkExists(specification.name) }
      warning = "Network with name \(other.name) (id : \(other.id)) already exists"
    }
    let network = try networks.add(specification, id: freshID(), at: time)
    publish(network, "create")
    emit(.objectCreated(.network, workload(network), by: writer))
    return .networkCreated(id: network.id, warning: warning)
  }

  func removeNetwork(_ name: String, by writer: EngineEvent.Writer) throws(DockerFailure) -> DockerResponse {
    let network = try networks.find(name, .remove)
    if network.isPredefined { throw .predefinedNetwork(network.name) }
    if network.hasEndpoints { throw .networkInUse(network.name, id: network.id) }
    networks.remove(network)
    publish(network, "destroy")
    emit(.objectRemoved(.network, workload(network), by: writer))
    return .done
  }

  func inspection(of network: EngineNetwork, withContainers: Bool = true) -> NetworkInspection {
    var members: [NetworkInspection.Member] = []
    if withContainers {
      for container in containers.all where container.hasProcess {
        guard let endpoint = container.endpoints.first(where: { $0.networkID == network.id }) else { continue }
        members.append(
          NetworkInspection.Member(
            id: container.id, name: container.name,
            address: endpoint.address.isEmpty ? "" : "\(endpoint.address)/\(endpoint.prefixLength)"))
      }
    }
    return NetworkInspection(
      id: network.id, name: network.name, driver: network.specification.driver, createdAt: network.createdAt,
      labels: network.specification.labels, subnet: network.subnet, gateway: network.gateway,
      containers: members.sorted { $0.id < $1.id })
  }

  func listNetworks(_ filters: DockerFilters) throws(DockerFailure) -> [NetworkInspection] {
    try filters.check(["driver", "id", "label", "name"])
    func any(_ key: String, _ holds: (String) -> Bool) -> Bool {
      filters[key].isEmpty || filters[key].contains(where: holds)
    }
    return networks.all.filter { network in
      filters.matches(network.specification.labels) && any("id") { network.id.hasPrefix($0) }
        && any("name") { network.name.contains($0) } && any("driver") { network.specification.driver == $0 }
    }.map { inspection(of: $0, withContainers: false) }
  }

  func connect(_ asked: String, to name: String) throws(DockerFailure) -> DockerResponse {
    let container = try containers.find(asked)
    let network = try networks.find(name, .attach)
    if container.endpoints.contains(where: { $0.network == network.name }), container.hasProcess {
      throw .endpointExists(container: container.name, network: network.name)
    }
    for mode in ["none", "host"] where container.endpoints.contains(where: { $0.network == mode }) {
      throw .exclusiveNetwork(mode)
    }
    if container.endpoints.contains(where: { $0.network == network.name }) { return .networkChanged }
    container.endpoints.append(EndpointSettings(network: network.name))
    container.endpoints.sort { $0.network < $1.network }
    if container.hasProcess, let index = container.endpoints.firstIndex(where: { $0.network == network.name }) {
      attach(container, at: index, to: network)
    }
    return .networkChanged
  }

  func disconnect(_ asked: String, from name: String) throws(DockerFailure) -> DockerResponse {
    let network = try networks.find(name, .attach)
    let container = try containers.find(asked)
    // The engine tells of a disconnect even when there was nothing to disconnect.
    publish(network, "disconnect", container: container)
    guard let index = container.endpoints.firstIndex(where: { $0.network == network.name }) else {
      throw .notConnected(container: container.id, network: network.name)
    }
    network.releaseAddress(of: container.id)
    container.endpoints.remove(at: index)
    return .networkChanged
  }

  // MARK: Around a run

  /// Connects a container to its networks and gives it its host ports.
  func attachNetworks(of container: Container) throws(DockerFailure) {
    var found: [EngineNetwork] = []
    for endpoint in container.endpoints { found.append(try networks.find(endpoint.network, .attach)) }
    for (index, network) in found.enumerated() { attach(container, at: index, to: network) }
    guard found.contains(where: { $0.prefix != nil }) else { return }
    try publishPorts(of: container)
  }

  private func attach(_ container: Container, at index: Int, to network: EngineNetwork) {
    container.endpoints[index].networkID = network.id
    container.endpoints[index].endpointID = freshID()
    container.endpoints[index].address = network.takeAddress(for: container.id)
    container.endpoints[index].gateway = network.gateway
    container.endpoints[index].prefixLength = network.prefix == nil ? 0 : 16
    publish(network, "connect", container: container)
  }

  /// Undoes what a run has taken: addresses and host ports.
  func detachNetworks(of container: Container) {
    for index in container.endpoints.indices where !container.endpoints[index].endpointID.isEmpty {
      let endpoint = container.endpoints[index]
      if let network = networks.all.first(where: { $0.id == endpoint.networkID }) {
        network.releaseAddress(of: container.id)
        publish(network, "disconnect", container: container)
      }
      container.endpoints[index] = EndpointSettings(network: endpoint.network, networkID: endpoint.networkID)
    }
    for binding in container.ports { for host in binding.hosts { ports.release(host, of: binding.networkProtocol) } }
    container.ports = []
  }

  private func publishPorts(of container: Container) throws(DockerFailure) {
    let specification = container.specification
    for name in specification.portNames {
      let wishes = specification.host.portBindings.first { $0.containerPort == name }?.hosts ?? []
      var binding = PortBinding(name, [])
      for wish in wishes {
        switch ports.take(wish, of: binding.networkProtocol) {
        case .taken(let host): binding.hosts.append(host)
        case .refused(let refusal):
          container.ports.append(binding)
          throw .portRefused(
            refusal, container: container.name, endpoint: container.endpoints.first?.endpointID ?? "",
            address: wish.address.isEmpty ? "0.0.0.0" : wish.address, port: wish.port ?? 0)
        }
      }
      container.ports.append(binding)
    }
  }
}

extension ContainerSpecification {
  /// Every port that is exposed or bound, once, in order.
  fileprivate var portNames: [String] {
    var names: [String] = []
    for name in (exposedPorts + host.portBindings.map(\.containerPort)).sorted() where names.last != name {
      names.append(name)
    }
    return names
  }
}

extension PortBinding {
  /// `tcp` or `udp`.
  var networkProtocol: String {
    guard let slash = containerPort.lastIndex(of: "/") else { return "tcp" }
    let text = containerPort[containerPort.index(after: slash)...]
    return text.isEmpty ? "tcp" : String(text)
  }
}
