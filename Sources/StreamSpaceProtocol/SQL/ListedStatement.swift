/// A statement of the control plane and the first schema version that it needs.
package struct ListedStatement: Sendable, Hashable {
  package let statement: SQLStatement
  /// It prepares against this version and every later one, and against none before.
  package let requires: Int

  package init(_ statement: SQLStatement, requires: Int) {
    self.statement = statement
    self.requires = requires
  }
}
