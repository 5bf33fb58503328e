/// One message of the event stream: `GET /events` (spec/04 §4.5).
package struct DockerEvent: Sendable, Hashable {
  /// What it happened to.
  package enum Kind: String, Sendable, Hashable, CaseIterable {
    case container, image, network, volume, daemon, service, node
  }

  package var kind: Kind
  /// `create`, `start`, `kill`, `die`, `stop`, `oom`, `destroy`, `connect`, `disconnect`, `pull` ...
  package var action: String
  /// Id of the object; its name for images and volumes.
  package var actor: String
  /// Ordered by key: for a container its labels, `image`, `name`, and `exitCode` or `signal`.
  package var attributes: Labels
  package var time: Timestamp

  package init(_ kind: Kind, _ action: String, actor: String, attributes: Labels = Labels(), time: Timestamp) {
    self.kind = kind
    self.action = action
    self.actor = actor
    self.attributes = attributes
    self.time = time
  }

  /// About what the message takes; serves bandwidth only.
  package var estimatedByteCount: Int { 300 + 50 * attributes.pairs.count }
}
