import TestEnvironment

/// A run of a day tells of thousands of sessions. What has ended and of which nothing more can be said need not be kept.
extension Situation {
  /// Forgotten in lots, so that each costs nothing much.
  private static let lot = 4_096

  /// Events, sessions, commands and viewers that are held.
  var entriesHeld: Int { log.count + sessions.count + commands.count + streams.viewers.count }

  /// Forgets what lies before `time`, if it is worth the trouble: events, viewers that have left, and sessions that have
  /// ended with everything that belonged to them.
  func forget(before time: Duration) {
    guard log.count >= Self.lot, log[log.count / 2].time < time else { return }
    log.removeFirst(log.firstIndex { $0.time >= time } ?? log.count)
    streams.forget(before: time)
    let done = sessions.values.filter { isDone($0, before: time) }
    guard !done.isEmpty else { return }
    let names = Set(done.map(\.id))
    sessions.removeAll { names.contains($0.id) }
    for user in Set(done.map(\.user)).sorted() { byUser[user]?.removeAll { names.contains($0.id) } }
    commands.removeAll { command in
      command.session.map(names.contains) ?? (command.isFinal && command.statusEvent.time < time)
    }
  }

  /// Whether the session has ended, and nothing of it is left that could still change.
  private func isDone(_ session: SessionView, before time: Duration) -> Bool {
    session.inserted != nil && !session.isActive && session.lastChange < time && session.openCommands.isEmpty
      && session.remains.isEmpty && session.attachments.isEmpty && streams.viewers(of: session.id).isEmpty
      && streams.tunnels(of: session.id).isEmpty
  }
}
