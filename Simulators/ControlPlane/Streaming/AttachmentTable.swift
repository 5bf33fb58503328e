import OrderedCollections
import SimulationRuntime
import StreamSpaceProtocol

/// The one map session to attachment, at the replica that holds the agent: it alone decides takeovers, so that viewers
/// on several replicas are settled in one place.
package final class AttachmentTable {
  unowned let replica: Replica
  private let policies: StreamingPolicies
  private var attachments: OrderedDictionary<String, Attachment> = [:]
  /// Watches over connections that carry attachments (C24), by their socket.
  private var watches: OrderedDictionary<Int, LivenessWatch> = [:]
  private var backlogs = LegacyBacklogs()
  private let counts: ViewerCounts
  private let choices: DecisionStream
  /// Told when the table is no longer, or again, empty.
  var onOccupancy: ((Bool) -> Void)?

  private static let cleanUp = EventLabel("controlplane.attachment.late-cleanup")
  private static let patience = EventLabel("controlplane.attachment.takeover")

  init(_ replica: Replica) {
    self.replica = replica
    policies = replica.behaviour.streaming
    counts = ViewerCounts(replica)
    choices = replica.incarnation.decisions.stream("controlplane.stream.\(replica.incarnation.process.name)")
  }

  /// Sessions with an attachment.
  package var sessions: [String] { Array(attachments.keys) }
  package var isEmpty: Bool { attachments.isEmpty }
  /// Whether nothing is left that belongs to an attachment.
  package var holdsNothing: Bool { attachments.isEmpty && watches.isEmpty && counts.isSettled }

  /// The attachment of a session.
  package func attachment(of session: String) -> Attachment? { attachments[session] }

  // MARK: Attach

  /// Attaches a viewer; false when this replica does not hold the agent. `connected` is called before anything else
  /// happens to the attachment.
  func attach(
    id: String, session: String, agentID: String, edge: String, client: any AttachmentClient,
    connected: (Attachment) -> Void
  ) -> Bool {
    guard let connection = replica.hub.connection(of: agentID), connection.isOpen, connection.isRegistered else {
      return false
    }
    let newcomer = Attachment(
      self, id: id, session: session, edge: edge, connection: connection, client: client)
    let older = attachments[session]
    let wasEmpty = attachments.isEmpty
    attachments[session] = newcomer
    replica.tell(.attachmentOpened(session: session, attachment: id, agentID: agentID, edge: edge))
    watch(connection)
    if wasEmpty { onOccupancy?(true) }
    connected(newcomer)
    if let older { takeOver(older, by: newcomer) } else { open(newcomer) }
    return true
  }

  private func open(_ attachment: Attachment) {
    guard attachments[attachment.session] === attachment else { return }
    attachment.open()
    guard !attachment.connection.speaksContract else { return }
    for chunk in backlogs.take(attachment.session, of: attachment.connection) { attachment.take(chunk) }
  }

  /// The older viewer is closed, and only then the newer one's tunnel opened.
  private func takeOver(_ older: Attachment, by newcomer: Attachment) {
    if policies.takeover == .bySession { return replaceBySession(older, newcomer) }
    if older.isReady { counts.ended(older) }
    older.finish(.takenOver)
    told(older, .takenOver)
    let client = older.release()
    if policies.leftovers == .givenToSuccessor, let client { newcomer.leftovers = client.cut() }
    var isOpened = false
    let next = { [weak self, weak newcomer] in
      guard let self, let newcomer, !isOpened else { return }
      isOpened = true
      open(newcomer)
    }
    guard let client else { return next() }
    replica.incarnation.after(StreamTiming.takeover, Self.patience, next)
    client.attachmentEnded(.takenOver, next)
  }

  /// The older socket is cut, its place taken; the clean-up of its relay comes later and finds the newer (B-57).
  private func replaceBySession(_ older: Attachment, _ newcomer: Attachment) {
    _ = older.release()?.cut()
    older.finish(AttachmentEnd(.abnormal, "", told: nil))
    told(older, .takenOver)
    newcomer.open()
    let wait = replica.incarnation.decisions.draw(choices, from: .milliseconds(1), to: .milliseconds(60))
    replica.incarnation.after(wait, Self.cleanUp) { [weak self, weak newcomer] in
      guard let self, let newcomer, attachments[newcomer.session] === newcomer else { return }
      forget(newcomer)
      newcomer.finish(AttachmentEnd(.abnormal, "", told: .clientDisconnect))
      told(newcomer, .viewerLeft)
    }
  }

  // MARK: End

  /// Ends an attachment for a reason that is found at the owner.
  func end(_ attachment: Attachment, _ end: AttachmentEnd) {
    guard attachment.isOpen else { return }
    forget(attachment)
    attachment.finish(end)
    told(attachment, end)
    attachment.release()?.attachmentEnded(end) {}
  }

  /// The viewer has ended.
  func viewerEnded(_ attachment: Attachment, _ end: AttachmentEnd) {
    guard attachment.isOpen else { return }
    if policies.viewerEnd == .takenByTicker, attachment.peak > 0, end == .viewerLeft,
      replica.incarnation.decisions.choose(choices, 3) != 0
    {
      return
    }
    forget(attachment)
    attachment.finish(end)
    _ = attachment.release()
    told(attachment, end)
  }

  private func told(_ attachment: Attachment, _ end: AttachmentEnd) {
    replica.tell(
      .attachmentEnded(
        session: attachment.session, attachment: attachment.id, code: end.code, reason: end.reason))
  }

  private func forget(_ attachment: Attachment) {
    guard attachments[attachment.session] === attachment else { return }
    attachments.removeValue(forKey: attachment.session)
    if attachment.isReady { counts.ended(attachment) }
    unwatch(attachment.connection)
    if attachments.isEmpty { onOccupancy?(false) }
  }

  func becameReady(_ attachment: Attachment) {
    replica.tell(.attachmentReady(session: attachment.session, attachment: attachment.id))
    counts.ready(attachment)
  }

  /// Ends all attachments that one connection carries.
  private func endAll(of connection: Int, _ end: AttachmentEnd) {
    for attachment in attachments.values where attachment.connection.identity.connection == connection {
      self.end(attachment, end)
    }
  }

  /// An agent's connection is gone.
  func connectionLost(_ identity: AgentConnectionIdentity) {
    backlogs.forget(identity.connection)
    guard policies.agentLoss == .closesViewers else { return }
    endAll(of: identity.connection, .agentLost)
  }

  /// Ends everything.
  func endAll(_ end: AttachmentEnd) {
    for attachment in Array(attachments.values) { self.end(attachment, end) }
  }

  /// Calls `done` when the counts are written or the time for that is over.
  func settle(_ done: @escaping () -> Void) { counts.settle(done) }

  // MARK: Frames of agents

  /// A `vnc_*` message. What names no live attachment of this connection is dropped.
  func take(_ message: AgentMessage, from identity: AgentConnectionIdentity) {
    switch message {
    case .vncReady(let ready):
      if ready.attachmentID == nil, replica.hub.connection(of: identity.agentID)?.speaksContract == false { return }
      find(ready.sessionID, ready.attachmentID, identity)?.ready(vncPort: ready.vncPort)
    case .vncData(let data): take(data, identity)
    case .vncCredit(let credit):
      find(credit.sessionID, credit.attachmentID, identity)?.credited(credit.bytes)
    case .vncClose(let close):
      guard let attachment = find(close.sessionID, close.attachmentID, identity) else { return }
      // The agent hears nothing of this replica: that has nothing to do with the session, whose state may be out of reach
      // now.
      if close.reason == VNCClose.Reason.agentLost.rawValue { return end(attachment, .lostByAgent) }
      tunnelEnded(attachment, .desktopClosed)
    case .vncError(let error):
      guard let attachment = find(error.sessionID, error.attachmentID, identity) else { return }
      if policies.tunnelError == .panics, attachment.client != nil {
        return replica.incarnation.panic("send on closed channel")
      }
      tunnelEnded(attachment, .tunnelFailed(error.error))
    default: break
    }
  }

  private func find(_ session: String, _ id: String?, _ identity: AgentConnectionIdentity) -> Attachment? {
    guard let attachment = attachments[session], attachment.connection.identity == identity else { return nil }
    if attachment.connection.speaksContract, id != attachment.id { return nil }
    return attachment
  }

  private func take(_ data: VNCData, _ identity: AgentConnectionIdentity) {
    guard let attachment = find(data.sessionID, data.attachmentID, identity) else {
      if data.attachmentID == nil, let connection = replica.hub.connection(of: identity.agentID),
        connection.identity == identity, !connection.speaksContract, attachments[data.sessionID] == nil
      {
        backlogs.add(data, of: connection)
      }
      return
    }
    guard policies.reception == .oneQueuePerAgent else { return attachment.take(data.data) }
    let receivers = attachments.values.filter { $0.connection === attachment.connection }
    let taker = receivers[replica.incarnation.decisions.choose(choices, receivers.count)]
    if taker === attachment { attachment.take(data.data) } else { attachment.lost(data.data) }
  }

  /// The agent's end of the tunnel is gone. When the session has left `running`, that is the reason (4002): the desktop
  /// goes before its command is answered.
  private func tunnelEnded(_ attachment: Attachment, _ end: AttachmentEnd) {
    replica.database.execute(StreamingStatements.states, [.array([attachment.session])]) { [weak self] result in
      guard let self, attachment.isOpen else { return }
      let isRunning = (try? result.get()).map { StreamingStatements.running($0).contains(attachment.session) } ?? true
      guard !isRunning else { return self.end(attachment, end) }
      var left = AttachmentEnd.sessionEnded
      left.told = nil
      self.end(attachment, left)
    }
  }

  // MARK: States of sessions

  /// Closes the viewers of those sessions that are not running any more (4002).
  func lookAtStates(of sessions: [String]) {
    let known = sessions.filter { attachments[$0] != nil }
    guard !known.isEmpty else { return }
    replica.database.execute(StreamingStatements.states, [.array(known)]) { [weak self] result in
      guard let self, let result = try? result.get() else { return }
      let running = StreamingStatements.running(result)
      for session in known where !running.contains(session) {
        if let attachment = attachments[session] { end(attachment, .sessionEnded) }
      }
    }
  }

  // MARK: Watches (C24)

  private func watch(_ connection: AgentConnection) {
    let number = connection.identity.connection
    guard watches[number] == nil, policies.agentLoss == .closesViewers else { return }
    let watch = LivenessWatch(
      replica.incarnation, every: StreamTiming.hopPing, limit: StreamTiming.hopSilence,
      lastHeard: { connection.lastHeard }, ping: { connection.ping() },
      silent: { [weak self] in self?.endAll(of: number, .agentLost) })
    watches[number] = watch
    connection.ping()
    watch.begin()
  }

  private func unwatch(_ connection: AgentConnection) {
    let number = connection.identity.connection
    guard !attachments.values.contains(where: { $0.connection === connection }) else { return }
    watches.removeValue(forKey: number)?.stop()
  }
}
