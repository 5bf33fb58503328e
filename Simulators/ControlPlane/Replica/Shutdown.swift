import SimulationRuntime
import StreamSpaceProtocol

/// The graceful stop of a replica: what it holds is given up in order, so that nothing waits for a time-out (C8).
final class Shutdown {
  private unowned let replica: Replica
  private var hasBegun = false
  private var hasEnded = false

  private static let limit = EventLabel("controlplane.shutdown.limit")

  init(_ replica: Replica) { self.replica = replica }

  func begin() {
    guard !hasBegun else { return }
    hasBegun = true
    replica.health = .draining
    replica.tell(.notReady(reason: "shutting down"))
    replica.listener?.close()
    replica.tell(.shutdownStep(.stoppedAccepting))
    replica.incarnation.after(replica.configuration.shutdownTimeout, Self.limit) { [unowned self] in
      end(.handlersAbandoned)
    }
    guard replica.behaviour.lifeCycle.shutdown == .graceful else { return awaitHandlers() }
    closeAgents()
  }

  private func closeAgents() {
    for part in replica.extensions { part.replicaWillStop() }
    let connections = replica.hub.closeAll()
    replica.tell(.shutdownStep(.closedAgents))
    var open = replica.extensions.count
    let step = { [unowned self] in
      open -= 1
      if open == 0 { deleteRoutes(connections) }
    }
    if open == 0 { return deleteRoutes(connections) }
    for part in replica.extensions { part.replicaStops(step) }
  }

  private func deleteRoutes(_ connections: [AgentConnection]) {
    guard let routes = replica.hub.routes, !connections.isEmpty else { return releaseClaims() }
    var open = connections.count
    for connection in connections {
      routes.remove(connection.agentID) { [unowned self] in
        open -= 1
        if open == 0 { releaseClaims() }
      }
    }
  }

  private func releaseClaims() {
    replica.tell(.shutdownStep(.deletedRoutes))
    replica.subscription?.stop()
    replica.database.execute(
      AgentStatements.podDisconnected,
      [.text(replica.podName), .integer(replica.epochBase), .integer(.max)]
    ) { [unowned self] _ in
      replica.database.execute(CommandStatements.releaseClaims, [.text(replica.podName)]) { [unowned self] _ in
        replica.tell(.shutdownStep(.releasedClaims))
        awaitHandlers()
      }
    }
  }

  private func awaitHandlers() {
    if replica.router.openExchanges == 0 { return end(.handlersFinished) }
    replica.router.onIdle = { [unowned self] in end(.handlersFinished) }
  }

  private func end(_ step: ControlPlaneEvent.ShutdownStep) {
    guard !hasEnded else { return }
    hasEnded = true
    replica.tell(.shutdownStep(step))
    replica.database.close()
    replica.redis?.close()
    replica.incarnation.exit("graceful shutdown completed")
  }
}
