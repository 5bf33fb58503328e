import SchemaMigrations
import SimulationRuntime
import StreamSpaceProtocol

/// Carries out the migrations of a replica's binary at its start, on a connection of their own (C8, C30).
///
/// A run whose connection breaks, or whose commit nobody knows the outcome of, is given up and begun anew on another
/// connection: the ledger tells it what stands.
final class SchemaUpgrade {
  /// Wait for the lock before it is asked for anew on another connection: the runner may be at work for minutes, and a
  /// connection that died silently must not be waited on for ever.
  static let lockPatience = TimeSpan.seconds(60)
  /// Limit of one statement: the longest measured takes 57 s (spec/00, Migrations).
  static let statementLimit = TimeSpan.seconds(120)
  /// Wait before a refused run looks at the ledger again.
  static let refusalPause = TimeSpan.seconds(10)

  private unowned let replica: Replica
  private let plan: SchemaUpgradePlan
  private let done: () -> Void
  private var run: (any MigrationRun)?
  private var session: DatabaseSession?

  private static let pauseLabel = EventLabel("controlplane.migration.pause")
  private static let retryLabel = EventLabel("controlplane.migration.retry")
  private static let applied = EventLabel("controlplane.migration.applied")

  /// `done` is called once, when the schema stands.
  init(_ replica: Replica, _ plan: SchemaUpgradePlan, done: @escaping () -> Void) {
    self.replica = replica
    self.plan = plan
    self.done = done
  }

  private var isWanted: Bool {
    switch replica.health {
    case .starting: true
    case .ready: replica.behaviour.lifeCycle.migrationOrder == .whileServing
    case .draining: false
    }
  }

  /// A ledger that is complete needs neither lock nor run: one statement, as almost every start finds it.
  func begin() {
    guard isWanted else { return }
    guard let ledger = plan.ledger else { return startRun() }
    replica.database.execute(ledger) { [weak self] result in
      guard let self else { return }
      switch result {
      case .success(let rows): plan.isComplete(rows) ? done() : startRun()
      // No ledger yet, or one that another runner is making.
      case .failure(.sql(let error)) where !error.endsConnection: startRun()
      case .failure(let error): again(after: StartUp.retry, "database: \(error)")
      }
    }
  }

  private func startRun() {
    guard isWanted else { return }
    replica.stayUnready("migrations: under way")
    replica.database.session { [weak self] loan in
      guard let self else { return }
      switch loan {
      case .failure(let error): again(after: StartUp.retry, "database: \(error)")
      case .success(let session):
        self.session = session
        run = plan.makeRun(replica.podName)
        step(nil)
      }
    }
  }

  private func step(_ answer: SQLResponse?) {
    guard isWanted, let run, let session else { return close() }
    switch run.next(answer) {
    case .send(let request):
      let isLock = if case .advisoryLock = request { true } else { false }
      replica.stayUnready(isLock ? "migrations: waiting for the lock" : "migrations: under way")
      session.send(request, within: isLock ? Self.lockPatience : Self.statementLimit) { [weak self] result in
        self?.answered(result)
      }
    case .pause(let milliseconds):
      replica.stayUnready("migrations: waiting for the lock")
      replica.incarnation.after(.milliseconds(Int64(milliseconds)), Self.pauseLabel) { [weak self] in self?.step(nil) }
    case .ended(let end): ended(end)
    }
  }

  private func answered(_ result: Result<SQLResult, DatabaseError>) {
    switch result {
    case .success(let rows): step(.result(rows))
    case .failure(.sql(let error)) where !error.endsConnection: step(.failure(error))
    case .failure(let error):
      close()
      again(after: StartUp.retry, "migrations: \(error)")
    }
  }

  private func ended(_ end: MigrationEnd) {
    close()
    switch end {
    case .ready(let version, let applied):
      replica.incarnation.note(
        Self.applied, ("version", .integer(Int64(version))), ("applied", .integer(Int64(applied.count))))
      done()
    case .refused(let reason): again(after: Self.refusalPause, "migrations: \(reason)")
    case .failed(let place, let error):
      if replica.behaviour.lifeCycle.failedMigration == .exits {
        let reason = "Failed to run migrations: migration \(place) failed: \(error)"
        replica.stayUnready(reason)
        return replica.incarnation.exit(reason)
      }
      again(after: StartUp.retry, "migrations: \(place): \(error)")
    }
  }

  /// Ends the connection: whatever the run left open or locked on it is undone.
  private func close() {
    run = nil
    session?.end()
    session = nil
  }

  private func again(after wait: TimeSpan, _ reason: String) {
    replica.stayUnready(reason)
    replica.incarnation.after(wait, Self.retryLabel) { [weak self] in self?.begin() }
  }
}
