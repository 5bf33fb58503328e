import StreamSpaceProtocol

/// A statement translated and prepared on one connection. A class, because it is handed about at every execution.
final class PreparedStatement {
  let translation: TranslatedStatement
  let statement: SQLiteStatement

  init(translation: TranslatedStatement, statement: SQLiteStatement) {
    self.translation = translation
    self.statement = statement
  }
}
