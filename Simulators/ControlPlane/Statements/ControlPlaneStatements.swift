import StreamSpaceProtocol

/// Every SQL text that the control plane can send (DBM-12), each with the first schema version that it prepares on.
///
/// A statement that only a defect sends is in the list while that defect's policy is on. The locks, and what a replica
/// asks to migrate its schema, are not statements of the schema and not listed.
package enum ControlPlaneStatements {
  package static func all(for behaviour: ControlPlaneBehaviour) -> [ListedStatement] {
    var list = StatementList()
    AgentStatements.list(into: &list, behaviour)
    CommandStatements.list(into: &list, behaviour.dispatch)
    SessionStatements.list(into: &list, behaviour.sessions)
    CommandResultStatements.list(into: &list, behaviour.sessions)
    ReconcilerStatements.list(into: &list, behaviour.sessions)
    ConnectionStatements.list(into: &list, behaviour.sessions)
    StreamingStatements.list(into: &list, behaviour.streaming)
    OrphanStatements.list(into: &list, behaviour.sessions)
    UserStatements.list(into: &list)
    CatalogStatements.list(into: &list)
    list.statements += CatalogueSync(behaviour.sessions.schema.catalogueSync).statements.map {
      ListedStatement($0, requires: 0)
    }
    return list.statements
  }
}

/// Collects listed statements.
struct StatementList {
  var statements: [ListedStatement] = []

  /// Adds statements that need the same version; `when`: only under this policy.
  mutating func add(_ version: Int, when isSent: Bool = true, _ added: SQLStatement...) {
    guard isSent else { return }
    statements += added.map { ListedStatement($0, requires: version) }
  }
}
