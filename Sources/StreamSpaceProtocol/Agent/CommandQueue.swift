/// Which work of an agent may begin: in order per session, so many at a time (C26). Pure.
package struct CommandQueue<Work> {
  private struct Item {
    let session: String
    let work: Work
  }

  /// How many run at a time at most.
  package let limit: Int
  private var waiting: [Item] = []
  /// Sessions with work under way, in the order it began.
  private var busy: [String] = []

  /// `limit` below 1 counts as 1.
  package init(limit: Int) { self.limit = max(1, limit) }

  package var waitingCount: Int { waiting.count }
  package var runningCount: Int { busy.count }

  /// Whether work of a session waits or runs.
  package func concerns(_ session: String) -> Bool {
    busy.contains(session) || waiting.contains { $0.session == session }
  }

  package mutating func add(_ work: Work, for session: String) {
    waiting.append(Item(session: session, work: work))
  }

  /// The work that may begin now, oldest first; nil when places or sessions are taken.
  package mutating func next() -> (session: String, work: Work)? {
    guard busy.count < limit, let index = waiting.firstIndex(where: { !busy.contains($0.session) }) else { return nil }
    let item = waiting.remove(at: index)
    busy.append(item.session)
    return (item.session, item.work)
  }

  /// The work of a session has ended.
  package mutating func finished(_ session: String) {
    if let index = busy.firstIndex(of: session) { busy.remove(at: index) }
  }

  /// Forgets everything; returns what waited.
  package mutating func clear() -> [Work] {
    defer {
      waiting.removeAll()
      busy.removeAll()
    }
    return waiting.map(\.work)
  }
}
