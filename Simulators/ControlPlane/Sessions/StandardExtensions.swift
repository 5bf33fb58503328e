extension Replica {
  /// The parts a replica of the product has beside hub and dispatcher, in the order of their installation.
  package static func standardExtensions(of replica: Replica) -> [any ReplicaExtension] {
    let side = UserSide(replica)
    return [side, StreamRelay(replica, side)]
  }
}
