import AgentStreaming
import SimulationRuntime
import StreamSpaceProtocol

/// One replica of StreamSpace's Kubernetes agent (spec/03 §1 to §4, C26 to C28): connects to the control plane, carries
/// out commands on the cluster, watches its workloads; with an election only while it leads.
package final class KubernetesAgent: Program {
  private let incarnation: Incarnation
  private let configuration: AgentConfiguration
  private let behaviour: AgentBehaviour
  private let client: KubernetesClient
  private let context: PlatformContext
  private let key: AgentKey
  private let link: ControlPlaneLink
  private let runner: CommandRunner
  private let tunnels: Tunnels
  private let inspection: WorkloadInspection
  private let elector: LeaderElector?
  private let observer: (AgentEvent) -> Void
  private var isTerminating = false

  private static let shutdown = EventLabel("agent.shutdown")

  /// `observer` is told of every event of this life.
  package init(
    _ incarnation: Incarnation, configuration: AgentConfiguration, behaviour: AgentBehaviour = AgentBehaviour(),
    observer: @escaping (AgentEvent) -> Void = { _ in }
  ) {
    self.incarnation = incarnation
    self.configuration = configuration
    self.behaviour = behaviour
    self.observer = observer
    client = KubernetesClient(
      incarnation, endpoint: configuration.kubernetes, caller: configuration.instanceID)
    context = PlatformContext(
      incarnation, configuration, behaviour, client: client,
      observe: { event in
        // A life that has ended observes nothing.
        if incarnation.isAlive { observer(event) }
      })
    key = AgentKey(incarnation, client: client, configuration: configuration)
    link = ControlPlaneLink(context, key: key)
    let runner = CommandRunner(context)
    self.runner = runner
    tunnels = Tunnels(incarnation, behaviour.tunnels)
    inspection = WorkloadInspection(
      context, table: { [weak runner] in runner?.sessions ?? SessionTable() },
      update: { [weak runner] in runner?.update($0, $1) }, isIdle: { [weak runner] in runner?.isIdle($0) ?? false },
      moved: { [weak runner] in runner?.workloadMoved($0, $1) }, lost: { [weak runner] in runner?.workloadLost($0) })
    elector =
      configuration.hasElection
      ? LeaderElector(incarnation, client: client, configuration: configuration, behaviour: behaviour.election) : nil
    wire()
    wireTunnels()
  }

  /// The term in which this replica may act now; nil without an election, and when it may not.
  package var term: Int64? { elector?.authorisedTerm }

  /// Whether a WebSocket to the control plane stands.
  package var isConnected: Bool { link.isConnected }

  /// Weak throughout: a crash in the middle of a step frees the program while the step is still on the stack.
  private func wire() {
    runner.send = { [weak self] message in self?.link.writer.send(message) ?? false }
    runner.term = { [weak self] in self?.term }
    runner.mayBegin = { [weak self] in self?.mayAct ?? false }
    runner.pauseReading = { [weak self] in self?.link.socket?.pauseReading() }
    runner.resumeReading = { [weak self] in self?.link.socket?.resumeReading() }
    runner.sessionsChanged = { [weak self] in self?.inspection.arm() }
    link.writer.activeSessions = { [weak self] in self?.runner.sessions.runningCount ?? 0 }
    link.received = { [weak self] message in self?.receive(message) }
    link.inventoryTaken = { [weak self] inventory in self?.runner.take(inventory) }
    link.rejected = { [weak self] in self?.incarnation.exit("agent registration was rejected by administrator") }
    guard let elector else { return }
    client.authority = { [weak self] in self?.authority ?? .none }
    link.term = { [weak self] in self?.term }
    link.mayPresent = { [weak self] in self?.mayAct ?? false }
    link.writer.pingPeriod = { AgentTiming.leaderPing }
    link.staleTerm = { [weak self] current in self?.elector?.meetStaleTerm(current) }
    elector.lastContact = { [weak self] in self?.link.socket?.lastAnswer }
    elector.disconnectedSince = { [weak self] in self?.link.disconnectedSince }
    elector.led = { [weak self] term in
      guard let self else { return }
      self.context.observe(.leading(term: term))
      // Another replica may have been issued the key since this one started (spec/00, Enrolment).
      self.key.load { [weak self] in
        if let self, self.elector?.isLeading == true { self.link.start() }
      }
    }
    elector.termRaised = { [weak self] term in
      self?.context.observe(.leading(term: term))
      self?.link.retryNow()
    }
    elector.forbidden = { [weak self] reason in
      self?.incarnation.exit("leader election is not permitted: \(reason)")
    }
    elector.ended = { [weak self] term, reason in self?.leadershipEnded(term, reason) }
  }

  /// Checked in the same step as each platform write (C28).
  private var authority: KubernetesClient.Authority {
    guard let elector else { return .unfenced }
    guard let term = elector.authorisedTerm else {
      switch behaviour.election.handlersAtLoss {
      case .stopped: return .none
      case .runOn: return .unfenced
      case .runOnWithOldTerm:
        return elector.lastTerm.map { .leader(LeaderTerm(agentID: configuration.agentID, term: $0)) } ?? .none
      }
    }
    guard behaviour.election.platformWrites == .fenced else { return .unfenced }
    return .leader(LeaderTerm(agentID: configuration.agentID, term: term))
  }

  private var mayAct: Bool {
    if case .none = authority { false } else { true }
  }

  private func wireTunnels() {
    tunnels.dial = { [weak self] attempt in
      if let self { PodDial(self.context, attempt).look() }
    }
    tunnels.send = { [weak self] message in self?.link.writer.send(message) ?? false }
    tunnels.dataWaits = { [weak self] in self?.link.writer.pump() }
    tunnels.queuedFrames = { [weak self] in self?.link.writer.queuedFrames ?? 0 }
    tunnels.withdraw = { [weak self] attachment in self?.link.writer.withdraw(attachment) }
    tunnels.lastHeard = { [weak self] in self?.link.socket?.lastHeard }
    tunnels.observe = { [weak self] event in
      switch event {
      case .opened(let session, let attachment, let connection):
        self?.context.observe(.tunnelOpened(session: session, attachment: attachment, connection: connection))
      case .closed(let session, let attachment, let connection, let reason):
        self?.context.observe(
          .tunnelClosed(session: session, attachment: attachment, connection: connection, reason: reason))
      }
    }
    link.writer.tunnels = tunnels
    link.connected = { [weak self] speaksContract in self?.tunnels.connected(speaksContract: speaksContract) }
    link.disconnected = { [weak self] in self?.tunnels.disconnected() }
    runner.started = { [weak self] session in self?.tunnels.sessionStarted(session) }
    runner.ended = { [weak self] session in self?.tunnels.sessionEnded(session) }
  }

  // MARK: Program

  package func start() {
    key.load { [weak self] in
      guard let self, !self.isTerminating else { return }
      if let elector = self.elector { elector.start() } else { self.link.start() }
    }
  }

  /// SIGTERM: work stops, the connection is closed in order, then the lease is freed (B-38 is the other order).
  package func terminate() {
    guard !isTerminating else { return }
    isTerminating = true
    guard let elector, elector.isLeading else {
      elector?.stop()
      stopActing("terminated")
      incarnation.exit("terminated")
      return
    }
    switch behaviour.election.release {
    case .afterStop:
      stopActing("terminated")
      elector.release { [weak self] in self?.incarnation.exit("terminated") }
    case .beforeStop:
      elector.release {}
      incarnation.after(AgentTiming.shutdownLimit, Self.shutdown) { [weak self] in
        self?.stopActing("terminated")
        self?.incarnation.exit("terminated")
      }
    }
  }

  // MARK: Events

  private func receive(_ message: ServerMessage) {
    switch message {
    case .command(let command): runner.receive(command)
    case .ping: link.writer.send(.pong(agentID: nil))
    case .vncOpen, .vncData, .vncCredit, .vncClose: tunnels.receive(message)
    case .shutdown, .unknown:
      context.observe(.ignored(type: message.type))
    }
  }

  private func leadershipEnded(_ term: Int64, _ reason: String) {
    context.observe(.leadershipEnded(term: term, reason: reason))
    if behaviour.election.handlersAtLoss == .stopped {
      stopActing(reason)
    } else {
      tunnels.stop()
      link.stop(reason)
    }
  }

  private func stopActing(_ reason: String) {
    inspection.stop()
    runner.abandonAll()
    tunnels.stop()
    link.stop(reason)
  }
}
