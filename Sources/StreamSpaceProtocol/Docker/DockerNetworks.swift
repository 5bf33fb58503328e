/// The body of a create of a network.
package struct NetworkSpecification: Sendable, Hashable {
  package var name: String
  package var driver: String
  /// Refuse a name that is taken. Engine 20.10 takes a second network of one name when it is false; the agent sends
  /// false (spec/03 §9.2 row 3).
  package var checkDuplicate: Bool
  package var labels: Labels

  package init(name: String, driver: String = "bridge", checkDuplicate: Bool = false, labels: Labels = Labels()) {
    self.name = name
    self.driver = driver
    self.checkDuplicate = checkDuplicate
    self.labels = labels
  }
}

/// A network as inspect and list show it.
package struct NetworkInspection: Sendable, Hashable {
  package var id: String
  package var name: String
  package var driver: String
  /// `local`, or `swarm` for overlays.
  package var scope: String
  package var createdAt: Timestamp
  package var labels: Labels
  /// `172.18.0.0/16`; empty for `host` and `none`.
  package var subnet: String
  package var gateway: String
  /// Running containers that are connected, ordered by id; a list of networks does not show them.
  package var containers: [Member]

  package init(
    id: String, name: String, driver: String, scope: String = "local", createdAt: Timestamp,
    labels: Labels = Labels(), subnet: String = "", gateway: String = "", containers: [Member] = []
  ) {
    self.id = id
    self.name = name
    self.driver = driver
    self.scope = scope
    self.createdAt = createdAt
    self.labels = labels
    self.subnet = subnet
    self.gateway = gateway
    self.containers = containers
  }

  /// One connected container.
  package struct Member: Sendable, Hashable {
    package var id: String
    package var name: String
    /// With the bits of the subnet, for example `172.18.0.2/16`.
    package var address: String

    package init(id: String, name: String, address: String) {
      self.id = id
      self.name = name
      self.address = address
    }
  }
}
