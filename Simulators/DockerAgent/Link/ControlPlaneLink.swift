import AgentStreaming
import SimulationRuntime
import StreamSpaceProtocol

/// The agent's connection to the control plane over a whole life or term: attempts, waits, polls, losses (C26).
final class ControlPlaneLink {
  private enum State {
    case stopped
    /// Until the next attempt or poll.
    case waiting(EventToken)
    /// Key and inventory are looked up.
    case preparing
    case attempting(RegistrationRound)
    case connected(AgentConnection)
    /// The reader has ended, and with it the agent (B-46).
    case spent
  }

  private let context: DockerAgentContext
  private let key: AgentKeyring
  private var state = State.stopped
  private var schedule: ReconnectSchedule
  private let jitter: DecisionStream
  /// Counts attempts and stops, so that what belongs to an old one is known as such.
  private var generation = 0
  private var endpointIndex = 0
  /// Since when there is no connection; nil while there is one, and where nobody waits for one.
  private(set) var disconnectedSince: Instant?
  let pulse: Pulse

  /// The leader's term, with an election only.
  var term: () -> Int64? = { nil }
  /// Whether this process may present itself as the agent now (C28).
  var mayPresent: () -> Bool = { true }
  var inventoryTaken: (ContainerInventory) -> Void = { _ in }
  var received: (ServerMessage) -> Void = { _ in }
  /// A connection stands; whether its control plane speaks the contract's frames (C33).
  var connected: (_ speaksContract: Bool) -> Void = { _ in }
  /// The connection is gone.
  var disconnected: () -> Void = {}
  /// Where the data on the connection comes from.
  weak var tunnels: Tunnels?
  /// The control plane took this replica, with its term.
  var accepted: () -> Void = {}
  /// The control plane knows a newer term: the election decides what follows.
  var staleTerm: (Int64) -> Void = { _ in }
  /// The control plane gave the agent's id to another instance; the text says how that showed.
  var otherHolder: (String) -> Void = { _ in }
  /// An administrator rejected this agent.
  var rejected: () -> Void = {}
  /// The reader has ended for good (B-46).
  var ended: () -> Void = {}

  private static let next = EventLabel("docker-agent.connect")

  init(_ context: DockerAgentContext, key: AgentKeyring) {
    self.context = context
    self.key = key
    schedule = ControlPlaneLink.schedule(context.behaviour)
    jitter = context.incarnation.decisions.stream("docker-agent.reconnect")
    pulse = Pulse(context)
    pulse.write = { [weak self] frame in self?.connection?.write(frame) ?? false }
  }

  private static func schedule(_ behaviour: DockerAgentBehaviour) -> ReconnectSchedule {
    guard case .forEver(let waits) = behaviour.reconnection else { return ReconnectSchedule(.exact, .startsAgain) }
    return ReconnectSchedule(waits, .startsAgain)
  }

  var connection: AgentConnection? { if case .connected(let connection) = state { connection } else { nil } }

  var isConnected: Bool { connection != nil }

  /// Whether the agent is over though its process lives (B-46).
  var isSpent: Bool { if case .spent = state { true } else { false } }

  /// Sends a message; false when there is no connection to send it on. Nothing is kept for the next connection: the
  /// control plane asks again (C10).
  @discardableResult
  func send(_ message: AgentMessage) -> Bool {
    let envelope = AgentEnvelope(timestamp: timestamp(of: message), message)
    return connection?.write(envelope.frame(in: context.configuration.zone)) ?? false
  }

  /// The flat answers of the shipped agent carry a number or nothing (spec/03 §1.6).
  private func timestamp(of message: AgentMessage) -> EnvelopeTimestamp {
    let time = context.calendar
    return switch message {
    case .commandResponse: .unixSeconds(time.nanosecondsSince1970 / 1_000_000_000)
    case .commandError, .shutdownAck: .absent
    case .pong(let agentID) where agentID != nil: .absent
    default: .at(time)
    }
  }

  // MARK: Start and stop

  /// Connects now.
  func start() {
    guard case .stopped = state else { return }
    disconnectedSince = context.now
    schedule = Self.schedule(context.behaviour)
    attempt(0)
  }

  /// Ends the connection in order and makes no other.
  func stop(_ reason: String) {
    generation += 1
    let before = state
    if !isSpent { state = .stopped }
    pulse.stop()
    switch before {
    case .waiting(let timer): context.incarnation.cancel(timer)
    case .attempting(let round): round.cancel()
    case .connected(let connection):
      connection.close(reason)
      context.observe(.disconnected(reason: reason))
      disconnected()
    case .stopped, .preparing, .spent: break
    }
  }

