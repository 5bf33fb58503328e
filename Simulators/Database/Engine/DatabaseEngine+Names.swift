import StreamSpaceProtocol

extension DatabaseEngine {
  /// The schema that sessions other than the writer see.
  var committedSchema: DatabaseSchema { isApplied ? executor.schemaBeforeTransaction : executor.schema }

  /// The server begins to serve a request that it will perform later: what a CREATE finds free now it may find taken
  /// then. PostgreSQL looks whether the name is there and only afterwards writes it into the catalogue, so two that
  /// make the same thing at once do not wait politely: IF NOT EXISTS or not, the later one fails (B-80).
  package func beginService(of request: SQLRequest, from session: DatabaseSession) {
    freeNames[session] = nil
    guard case .execute(let statement, _) = request, writer != session,
      case .definition(let definition)? = try? executor.translate(statement), let name = definition.createdName,
      !committedSchema.has(name)
    else { return }
    freeNames[session] = name
  }

  func refuseCollision(on name: String, _ translation: Translation) throws(SQLError) {
    guard case .definition(let definition) = translation, executor.schema.has(name) else { return }
    throw .uniqueViolation(constraint: definition.catalogueIndex)
  }
}
