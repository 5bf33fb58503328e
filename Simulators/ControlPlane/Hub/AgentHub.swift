import OrderedCollections
import SimulationRuntime
import StreamSpaceProtocol

/// The agents that one replica holds: who is connected, what their rows and routes say, and who has fallen silent
/// (spec/01 §1.7, §2; spec/00 C1 to C6).
package final class AgentHub {
  /// Time between sweeps for stale connections and rows (spec/01 §1.6).
  package static let sweepPeriod = TimeSpan.seconds(10)
  /// Slots of the unregister channel (spec/01 §1.6, B-06).
  package static let unregisterSlots = 10
  /// Type of the message that tells a replica to look whether it still holds an agent; an extension to be ignored.
  static let superseded = "superseded"
  /// Wait before a registration that could not be written is tried again.
  package static let registrationRetry = TimeSpan.seconds(1)

  unowned let replica: Replica
  let policies: HubPolicies
  let loop: HubLoop
  /// Set when the replica works with others.
  var routes: RouteRegistry?
  /// Agents whose routes this replica keeps alive although it may not hold them (C-08).
  private var onceHeld: OrderedSet<String> = []
  private var connections: OrderedDictionary<String, AgentConnection> = [:]
  private var pending = PendingRegistrations()
  /// Connections of this life so far.
  private var connectionCount: Int64 = 0

  private static let sweepLabel = EventLabel("controlplane.hub.sweep")
  private static let retryLabel = EventLabel("controlplane.hub.retry")

  init(_ replica: Replica) {
    self.replica = replica
    policies = replica.behaviour.hub
    loop = HubLoop(replica.incarnation, policies) { [unowned replica] in replica.tell($0) }
  }

  /// The replica is ready: periodic work begins.
  func begin() {
    replica.incarnation.every(Self.sweepPeriod, Self.sweepLabel) { [unowned self] in sweep() }
  }

  // MARK: Look-ups

  /// Whether this replica holds a current connection of the agent.
  package func isConnected(_ agentID: String) -> Bool { connections[agentID] != nil }

  /// The current connection of an agent on this replica.
  package func connection(of agentID: String) -> AgentConnection? { connections[agentID] }

  /// The agents of this replica, in the order in which they first connected.
  package var agentIDs: [String] { Array(connections.keys) }

  /// Whether a new connection awaits its row.
  var hasPending: Bool { !pending.isEmpty }

  /// Where an agent is connected.
  package enum Presence {
    case here(AgentConnection)
    /// The shared routes name another replica.
    case elsewhere(pod: String)
    /// Neither here nor in the routes, or Redis does not answer.
    case nowhere
  }

  /// Finds an agent: here, or by its route (spec/01 §2.2).
  package func locate(_ agentID: String, _ done: @escaping (Presence) -> Void) {
    loop.read { [unowned self] in
      if let connection = connections[agentID] { return done(.here(connection)) }
      guard policies.routing == .shared, let routes else { return done(.nowhere) }
      routes.holder(of: agentID) { [unowned self] pod in
        guard let pod else { return done(.nowhere) }
        // The route may name this replica for an agent that has just left.
        if pod == replica.podName {
          done(connections[agentID].map(Presence.here) ?? .nowhere)
        } else {
          done(.elsewhere(pod: pod))
        }
      }
    }
  }

  // MARK: Registration

  /// A number for the next connection, higher than all before it, also over restarts (spec/00).
  func nextEpoch() -> Int64 {
    connectionCount += 1
    return replica.epochBase + connectionCount
  }

  /// A new connection stands: from now on it is the agent's only one here, unless the row refuses it (C1).
  func register(_ connection: AgentConnection) {
    loop.submit(.register) { [unowned self] done in
      guard connection.isOpen else { return done() }
      let tookOverLively = connections[connection.agentID]?.isLively ?? false
      connection.isPersisting = true
      if mustAwaitRow(connection) { pending.append(connection) } else { place(connection) }
      persist(connection, tookOverLively, done)
    }
  }

  /// Whether another instance holds the id, or is about to: nobody gives way before the row has told who may have it.
  private func mustAwaitRow(_ connection: AgentConnection) -> Bool {
    guard replica.behaviour.enrolment.takeoverLock == .afterThree else { return false }
    let holder = connections[connection.agentID]
    return holder.map { PendingRegistrations.areRivals($0, connection) } == true || pending.holdRival(of: connection)
  }

  /// Puts a connection in the place of the one before it.
  private func place(_ connection: AgentConnection) {
    let old = connections.updateValue(connection, forKey: connection.agentID)
    replica.tell(.agentRegistered(connection.identity))
    // Its end is no unregistration of the new one, unless the policy says so (B-01).
    old?.finish(.takenOver, farewell: .close(code: .takenOver, reason: "connected again"))
  }

  /// The row names a connection that had to await this: of it and the one in its place the newer stays.
  private func settle(_ connection: AgentConnection) {
    guard pending.remove(connection) else { return }
    let current = connections[connection.agentID]
    if let current, current.identity.epoch > connection.identity.epoch {
      connection.finish(.takenOver, farewell: .close(code: .takenOver, reason: "connected again"))
    } else if connection.isOpen {
      place(connection)
    } else if let current {
      // It took the id and ended before anybody knew: the row is not the older one's any more.
      loseOwnership(current)
    }
  }

  /// Writes row and route of a new connection, and tries again while the database does not answer.
  private func persist(_ connection: AgentConnection, _ tookOverLively: Bool, _ done: @escaping () -> Void) {
    Registration(replica, connection, tookOverLively: tookOverLively).run { [unowned self] outcome in
      if case .written = outcome { settle(connection) }
      guard connection.isOpen else {
        // It ended meanwhile: what was written just now is taken back.
        pending.remove(connection)
        connection.isPersisting = false
        return takeBack(connection, done)
      }
      switch outcome {
      case .written(let predecessor):
        connection.isPersisting = false
        if policies.routeKeeping == .everHeld { onceHeld.append(connection.agentID) }
        if let predecessor, predecessor != replica.podName { tellSuperseded(connection.agentID, predecessor) }
        writeRoute(connection) { [unowned self] in
          done()
          guard connection.isOpen else { return }
          connection.registered()
          replica.sink?.agentConnected(connection.identity, inventory: connection.inventory)
          replica.dispatcher.agentConnected(connection)
        }
      case .refused:
        pending.remove(connection)
        connection.isPersisting = false
        done()
        connection.finish(.ownershipLost, farewell: .close(code: .takenOver, reason: "not the current registration"))
      case .failed:
        done()
        replica.incarnation.after(Self.registrationRetry, Self.retryLabel) { [weak self] in
          guard let self else { return }
          guard connection.isOpen else {
            pending.remove(connection)
            connection.isPersisting = false
            return takeBack(connection) {}
          }
          let current = connections[connection.agentID]
          persist(connection, current !== connection && current?.isLively == true) {}
        }
      }
    }
  }

  /// Lets the pod that held the agent so far look at the row at once; without word of it the next heartbeat of the older
  /// connection shows the same. A peer that does not know the message ignores it.
  private func tellSuperseded(_ agentID: String, _ pod: String) {
    guard policies.routeRemoval == .compareAndDelete else { return }
    routes?.publish(RoutedCommand(agentID: agentID, message: "{\"type\":\"\(Self.superseded)\"}"), to: pod) { _ in }
  }

  /// Looks whether the row still names this replica's connection.
  func checkOwnership(_ agentID: String) {
    guard let connection = connections[agentID], connection.isRegistered else { return }
    replica.database.execute(AgentStatements.owner, [.text(agentID)]) { [unowned self] result in
      guard case .success(let result) = result, connection.isOpen else { return }
      let owner = result.firstRow.flatMap { try? AgentOwner($0) }
      if owner?.pod != replica.podName || owner?.epoch != connection.identity.epoch { loseOwnership(connection) }
    }
  }

  private func writeRoute(_ connection: AgentConnection, _ done: @escaping () -> Void) {
    guard let routes else { return done() }
    if policies.inputOutput == .underLock { return routes.write(connection.agentID) { _ in done() } }
    routes.write(connection.agentID) { _ in }
    done()
  }

  // MARK: End of a connection

  /// The socket of `connection` is gone, for whatever reason.
  func connectionEnded(_ connection: AgentConnection) {
    replica.tell(.agentUnregistered(connection.identity, connection.end ?? .reset))
    replica.sink?.agentDisconnected(connection.identity)
    switch policies.unregistration {
    case .byConnection: unregister(connection)
    case .byAgentID:
      // The reader of the dead socket names the agent, not itself: what is registered under that id goes.
      loop.submit(.unregister) { [unowned self] done in
        guard let current = connections[connection.agentID] else { return done() }
        connections.removeValue(forKey: connection.agentID)
        if current !== connection { current.finish(.collateral, farewell: nil) }
        if current.isPersisting { done() } else { takeBack(current, done) }
      }
    }
  }

  private func unregister(_ connection: AgentConnection) {
    // A successor has taken the place already: nothing of it is touched (C1).
    guard connections[connection.agentID] === connection else {
      if policies.presenceRemoval == .always { removePresence(connection) {} }
      return
    }
    loop.submit(.unregister) { [unowned self] done in
      guard connections[connection.agentID] === connection else { return done() }
      connections.removeValue(forKey: connection.agentID)
      // Its registration is still being written: the end of that takes it back.
      if connection.isPersisting { done() } else { takeBack(connection, done) }
    }
  }

  /// Row and route of a connection that is gone.
  private func takeBack(_ connection: AgentConnection, _ done: @escaping () -> Void) {
    let agentID = connection.agentID
    let finish = { [unowned self] in
      guard let routes, connections[agentID] == nil || policies.routeRemoval == .blind else { return done() }
      routes.remove(agentID, done)
    }
    removePresence(connection, finish)
  }

  /// The row of an agent whose connection is gone.
  private func removePresence(_ connection: AgentConnection, _ done: @escaping () -> Void) {
    let agentID = connection.agentID
    switch policies.presenceRemoval {
    case .guarded:
      // The replica that shuts down, or lost the row, leaves it to the one that holds it.
      if connection.end == .ownershipLost { return done() }
      replica.database.execute(
        AgentStatements.disconnected,
        [.text(agentID), .text(replica.podName), .integer(connection.identity.epoch)]
      ) { [unowned self] result in
        noteOffline(agentID, result)
        done()
      }
    case .always:
      replica.database.execute(AgentStatements.disconnectedBlindly, [.text(agentID)]) { [unowned self] result in
        noteOffline(agentID, result)
        done()
      }
    }
  }

  func noteOffline(_ agentID: String, _ result: Result<SQLResult, DatabaseError>) {
    guard case .success(let result) = result, result.rowCount > 0 else { return }
    replica.tell(.agentMarkedOffline(agentID: agentID, replica: replica.podName))
  }

  // MARK: Heartbeats and messages

  /// A heartbeat of an agent: it proves that the connection lives, and keeps row and route fresh.
  func heartbeat(_ beat: AgentHeartbeat, from connection: AgentConnection) {
    let credited = policies.heartbeatCredit == .byAgentID ? connections[connection.agentID] : connection
    loop.read { [unowned self] in
      credited?.lastHeartbeat = replica.incarnation.monotonicNow
      guard connections[connection.agentID] === connection || policies.heartbeatCredit == .byAgentID,
        connection.isRegistered
      else { return }
      writeHeartbeat(beat, connection)
    }
  }

  private func writeHeartbeat(_ beat: AgentHeartbeat, _ connection: AgentConnection) {
    let key: [SQLValue] = [
      .text(connection.agentID), .text(replica.podName), .integer(connection.identity.epoch), heartbeatTime,
      .optional(beat.capacity.map { JSONWriter.text(of: $0.stored.json) }),
    ]
    replica.database.execute(heartbeatStatement(beat), key) { [unowned self] result in
      if case .success(let result) = result, result.rowCount == 0 { return loseOwnership(connection) }
      guard connection.isOpen else { return }
      routes?.refresh(connection.agentID) { _ in }
    }
  }

  /// What dates a heartbeat: NULL stands for the database's clock.
  var heartbeatTime: SQLValue {
    switch policies.heartbeatClock {
    case .database: .null
    case .replica: .timestamp(microseconds: replica.clock.nanosecondsWithoutZone(replica.configuration) / 1_000)
    }
  }

  private func heartbeatStatement(_ beat: AgentHeartbeat) -> SQLStatement {
    switch policies.heartbeatStatus {
    case .setsOnline:
      beat.status == AgentStatus.draining.rawValue ? AgentStatements.heartbeatDraining : AgentStatements.heartbeat
    case .overwritesDraining: AgentStatements.heartbeatOnline
    case .timestampOnly: AgentStatements.heartbeatTimeOnly
    }
  }

  /// The row names another connection, or is gone: this one is not the agent's any more.
  func loseOwnership(_ connection: AgentConnection) {
    guard policies.ownership == .row else { return }
    connection.finish(.ownershipLost, farewell: .close(code: .takenOver, reason: "connected to another replica"))
  }

  /// One message that moves rows; `done` lets the next one in.
  func handle(_ message: AgentMessage, from connection: AgentConnection, _ done: @escaping () -> Void) {
    switch message {
    case .ack(let ack): replica.dispatcher.acknowledged(ack, from: connection, done)
    case .complete(let completion): replica.dispatcher.completed(completion, from: connection, done)
    case .failed(let failure): replica.dispatcher.failed(failure, from: connection, done)
    case .status(let report):
      guard let sink = replica.sink else { return done() }
      sink.sessionReported(report, from: connection.identity, done)
    default: done()
    }
  }

  /// One `vnc_*` message: it waits for nothing.
  func streamMessage(_ message: AgentMessage, from connection: AgentConnection) {
    replica.sink?.streamMessage(message, from: connection.identity)
  }

  // MARK: Sweep

  /// Drops silent connections, and sets rows `offline` that nobody keeps fresh.
  private func sweep() {
    loop.submit(.sweep) { [unowned self] done in
      let now = replica.incarnation.monotonicNow
      let stale = connections.values.filter { now - $0.lastHeartbeat > policies.staleThreshold }
      if policies.staleRemoval == .throughOwnChannel, stale.count > Self.unregisterSlots {
        loop.deadlock()
        return
      }
      for connection in stale { dropStale(connection) }
      done()
    }
    sweepRows()
    for agentID in onceHeld { routes?.write(agentID) { _ in } }
  }

  private func dropStale(_ connection: AgentConnection) {
    guard policies.ownership == .route, let routes else { return connection.finish(.stale, farewell: nil) }
    let pod = replica.podName
    routes.holder(of: connection.agentID) { holder in
      if holder != pod { connection.finish(.stale, farewell: nil) }
    }
  }

  /// Any replica does this for all: owner and agent may have died together (C6).
  private func sweepRows() {
    let threshold = SQLValue.integer(policies.staleThreshold.microseconds)
    replica.database.execute(AgentStatements.silent, [threshold]) { [unowned self] result in
      guard case .success(let result) = result else { return }
      for row in result.rows {
        guard let agentID = try? row.text("agent_id") else { continue }
        replica.database.execute(AgentStatements.stale, [.text(agentID), threshold]) { [unowned self] result in
          noteOffline(agentID, result)
        }
      }
    }
  }

  // MARK: Redis came back

  /// Writes the routes of all connections again (C2).
  func rewriteRoutes() {
    guard let routes, policies.routeRefresh != .expireOnly else { return }
    for connection in connections.values where connection.isRegistered { routes.refresh(connection.agentID) { _ in } }
  }

  // MARK: Shutdown

  /// Closes all connections with 1001 and forgets them; rows and routes are the caller's.
  func closeAll() -> [AgentConnection] {
    let all = Array(connections.values)
    connections.removeAll()
    for connection in all + pending.removeAll() {
      connection.finish(.shutdown, farewell: .close(code: .goingAway, reason: "shutting down"))
    }
    return all
  }

  /// An administrator deleted the agent.
  func deregistered(_ agentID: String) {
    connections[agentID]?.finish(.deregistered, farewell: .close(code: .normal, reason: "deregistered"))
  }
}
