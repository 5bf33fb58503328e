/// One statement of the control plane: a stable name and its PostgreSQL text with `$1` .. `$n` placeholders.
///
/// Declare statements as `static let`s, so that each exists once: comparing and hashing are then cheap (identity
/// first, the name as the hash), no text is copied per request, and the database prepares each once.
/// The name appears in traces and is what a fault plan addresses ("slow `insertSession`").
package final class SQLStatement: Sendable {
  /// Unique among the statements of one client, lowerCamelCase by convention.
  package let name: String
  /// PostgreSQL text. The simulated database translates it and refuses what PostgreSQL would not accept.
  package let text: String
  /// Whether a connection prepares it once and keeps it; DDL and what is sent once are not worth it.
  package let isPrepared: Bool

  package init(_ name: String, _ text: String, isPrepared: Bool = true) {
    self.name = name
    self.text = text
    self.isPrepared = isPrepared
  }
}

extension SQLStatement: Hashable {
  package static func == (left: SQLStatement, right: SQLStatement) -> Bool {
    left === right || (left.name == right.name && left.text == right.text)
  }

  package func hash(into hasher: inout Hasher) { hasher.combine(name) }
}

extension SQLStatement: CustomStringConvertible {
  package var description: String { name }
}
