/// The step boundaries of a command inside an agent, in the order in which a start passes them (spec/03 §2.2, §5.2).
/// Each is an instant at which a fault may strike: the step it names has just been done, the next one not yet begun.
package enum AgentStep: String, Sendable, Hashable, CaseIterable {
  /// The command was read from the socket.
  case received
  /// Its ack was handed to the socket.
  case acknowledged
  /// Docker: the network of the sessions is there.
  case network
  /// The workload is made: a Deployment, or a container that does not run yet.
  case workload
  /// Kubernetes: the Service is made.
  case service
  /// What the session keeps is there: the home's claim, or the volumes.
  case volume
  /// Docker: the daemon took the order to run the container.
  case started
  /// The workload was seen ready.
  case ready
  /// The state of the session was handed to the socket.
  case status
  /// The result was handed to the socket.
  case complete
}
