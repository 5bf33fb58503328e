/// coordination.k8s.io/v1 Lease (spec/04 §4.3). The API server gives it no meaning; all logic is in the clients.
package struct Lease: Sendable, Hashable {
  package var metadata: ObjectMetadata
  package var spec: Spec

  package init(metadata: ObjectMetadata, spec: Spec) {
    self.metadata = metadata
    self.spec = spec
  }

  /// The record that candidates compare.
  package struct Spec: Sendable, Hashable {
    /// Empty after a release.
    package var holder: String
    /// 15 for StreamSpace's agents; 1 after a release.
    package var durationSeconds: Int64
    /// In whole microseconds.
    package var acquireTime: Timestamp
    /// In whole microseconds.
    package var renewTime: Timestamp
    /// Changes of the holder: the leader's term (C28).
    package var transitions: Int64

    package init(
      holder: String, durationSeconds: Int64, acquireTime: Timestamp, renewTime: Timestamp, transitions: Int64
    ) {
      self.holder = holder
      self.durationSeconds = durationSeconds
      self.acquireTime = acquireTime
      self.renewTime = renewTime
      self.transitions = transitions
    }
  }

  private static let prefix = "streamspace-agent-"

  /// Name of the Lease of an agent id (spec/03 §3).
  package static func agentLeaseName(_ agentID: String) -> String { prefix + agentID }

  /// The agent id behind the name of a Lease, nil for another's.
  package static func agentID(ofLease name: String) -> String? {
    name.hasPrefix(prefix) ? String(name.dropFirst(prefix.count)) : nil
  }
}
