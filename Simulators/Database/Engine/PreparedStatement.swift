import StreamSpaceProtocol

/// A statement translated and prepared on one connection.
struct PreparedStatement {
  let translation: TranslatedStatement
  let statement: SQLiteStatement

  /// Whether it neither writes nor locks, so that it need not wait for another's transaction.
  var isPlainRead: Bool { statement.isReadOnly && !translation.locksRows }
}
