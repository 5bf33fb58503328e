/// Remembers the newest leader term of every agent that a platform has seen: from the writes that carried one and from
/// the lock, whether the platform keeps it or is told of its changes (C28).
package struct TermFence: Sendable, Equatable {
  private var newest: [String: Int64] = [:]

  package init() {}

  /// The newest term seen of an agent; nil before the first.
  package func newestTerm(of agentID: String) -> Int64? { newest[agentID] }

  /// Notes a term; an older one changes nothing.
  package mutating func see(_ term: Int64, of agentID: String) {
    newest[agentID] = max(newest[agentID] ?? term, term)
  }

  /// The newer term that forbids this write, nil if it may pass. A write without term is not fenced.
  package func objection(to leader: LeaderTerm?) -> Int64? {
    guard let leader, let known = newest[leader.agentID], known > leader.term else { return nil }
    return known
  }
}
