import StreamSpaceProtocol

/// What the check of a token and the look-up of a named user read (spec/02 §2.3, C16).
struct UserRow {
  let id: String
  let username: String
  /// Rows from before organisations belong to the default one.
  let organisation: String

  /// A row of ``UserStatements/authenticate`` or ``UserStatements/findByIDOrName``.
  init(_ row: SQLRow) throws(SQLRowError) {
    id = try row.text("id")
    username = try row.text("username")
    organisation = try row.optionalText("org_id") ?? StoredSession.defaultOrganisation
  }

  /// The first row, which may be missing.
  static func first(of result: SQLResult) throws(SQLRowError) -> UserRow? {
    guard let row = result.firstRow else { return nil }
    return try UserRow(row)
  }
}
