import SimulationRuntime
import StreamSpaceProtocol

/// The addresses under which replicas take relays: `pod:{POD_NAME}:addr` in Redis (spec/00, Relay). Without Redis there
/// is no other replica.
final class RelayDirectory {
  /// Deletes the key if it still says what this replica wrote.
  private static let compareAndDelete = RedisScript(
    "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0")
  private static let renewal = EventLabel("controlplane.relay.address")

  private unowned let replica: Replica

  init(_ replica: Replica) { self.replica = replica }

  private var key: String { RouteKeys.address(pod: replica.podName) }

  /// Where this replica listens.
  private var own: String {
    let host = replica.configuration.relayHost ?? replica.incarnation.host.name
    return "\(host):\(replica.configuration.port)"
  }

  /// Writes the own address, now and again and again.
  func begin() {
    guard replica.redis != nil else { return }
    replica.incarnation.every(StreamTiming.addressRenewal, first: .zero, Self.renewal) { [unowned self] in renew() }
  }

  /// Writes the own address. Also done at once when Redis is back, as for routes (C2): else no viewer could be opened
  /// through another replica for a minute after it was emptied (I-VNC-OPEN).
  func renew() {
    let life = String(StreamTiming.addressLifetimeSeconds)
    replica.redis?.call(["SET", key, own, "EX", life]) { _ in }
  }

  /// Where another replica listens; nil when it is not known.
  func address(of pod: String, _ done: @escaping (Endpoint?) -> Void) {
    guard let redis = replica.redis else { return done(nil) }
    redis.call(["GET", RouteKeys.address(pod: pod)]) { result in
      done((try? result.get())?.text.flatMap(Self.endpoint))
    }
  }

  /// Takes the own address back.
  func remove(_ done: @escaping () -> Void) {
    guard let redis = replica.redis else { return done() }
    redis.run(Self.compareAndDelete, keys: [key], arguments: [own]) { _ in done() }
  }

  /// The last colon parts host and port.
  static func endpoint(_ text: String) -> Endpoint? {
    guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]), port > 0 else {
      return nil
    }
    let host = String(text[..<colon])
    return host.isEmpty ? nil : Endpoint(host: host, port: port)
  }
}
