import SimulationRuntime

/// Watches over the connection of an agent while it carries attachments. The control plane pings it every 5 s then, so
/// that 10 s without a frame are the end of them: at this end as at the other, or the desktop would not learn of an
/// owner that is gone, nor the viewer of a way that is dead in one direction alone (C24).
final class SilenceWatch {
  private let incarnation: Incarnation
  private var timer = EventToken.none
  /// When the control plane was last heard of, by the clock without steps; nil without a connection.
  var lastHeard: () -> Instant? = { nil }
  var onSilence: () -> Void = {}

  private static let silence = EventLabel("agent.tunnel.silence")

  init(_ incarnation: Incarnation) { self.incarnation = incarnation }

  /// The connection carries attachments.
  func begin() {
    guard timer == .none, let heard = lastHeard() else { return }
    arm(TunnelTiming.silence - (incarnation.monotonicNow - heard))
  }

  /// It carries none any more.
  func stop() {
    incarnation.cancel(timer)
    timer = .none
  }

  private func arm(_ span: TimeSpan) {
    timer = incarnation.after(max(span, .zero), Self.silence) { [weak self] in self?.judge() }
  }

  private func judge() {
    timer = .none
    guard let heard = lastHeard() else { return }
    let silence = incarnation.monotonicNow - heard
    if silence < TunnelTiming.silence { arm(TunnelTiming.silence - silence) } else { onSilence() }
  }
}
