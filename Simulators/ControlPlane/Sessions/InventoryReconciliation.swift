import SimulationRuntime
import StreamSpaceProtocol

/// Compares the inventory of an agent that has just connected with its rows, and puts right what differs (C14).
final class InventoryReconciliation {
  private static let pause = TimeSpan.seconds(2)
  private static let tries = 30
  private static let again = EventLabel("controlplane.inventory.retry")
  private static let done = EventLabel("controlplane.inventory")

  private let services: SessionServices
  private let agent: String
  private let inventory: [SessionInventoryItem]
  private var tried = 0

  init(_ services: SessionServices, agent: String, inventory: [SessionInventoryItem]) {
    self.services = services
    self.agent = agent
    self.inventory = inventory
  }

  func start() {
    tried += 1
    let names = SQLValue.array(inventory.map(\.sessionID))
    services.database.execute(ReconcilerStatements.rowsForInventory, [.text(agent), names]) { [self] result in
      do {
        let rows = try result.get().rows.compactMap { try InventoryRow(row: $0) }
        apply(InventoryCorrection.compare(inventory, of: agent, with: rows, orphans: services.policies.orphans)[...])
      } catch {
        // The next connect compares again; until then the reconciler has what is stuck.
        guard tried < Self.tries else { return }
        services.incarnation.after(Self.pause, Self.again) { [self] in start() }
      }
    }
  }

  /// One correction after the other. Each is guarded by the state it was decided on, so a session that has moved
  /// meanwhile is left alone.
  private func apply(_ corrections: ArraySlice<InventoryCorrection>, changed: Int = 0) {
    guard let correction = corrections.first else {
      guard changed > 0 else { return }
      services.incarnation.note(Self.done, ("agent", .text(agent)), ("corrections", .integer(Int64(changed))))
      return services.committed(commandFor: agent) {}
    }
    let next: (Bool) -> Void = { [self] took in apply(corrections.dropFirst(), changed: changed + (took ? 1 : 0)) }
    switch correction {
    case .adopt(let session, let from, let state, let podName):
      let parameters: [SQLValue] = [
        .text(session), .text(agent), .text(from.rawValue), .text(state.rawValue), .text(podName),
      ]
      run(ReconcilerStatements.adopt, parameters, next)
    case .orphan(let session):
      let key = OrphanStatements.key(session: session, agent: agent)
      run(OrphanStatements.record, [.text(key), .text(session), .text(agent)]) { [self] isNew in
        if isNew { services.tell(.orphanListed(agentID: agent, sessionID: session)) }
        next(false)
      }
    case .stop(let session): write(.stopSession, session, next)
    case .command(let action, let session): write(action, session, next)
    case .fail(let session):
      let reason = SQLValue.text(SessionStatusReport.workloadLost)
      run(CommandResultStatements.reportedFailed, [.text(session), .text(agent), reason]) { [self] took in
        // What is left of it (a service, a definition) goes too.
        took ? write(.stopSession, session, next) : next(false)
      }
    case .end(let session):
      run(ReconcilerStatements.endLost, [.text(session), .text(agent)]) { [self] took in
        took ? write(.stopSession, session, next) : next(false)
      }
    }
  }

  private func write(_ action: AgentAction, _ session: String, _ next: @escaping (Bool) -> Void) {
    run(CommandResultStatements.correct, services.correction(action, session: session, agent: agent), next)
  }

  private func run(_ statement: SQLStatement, _ parameters: [SQLValue], _ next: @escaping (Bool) -> Void) {
    services.database.execute(statement, parameters) { result in
      guard case .success(let changed) = result else { return next(false) }
      next(changed.rowCount > 0)
    }
  }
}
