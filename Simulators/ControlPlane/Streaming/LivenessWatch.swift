import SimulationRuntime

/// Pings one peer, and tells when it has been silent for too long. Spans are measured with the host's clock without its
/// steps.
final class LivenessWatch {
  private unowned let incarnation: Incarnation
  private let limit: TimeSpan
  private let lastHeard: () -> Instant
  private let onSilence: () -> Void
  private let onPing: () -> Void
  private let period: TimeSpan
  private var pinger: Ticker?
  private var deadline = EventToken.none
  private var began = Instant.start

  private static let ping = EventLabel("controlplane.stream.ping")
  private static let silence = EventLabel("controlplane.stream.silence")

  /// `lastHeard`: when the peer was last heard of.
  init(
    _ incarnation: Incarnation, every period: TimeSpan, limit: TimeSpan, lastHeard: @escaping () -> Instant,
    ping: @escaping () -> Void, silent: @escaping () -> Void
  ) {
    self.incarnation = incarnation
    self.period = period
    self.limit = limit
    self.lastHeard = lastHeard
    onPing = ping
    onSilence = silent
  }

  /// Silence counts from now, at the earliest.
  func begin() {
    guard pinger == nil else { return }
    began = incarnation.monotonicNow
    pinger = incarnation.every(period, Self.ping) { [weak self] in self?.onPing() }
    arm(limit)
  }

  func stop() {
    pinger?.stop()
    pinger = nil
    incarnation.cancel(deadline)
    deadline = .none
  }

  private func arm(_ span: TimeSpan) {
    deadline = incarnation.after(span, Self.silence) { [weak self] in self?.judge() }
  }

  private func judge() {
    guard pinger != nil else { return }
    let silence = incarnation.monotonicNow - max(began, lastHeard())
    if silence < limit { return arm(limit - silence) }
    stop()
    onSilence()
  }
}
