import SimulationRuntime
import StreamSpaceProtocol

/// What the cluster gives to objects: uids, addresses, names (spec/04 §4.1, §4.4).
extension KubernetesCluster {
  func freshUID() -> String { simulation.decisions.uuid(identifiers) }

  /// The address of a new pod: 10.244.x.y, then 10.245 and on; no other pod has or had it, since hosts of the simulated
  /// network are named by it.
  func freshPodAddress() -> String {
    addresses.pods += 1
    return "10.\(244 + addresses.pods >> 16).\(addresses.pods >> 8 & 255).\(addresses.pods & 255)"
  }

  func assignAddress(_ object: KubernetesObject) -> KubernetesObject {
    addresses.services += 1
    let address = "10.96.\(addresses.services >> 8 & 255).\(addresses.services & 255)"
    return store.change(object.reference, at: now) { changed in
      guard case .service(var service) = changed else { return }
      service.clusterIP = address
      changed = .service(service)
    } ?? object
  }

  /// The name of a new pod: `<deployment>-<hash>-<5 characters>` (spec/04 §4.4).
  func podName(of deployment: Deployment) -> String {
    "\(deployment.metadata.name)-\(replicaSetHash(deployment.metadata.uid))-\(letters(5))"
  }

  /// The object with a name made from `generateName`, if it has none of its own: at most 58 of its characters and five
  /// more; another draw if the name is taken, as the API server tries eight times.
  func named(_ object: KubernetesObject) -> KubernetesObject {
    guard object.metadata.name.isEmpty, !object.metadata.generateName.isEmpty else { return object }
    var named = object
    for _ in 0..<8 {
      named.metadata.name = object.metadata.generateName.prefix(58) + letters(5)
      if store.object(named.reference) == nil { break }
    }
    return named
  }

  /// The hash of a deployment's only ReplicaSet: the first nine digits of the uid, in the alphabet of generated names.
  private func replicaSetHash(_ uid: String) -> String {
    let alphabet = Self.nameAlphabet
    let bytes = uid.utf8.filter { $0 != UInt8(ascii: "-") }.prefix(9)
    return String(decoding: bytes.map { alphabet[Int($0) % alphabet.count] }, as: UTF8.self)
  }

  private func letters(_ count: Int) -> String {
    let alphabet = Self.nameAlphabet
    let bytes = (0..<count).map { _ in alphabet[simulation.decisions.choose(identifiers, alphabet.count)] }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Letters of generated names: no vowels, nothing that looks like another (spec/04 §4.4).
  private static let nameAlphabet = Array("bcdfghjklmnpqrstvwxz2456789".utf8)
}
