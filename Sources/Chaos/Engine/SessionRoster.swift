import Synchronization

/// The sessions of a run's users, as the users know them.
final class SessionRoster: Sendable {
  struct Entry: Sendable, Equatable {
    var session: String
    var user: String
  }

  /// In the order of their making; without those that were asked to end.
  private let entries = Mutex<[Entry]>([])

  func add(_ session: String, of user: String) { entries.withLock { $0.append(Entry(session: session, user: user)) } }

  /// The session of a user by its place, taken modulo their number; nil: the user has none.
  func session(_ place: Int, of user: String) -> String? {
    entries.withLock { entries in
      let own = entries.filter { $0.user == user }
      return own.isEmpty ? nil : own[place % own.count].session
    }
  }

  func remove(_ session: String) { entries.withLock { $0.removeAll { $0.session == session } } }

  /// By place among all sessions, modulo their number.
  func entry(_ place: Int) -> Entry? { entries.withLock { $0.isEmpty ? nil : $0[place % $0.count] } }
}
