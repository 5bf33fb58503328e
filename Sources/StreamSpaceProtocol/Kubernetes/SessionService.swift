/// The service in front of a session's pod.
package enum SessionService {
  /// What stands behind the session's name in the service's host name (spec/01 §6.6).
  package static let zone = ".streamspace.svc.cluster.local"
}
