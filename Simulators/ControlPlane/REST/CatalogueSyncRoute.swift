import SimulationRuntime
import StreamSpaceProtocol

/// `POST /api/v1/catalog/sync`: answered at once, carried out beside it (spec/02 §4.4). The repository offers what the
/// catalogue has of it: a sync then changes nothing, and must not.
final class CatalogueSyncRoute {
  private static let again = EventLabel("controlplane.catalogue.retry")
  private static let done = EventLabel("controlplane.catalogue.synced")
  /// Between two tries of a sync that the database did not take, and how many there are: 5 min.
  private static let pause = TimeSpan.seconds(5)
  private static let tries = 60

  private unowned let replica: Replica
  private let authenticator: Authenticator

  init(_ replica: Replica, _ authenticator: Authenticator) {
    self.replica = replica
    self.authenticator = authenticator
  }

  func install() {
    replica.router.on(.post, "/api/v1/catalog/sync") { [unowned self] exchange in
      authenticator.authenticate(exchange, role: .operator) { [self] _ in
        exchange.answer(.accepted, MessageAnswer("Catalog sync started"))
        sync(tried: 1)
      }
    }
  }

  private func sync(tried: Int) {
    let repository = Int64(TemplateCatalogue.repositoryID)
    replica.database.execute(CatalogStatements.ofRepository, [.integer(repository)]) { [weak self] result in
      guard let self else { return }
      do {
        let entries = try result.get().rows.map { try CatalogueSync.Entry(row: $0) }
        let sync = CatalogueSync(replica.behaviour.sessions.schema.catalogueSync)
        guard let steps = sync.steps(repository, entries) else { return }
        perform(steps) { [weak self] isDone in self?.settle(isDone, tried) }
      } catch {
        settle(false, tried)
      }
    }
  }

  private func settle(_ isDone: Bool, _ tried: Int) {
    if isDone { return replica.incarnation.note(Self.done) }
    guard tried < Self.tries else { return }
    replica.incarnation.after(Self.pause, Self.again) { [weak self] in self?.sync(tried: tried + 1) }
  }

  private func perform(
    _ steps: [(statement: SQLStatement, parameters: [SQLValue])], _ done: @escaping (Bool) -> Void
  ) {
    replica.database.transaction { [weak self] opened in
      guard let self, case .success(let transaction) = opened else { return done(false) }
      next(steps[...], transaction, done)
    }
  }

  private func next(
    _ rest: ArraySlice<(statement: SQLStatement, parameters: [SQLValue])>, _ transaction: DatabaseTransaction,
    _ done: @escaping (Bool) -> Void
  ) {
    guard let step = rest.first else {
      return transaction.commit { done((try? $0.get()) != nil) }
    }
    transaction.execute(step.statement, step.parameters) { [weak self] result in
      guard let self, case .success = result else { return transaction.rollback { done(false) } }
      next(rest.dropFirst(), transaction, done)
    }
  }
}

extension CatalogueSync {
  /// Its statements with their parameters, in order. One that must read first has no such list: nil.
  fileprivate func steps(
    _ repository: Int64, _ entries: [Entry]
  ) -> [(statement: SQLStatement, parameters: [SQLValue])]? {
    let key = SQLValue.integer(repository)
    let values = entries.map { entry -> [SQLValue] in
      [
        key, .text(entry.name), .text(entry.displayName), .text(entry.category), .text(entry.manifest),
        .array(entry.tags),
      ]
    }
    let statements = statements
    switch method {
    case .upserts:
      return values.map { (statements[0], $0) }
        + [(statements[1], [key, .array(entries.map(\.name))]), (statements[2], [key])]
    case .deletesAndInserts:
      return [(statements[0], [key])] + values.map { (statements[1], $0) } + [(statements[2], [key])]
    case .insertsUnknown: return nil
    }
  }
}

extension CatalogueSync.Entry {
  init(row: SQLRow) throws(SQLRowError) {
    self.init(
      name: try row.text("name"), displayName: try row.optionalText("display_name") ?? "",
      category: try row.optionalText("category") ?? "", manifest: try row.optionalText("manifest") ?? "{}",
      tags: try row.textArray("tags"))
  }
}