  /// Tries again now instead of later: the reason for the last refusal is gone.
  func retryNow() {
    guard case .waiting(let timer) = state else { return }
    context.incarnation.cancel(timer)
    attempt(schedule.attempts)
  }

  // MARK: Attempts

  private func attempt(_ number: Int) {
    generation += 1
    let begun = generation
    state = .preparing
    context.observe(.attempt(number))
    key.lookUp { [weak self] in
      guard let self, self.generation == begun else { return }
      self.takeInventory(number)
    }
  }

  private func takeInventory(_ number: Int) {
    let begun = generation
    guard context.behaviour.reportsInventory else { return register(nil, number) }
    ContainerInventory.take(context) { [weak self] inventory in
      guard let self, self.generation == begun else { return }
      if let inventory { self.inventoryTaken(inventory) }
      self.register(inventory, number)
    }
  }

  private func register(_ inventory: ContainerInventory?, _ number: Int) {
    let endpoints = context.configuration.controlPlane
    guard !endpoints.isEmpty else { return failed(number, "no control plane is configured") }
    let endpoint = endpoints[endpointIndex % endpoints.count]
    let round = RegistrationRound(context, to: endpoint, key: key)
    round.term = { [weak self] in self?.term() }
    round.mayPresent = { [weak self] in self?.mayPresent() ?? false }
    round.ended = { [weak self] outcome in self?.take(outcome, number) }
    state = .attempting(round)
    round.begin(inventory)
  }

  private func take(_ outcome: RegistrationRound.Outcome, _ number: Int) {
    switch outcome {
    case .connected(let socket): established(socket)
    case .pending:
      context.observe(.approvalPending)
      wait(DockerAgentTiming.approvalPoll, then: number)
    case .rejected:
      generation += 1
      state = .stopped
      context.observe(.gaveUp(reason: "agent registration was rejected by administrator"))
      rejected()
    case .keyIssued:
      context.observe(.keyReceived)
      attempt(number)
    case .staleTerm(let current):
      failed(number, "stale leader term, the control plane knows \(current)")
      staleTerm(current)
    case .idInUse(let reason):
      failed(number, reason)
      otherHolder(reason)
    case .failed(let reason): failed(number, reason)
    }
  }

  private func failed(_ number: Int, _ reason: String) {
    endpointIndex += 1
    retry(after: reason, number)
  }

  private func retry(after reason: String, _ number: Int) {
    guard case .forEver = context.behaviour.reconnection else { return giveUp(reason) }
    let nanoseconds = schedule.nextWait { low, high in
      context.incarnation.decisions.draw(jitter, from: .nanoseconds(low), to: .nanoseconds(high)).nanoseconds
    }
    guard let wait = nanoseconds.map(TimeSpan.nanoseconds) else { return giveUp(reason) }
    context.observe(.attemptFailed(number, reason: reason, wait: wait))
    self.wait(wait, then: schedule.attempts)
  }

  private func wait(_ span: TimeSpan, then number: Int) {
    generation += 1
    state = .waiting(context.incarnation.after(span, Self.next) { [weak self] in self?.attempt(number) })
  }

  /// One log line, then the process idles (HZ-21).
  private func giveUp(_ reason: String) {
    generation += 1
    state = .stopped
    disconnectedSince = nil
    pulse.stop()
    context.observe(.gaveUp(reason: reason))
  }

  // MARK: Connection

  private func established(_ socket: Socket) {
    var speaksContract = false
    if case .attempting(let round) = state {
      speaksContract = context.behaviour.namesProtocol && round.peerProtocol == AgentMetadata.contractProtocol
    }
    let connection = AgentConnection(context, socket)
    connection.tunnels = tunnels
    connection.received = { [weak self] message in self?.received(message) }
    connection.lost = { [weak self] connection, reason in self?.lost(connection, reason) }
    state = .connected(connection)
    disconnectedSince = nil
    schedule.succeeded()
    pulse.start()
    context.observe(.connected)
    connected(speaksContract)
    accepted()
  }

  private func lost(_ connection: AgentConnection, _ reason: String) {
    guard self.connection === connection else { return }
    disconnectedSince = connection.lostSince ?? context.now
    state = .preparing
    context.observe(.disconnected(reason: reason))
    disconnected()
    if case .never = context.behaviour.reconnection {
      giveUp(reason)
      state = .spent
      return ended()
    }
    retry(after: reason, 0)
    if connection.wasTakenOver { otherHolder(reason) }
  }
}
