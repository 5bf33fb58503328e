/// What of a deployment is offered on sockets.
package enum ServedPart: String, Sendable, Hashable, CaseIterable {
  /// The balancer and each replica.
  case api
  case redis
  /// A unix socket for each engine.
  case docker
}
