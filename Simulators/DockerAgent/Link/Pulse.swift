import SimulationRuntime
import StreamSpaceProtocol

/// The clockwork of the connection: heartbeats and pings, whose phase survives a reconnection (spec/03 §1.7).
///
/// An idle connection costs a heartbeat every 30 s and a ping every 54 s.
final class Pulse {
  private let context: DockerAgentContext
  private var heartbeat: Ticker?
  private var ping: Ticker?
  private var lastBeat: Instant?
  private var lastPing: Instant?
  /// Writes a frame on the present connection.
  var write: (AgentSocketFrame) -> Bool = { _ in false }
  var activeSessions: () -> Int = { 0 }
  /// Whether this replica leads: then it pings more often (C28).
  var isLeading: () -> Bool = { false }

  private static let beat = EventLabel("docker-agent.heartbeat")
  private static let pinging = EventLabel("docker-agent.ping")

  init(_ context: DockerAgentContext) { self.context = context }

  /// Beats from now on; goes on with the phase it has.
  func start() {
    ping?.period = pingPeriod
    guard heartbeat == nil else { return }
    if context.configuration.heartbeatInterval <= .zero, context.behaviour.zeroInterval == .panics {
      return context.incarnation.panic("non-positive interval for NewTicker")
    }
    heartbeat = context.incarnation.every(context.configuration.effectiveHeartbeat, Self.beat) { [weak self] in
      self?.sendHeartbeat()
    }
    ping = context.incarnation.every(pingPeriod, Self.pinging) { [weak self] in self?.sendPing() }
  }

  func stop() {
    heartbeat?.stop()
    ping?.stop()
    heartbeat = nil
    ping = nil
  }

  private var pingPeriod: TimeSpan {
    if context.behaviour.pingPeriod == .heartbeatInterval { return context.configuration.effectiveHeartbeat }
    return isLeading() ? DockerAgentTiming.leaderPing : DockerAgentTiming.ping
  }

  private func sendPing() {
    lastPing = context.now
    guard !twoWritersMeet() else { return }
    _ = write(.ping)
    // A replica that leads now pings at another rate.
    ping?.period = pingPeriod
  }

  private func sendHeartbeat() {
    lastBeat = context.now
    guard !twoWritersMeet() else { return }
    let beat = AgentHeartbeat(activeSessions: activeSessions(), capacity: context.capacityReport)
    let time = context.calendar
    switch context.behaviour.heartbeatShape {
    case .contract: _ = write(.fromAgent(AgentEnvelope(at: time, zoneMinutes: context.configuration.zoneMinutes, .heartbeat(beat))))
    case .epochTimestamp:
      let seconds = EnvelopeTimestamp.unixSeconds(time.nanosecondsSince1970 / 1_000_000_000)
      _ = write(.fromAgent(AgentEnvelope(timestamp: seconds, .heartbeat(beat))))
    case .flat:
      var document = JSONObject(reserving: 6)
      document.add("type", "heartbeat")
      document.add("timestamp", time)
      document.add("agentId", context.configuration.agentID)
      if case .object(let fields) = beat.json {
        for member in fields.members { document.add(member.key, member.value) }
      }
      _ = write(.text(Array(JSONWriter.text(of: .object(document)).utf8)))
    }
  }

  /// The library allows one writer: a heartbeat beside a ping ends the process.
  private func twoWritersMeet() -> Bool {
    guard context.behaviour.writers == .two, let lastBeat, lastBeat == lastPing else { return false }
    context.incarnation.panic("concurrent write to websocket connection")
    return true
  }
}
