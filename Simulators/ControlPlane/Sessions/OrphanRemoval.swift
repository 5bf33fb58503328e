import SimulationRuntime
import StreamSpaceProtocol

/// Stops orphans whose time is over or whom an administrator gives up, one transaction each: the stop is written as the
/// orphan leaves the list.
final class OrphanRemoval {
  private static let removed = EventLabel("controlplane.orphan.removed")

  private let services: SessionServices

  init(_ services: SessionServices) { self.services = services }

  /// Those that have been left alone for long enough.
  func removeDue(_ done: @escaping () -> Void) {
    services.database.execute(OrphanStatements.due) { [self] result in
      guard let orphans = try? result.get().rows.map({ try Orphan(row: $0) }) else { return done() }
      remove(orphans[...]) { _ in done() }
    }
  }

  /// Gives how many were removed; the first failure ends it.
  func remove(
    _ orphans: ArraySlice<Orphan>, count: Int = 0, _ done: @escaping (Result<Int, DatabaseError>) -> Void
  ) {
    guard let orphan = orphans.first else { return done(.success(count)) }
    services.database.transaction { [self] opened in
      switch opened {
      case .failure(let error): done(.failure(error))
      case .success(let transaction):
        remove(orphan, in: transaction) { [self] result in
          switch result {
          case .failure(let error): done(.failure(error))
          case .success:
            services.incarnation.note(
              Self.removed, ("session", .text(orphan.session)), ("agent", .text(orphan.agent)))
            services.committed(commandFor: orphan.agent) { [self] in
              remove(orphans.dropFirst(), count: count + 1, done)
            }
          }
        }
      }
    }
  }

  private func remove(
    _ orphan: Orphan, in transaction: DatabaseTransaction, _ done: @escaping (Result<Void, DatabaseError>) -> Void
  ) {
    let payload = JSONWriter.text(of: SessionCommandPayload.reconcilerStop(sessionID: orphan.session).json)
    let stop: [SQLValue] = [
      .text(services.identifiers.ownCommand()), .text(orphan.agent), .text(orphan.session), .text(payload),
    ]
    let key = SQLValue.text(OrphanStatements.key(session: orphan.session, agent: orphan.agent))
    transaction.execute(OrphanStatements.remove, [key]) { result in
      if case .failure(let error) = result { return transaction.fail(error, done) }
      transaction.execute(OrphanStatements.stop, stop) { result in
        if case .failure(let error) = result { return transaction.fail(error, done) }
        transaction.commit(done)
      }
    }
  }
}
