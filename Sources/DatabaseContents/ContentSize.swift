/// How much data a generated database holds.
package struct ContentSize: Sendable, Hashable {
  package var users: Int
  package var sessions: Int
  package var commands: Int

  package init(users: Int, sessions: Int, commands: Int) {
    self.users = users
    self.sessions = sessions
    self.commands = commands
  }

  /// What DBM-02 upgrades (spec/06 §9).
  package static let usual = ContentSize(users: 1_000, sessions: 10_000, commands: 50_000)
  /// DBM-15 on PostgreSQL.
  package static let large = ContentSize(users: 1_000, sessions: 200_000, commands: 1_000_000)
  /// DBM-15 on SQLite.
  package static let largeEmbedded = ContentSize(users: 1_000, sessions: 4_000, commands: 20_000)
  /// A handful of each: enough for every kind of NULL and edge value.
  package static let small = ContentSize(users: 20, sessions: 60, commands: 120)
}
