import SimulationRuntime
import StreamSpaceProtocol

/// The subscription of a replica to its command channel, on a connection of its own.
///
/// It subscribes again after any loss (C3). The connection is probed with PING every 3 s [rec 04]; a
/// probe without answer for another 3 s counts as a loss. Pub/sub keeps nothing: what was published meanwhile is lost.
package final class RedisSubscription {
  /// Time between probes, and the wait for its answer (go-redis default).
  package static let probePeriod = TimeSpan.seconds(3)
  /// Pause after a failed try (go-redis default); it doubles up to ``longestPause``.
  package static let pause = TimeSpan.milliseconds(100)
  package static let longestPause = TimeSpan.milliseconds(800)

  private unowned let incarnation: Incarnation
  private let endpoint: Endpoint
  /// Where the name of Redis leads at a dial.
  var resolve: (Endpoint) -> Endpoint = { $0 }
  private let channel: String
  private var link: RedisLink?
  private var currentPause = RedisSubscription.pause
  private var isStopped = false
  /// Whether the present connection has its subscription confirmed.
  package private(set) var isConfirmed = false
  /// Told of each payload.
  package var onMessage: (([UInt8]) -> Void)?
  /// Told of each confirmation, the first and those after a loss.
  package var onConfirmed: (() -> Void)?
  /// Told when a confirmed subscription is lost, or a try fails.
  package var onLost: (() -> Void)?

  private static let again = EventLabel("controlplane.redis.resubscribe")
  private static let probe = EventLabel("controlplane.redis.probe")

  package init(_ incarnation: Incarnation, endpoint: Endpoint, channel: String) {
    self.incarnation = incarnation
    self.endpoint = endpoint
    self.channel = channel
  }

  /// Begins, and goes on until ``stop()``.
  package func start() {
    connect()
    incarnation.every(Self.probePeriod, Self.probe) { [weak self] in self?.sendProbe() }
  }

  /// Ends the subscription for good.
  package func stop() {
    isStopped = true
    isConfirmed = false
    link?.close()
    link = nil
  }

  private func connect() {
    guard !isStopped, link == nil else { return }
    incarnation.simulation.network.open(from: incarnation, to: resolve(endpoint), timeout: RedisClient.dialLimit) {
      [weak self] outcome in
      guard let self else { return }
      guard case .connected(let socket) = outcome else { return failed() }
      adopt(socket)
    }
  }

  private func adopt(_ socket: Socket) {
    guard !isStopped else { return socket.close() }
    let link = RedisLink(incarnation, socket: socket)
    self.link = link
    link.onMessage = { [weak self] _, payload in self?.onMessage?(payload) }
    link.onEnd = { [weak self, weak link] in
      guard let self, self.link === link else { return }
      self.link = nil
      failed()
    }
    link.send([["SUBSCRIBE", channel]], within: RedisClient.readLimit) { [weak self, weak link] result in
      guard let self, case .success(let answers) = result else { return }
      guard answers.first?.elements?.first?.text == "subscribe" else {
        link?.close()
        return
      }
      isConfirmed = true
      currentPause = Self.pause
      onConfirmed?()
    }
  }

  private func failed() {
    isConfirmed = false
    onLost?()
    guard !isStopped else { return }
    incarnation.after(currentPause, Self.again) { [weak self] in self?.connect() }
    currentPause = min(currentPause * 2, Self.longestPause)
  }

  private func sendProbe() {
    guard isConfirmed, let link else { return }
    link.send([["PING"]], within: Self.probePeriod) { _ in }
  }
}
