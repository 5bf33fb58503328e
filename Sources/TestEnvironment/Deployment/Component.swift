/// A part of the deployment that can be stopped, killed, paused, cut off.
public enum Component: Sendable, Equatable, Hashable {
  case replica(String)
  /// An agent id with all its processes.
  case agent(String)
  /// One process of an agent by its name (``Environment/instances(of:)``): an election replica.
  case instance(String)
  case redis
  case database
  /// The cluster's API server.
  case kubernetes
  /// The Docker daemon of a host (``Topology/Agent/engine``).
  case docker(host: String)
  /// Every replica and the balancer: what an agent is cut off from when it loses the control plane.
  case controlPlane
}

/// What can be done to a component.
public enum Action: Sendable, Equatable {
  case start
  /// SIGTERM; returns when the process has ended.
  case stop
  /// Nothing runs any more, peers see RST.
  case crash
  /// Nothing runs any more, peers see nothing.
  case vanish
  case pause
  case resume
  /// The platform replaces it as it would a deleted pod, with the start time of spec/06 §10.3.
  case restart
}
