/// v1 Service: one port, 3000 to 3000, whatever the template says [rec 12].
package struct Service: Sendable, Hashable {
  package var metadata: ObjectMetadata
  package var selector: Labels
  /// Assigned at creation, immutable.
  package var clusterIP: String
  package var port: Int
  package var targetPort: Int

  package init(metadata: ObjectMetadata, selector: Labels, port: Int, targetPort: Int) {
    self.metadata = metadata
    self.selector = selector
    self.port = port
    self.targetPort = targetPort
    clusterIP = ""
  }

  /// The port of every session's service (spec/03 §3).
  package static let sessionPort = 3000
}

/// v1 PersistentVolumeClaim: the home of a session with persistentHome.
package struct PersistentVolumeClaim: Sendable, Hashable {
  package var metadata: ObjectMetadata
  /// For example `10Gi`.
  package var storage: String
  package var storageClass: String
  package var isBound: Bool

  package init(metadata: ObjectMetadata, storage: String = "10Gi", storageClass: String = "standard") {
    self.metadata = metadata
    self.storage = storage
    self.storageClass = storageClass
    isBound = false
  }
}

/// v1 Secret: holds an agent's issued key (spec/00, Enrolment).
package struct Secret: Sendable, Hashable {
  package var metadata: ObjectMetadata
  package var data: Labels

  package init(metadata: ObjectMetadata, data: Labels) {
    self.metadata = metadata
    self.data = data
  }

  /// Name of the Secret of an agent's key.
  package static func agentKeyName(_ agentID: String) -> String { "streamspace-agent-\(agentID)-key" }
  /// The key in ``data``.
  package static let agentKeyField = "apiKey"
}
