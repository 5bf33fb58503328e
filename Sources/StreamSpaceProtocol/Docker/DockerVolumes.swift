/// The body of a create of a volume.
package struct VolumeSpecification: Sendable, Hashable {
  /// Empty: the engine thinks of one.
  package var name: String
  package var labels: Labels

  package init(name: String, labels: Labels = Labels()) {
    self.name = name
    self.labels = labels
  }
}

/// A volume as create, inspect and list show it.
package struct VolumeInspection: Sendable, Hashable {
  package var name: String
  package var driver: String
  package var mountpoint: String
  /// In whole seconds on the wire.
  package var createdAt: Timestamp
  package var labels: Labels

  package init(
    name: String, driver: String = "local", mountpoint: String, createdAt: Timestamp, labels: Labels = Labels()
  ) {
    self.name = name
    self.driver = driver
    self.mountpoint = mountpoint
    self.createdAt = createdAt
    self.labels = labels
  }
}
