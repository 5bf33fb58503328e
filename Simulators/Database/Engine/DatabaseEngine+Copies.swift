import StreamSpaceProtocol

extension DatabaseEngine {
  /// An image of what is committed; the writes of an open transaction are not in it.
  package func copy() throws(SQLError) -> DatabaseImage {
    try park()
    do {
      return try DatabaseImage(contentOf: executor, translations: image.translations)
    } catch {
      throw SQLError(sqlState: "XX000", message: error.message, kind: .other)
    }
  }

  /// The image for deployments of what is committed: with the tables that everyday statements use, and with changed rows
  /// reported.
  func deployableImage() throws(SQLError) -> DatabaseImage {
    do {
      try executor.prepareForDeployment()
      return try DatabaseImage(contentOf: executor, translations: image.translations)
    } catch {
      throw SQLError(sqlState: "XX000", message: error.message, kind: .other)
    }
  }

  /// Inserts rows without a request each, all or none, and answers how many. It does not wait: 55P03 while another
  /// session's transaction has written.
  package func load(
    _ rows: some Sequence<[SQLValue]>, with insert: SQLStatement, from session: DatabaseSession, at now: Int64
  ) throws(SQLError) -> Int {
    if isInTransaction(session) {
      var count = 0
      for row in rows {
        guard let answer = submit(.execute(insert, row), from: session, at: now).answer(to: session) else {
          throw .lockTimeout
        }
        count += try answer.get().rowCount
      }
      return count
    }
    guard writer == nil else { throw .lockTimeout }
    setClocks(now: now, clock: now)
    defer { executor.functions.observed.removeAll(keepingCapacity: true) }
    let prepared = try executor.prepare(insert)
    try executor.beginTransaction()
    var count = 0
    do throws(SQLError) {
      for row in rows { count += try executor.execute(prepared, row).rowCount }
    } catch {
      try executor.rollbackTransaction()
      throw error
    }
    try executor.commitTransaction()
    return count
  }
}
