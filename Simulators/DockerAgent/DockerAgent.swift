import AgentStreaming
import SimulationRuntime
import StreamSpaceProtocol

/// One replica of StreamSpace's Docker agent (spec/03 §5, §6; C26 to C29, C33): connects to the control plane, carries
/// out commands on its daemon, watches its containers; with an election only while it leads.
package final class DockerAgent: Program {
  private let incarnation: Incarnation
  private let context: DockerAgentContext
  private let link: ControlPlaneLink
  private let runner: CommandRunner
  private let tunnels: Tunnels
  private let watch: ContainerWatch
  private let elector: LockElector?
  private var isTerminating = false

  private static let shutdown = EventLabel("docker-agent.shutdown")
  /// What a terminating process may take after it freed its lock too early (B-38; spec/03 §8.1: 500 ms).
  private static let exitDelay = TimeSpan.milliseconds(500)

  /// `lock`: where the replicas of the agent elect their leader; nil without an election, and then nothing is fenced.
  /// `keys`: where an issued key is kept; nil: beside the lock, and without that only in the process.
  /// `observer` is told of every event of this life, at its instant.
  package init(
    _ incarnation: Incarnation, configuration: DockerAgentConfiguration, lock: LockStore? = nil,
    keys: AgentKeyPlace? = nil, behaviour: DockerAgentBehaviour = DockerAgentBehaviour(),
    observer: @escaping (DockerAgentEvent) -> Void = { _ in }
  ) {
    self.incarnation = incarnation
    let (agentID, instanceID) = (configuration.agentID, configuration.instanceID)
    context = DockerAgentContext(incarnation, configuration, behaviour, observer: observer)
    let place = keys ?? lock.flatMap { AgentKeyPlace(besides: $0) }
    link = ControlPlaneLink(
      context, key: AgentKeyring(configuration.key, store: place?.store(incarnation, agentID: agentID)))
    runner = CommandRunner(context)
    tunnels = Tunnels(incarnation, behaviour.tunnels)
    watch = ContainerWatch(context, runner)
    elector = lock.map { lock in
      LockElector(
        incarnation,
        backend: lock.backend(
          incarnation, agentID: agentID, instanceID: instanceID, behaviour: behaviour.election),
        identity: instanceID, behaviour: behaviour.election)
    }
    wire()
    wireTunnels()
  }

  /// The term in which this replica may act now; nil without an election, and when it may not.
  package var term: Int64? { elector?.authorisedTerm }

  /// Whether a WebSocket to the control plane stands.
  package var isConnected: Bool { link.isConnected }

  /// The environment put a running session in place (capability `seed-state`): the agent knows it as if it had started
  /// it, and watches its container.
  package func adopt(session: String, containerID: String, name: String) {
    runner.adopt(session, LiveContainer(id: containerID, name: name))
  }

  // MARK: Wiring

  /// Weak throughout: a crash in the middle of a step frees the program while the step is still on the stack.
  private func wire() {
    runner.send = { [weak self] message in self?.link.send(message) ?? false }
    runner.term = { [weak self] in self?.term }
    runner.pauseReading = { [weak self] in self?.link.connection?.pauseReading() }
    runner.resumeReading = { [weak self] in self?.link.connection?.resumeReading() }
    runner.sessionsChanged = { [weak self] in self?.watch.arm() }
    link.pulse.activeSessions = { [weak self] in self?.runner.sessions.runningCount ?? 0 }
    link.received = { [weak self] message in self?.receive(message) }
    link.inventoryTaken = { [weak self] inventory in self?.runner.take(inventory) }
    link.rejected = { [weak self] in self?.incarnation.exit("agent registration was rejected by administrator") }
    link.ended = { [weak self] in self?.stopWork() }
    if let elector { wire(elector) }
  }

  private func wireTunnels() {
    tunnels.dial = { [weak self] attempt in
      if let self { ContainerDial(self.context, attempt).look() }
    }
    tunnels.send = { [weak self] message in self?.link.send(message) ?? false }
    tunnels.dataWaits = { [weak self] in self?.link.connection?.pump() }
    tunnels.queuedFrames = { [weak self] in self?.link.connection?.queuedFrames ?? 0 }
    tunnels.withdraw = { [weak self] attachment in self?.link.connection?.withdraw(attachment) }
    tunnels.lastHeard = { [weak self] in self?.link.connection?.lastHeard }
    tunnels.observe = { [weak self] event in
      switch event {
      case .opened(let session, let attachment, let connection):
        self?.context.observe(.tunnelOpened(session: session, attachment: attachment, connection: connection))
      case .closed(let session, let attachment, let connection, let reason):
        self?.context.observe(
          .tunnelClosed(session: session, attachment: attachment, connection: connection, reason: reason))
      }
    }
    link.tunnels = tunnels
    link.connected = { [weak self] speaksContract in self?.tunnels.connected(speaksContract: speaksContract) }
    link.disconnected = { [weak self] in self?.tunnels.disconnected() }
    // The shipped agent, whom a control plane without the contract expects, has no tunnels.
    runner.started = { [weak self] session in
      if let self, self.tunnels.speaksContract { self.tunnels.sessionStarted(session) }
    }
    runner.ended = { [weak self] session in self?.tunnels.sessionEnded(session) }
  }

  private func wire(_ elector: LockElector) {
    context.daemon.authority = { [weak self] in self?.authority ?? .none }
    runner.mayBegin = { [weak self] in self?.mayAct ?? false }
    link.term = { [weak self] in self?.term }
    link.mayPresent = { [weak self] in self?.mayAct ?? false }
    link.pulse.isLeading = { [weak self] in self?.elector?.isLeading ?? false }
    link.accepted = { [weak self] in self?.elector?.meetAcceptance() }
    link.staleTerm = { [weak self] current in self?.elector?.meetStaleTerm(current) }
    link.otherHolder = { [weak self] reason in _ = self?.elector?.meetOtherHolder(reason) }
    elector.lastContact = { [weak self] in self?.link.connection.flatMap { self?.shown($0.lastAnswer) } }
    elector.disconnectedSince = { [weak self] in self?.link.disconnectedSince.flatMap { self?.shown($0) } }
    elector.led = { [weak self] term in
      self?.context.observe(.leading(term: term))
      self?.link.start()
    }
    elector.termRaised = { [weak self] term in
      self?.context.observe(.leading(term: term))
      self?.link.retryNow()
    }
    elector.ended = { [weak self] term, reason in self?.leadershipEnded(term, reason) }
    elector.refused = { [weak self] reason in self?.context.observe(.gaveUp(reason: reason)) }
  }

  /// A time of the clock without steps, as the host's clock would show it now.
  private func shown(_ time: Instant) -> Instant { incarnation.now - (incarnation.monotonicNow - time) }

  /// Checked in the same step as each platform write (C28).
  private var authority: DaemonClient.Authority {
    switch elector?.writeAuthority {
    case nil, .unfenced?: .unfenced
    case .some(.none): .none
    case .term(let term)?: .leader(LeaderTerm(agentID: context.configuration.agentID, term: term))
    }
  }

  private var mayAct: Bool {
    if case .none = authority { false } else { true }
  }

  // MARK: Program

  package func start() {
    if let elector { elector.start() } else { link.start() }
  }

  /// SIGTERM: work stops, the connection is closed in order, the lock is released last (B-38 is the other order).
  package func terminate() {
    guard !isTerminating else { return }
    isTerminating = true
    // The reader closed the stop channel already (B-46).
    if link.isSpent { return incarnation.panic("close of closed channel") }
    guard let elector, elector.isLeading else {
      elector?.stop()
      stopActing("terminated")
      return incarnation.exit("terminated")
    }
    switch context.behaviour.election.release {
    case .afterStop:
      stopActing("terminated")
      elector.release { [weak self] in self?.incarnation.exit("terminated") }
    case .beforeStop:
      elector.release {}
      incarnation.after(Self.exitDelay, Self.shutdown) { [weak self] in
        self?.stopActing("terminated")
        self?.incarnation.exit("terminated")
      }
    }
  }

  // MARK: Events

  private func receive(_ message: ServerMessage) {
    switch message {
    case .command(let command): runner.receive(command)
    case .ping:
      link.send(
        .pong(agentID: context.behaviour.replies == .contract ? nil : context.configuration.agentID))
    case .vncOpen, .vncData, .vncCredit, .vncClose:
      guard context.behaviour.streaming == .supported else { return context.observe(.ignored(type: message.type)) }
      tunnels.receive(message)
    case .shutdown, .unknown:
      context.observe(.ignored(type: message.type))
    }
  }

  private func leadershipEnded(_ term: Int64, _ reason: String) {
    context.observe(.leadershipEnded(term: term, reason: reason))
    if case .never = context.behaviour.reconnection {
      // The stop closes the socket, and the reader closes the stop channel once more (B-46).
      stopActing(reason)
      return incarnation.panic("close of closed channel")
    }
    if context.behaviour.election.handlersAtLoss == .runOn {
      tunnels.stop()
      link.stop(reason)
    } else {
      stopActing(reason)
    }
  }

  private func stopWork() {
    watch.stop()
    runner.abandonAll()
    tunnels.stop()
  }

  private func stopActing(_ reason: String) {
    stopWork()
    link.stop(reason)
  }
}
