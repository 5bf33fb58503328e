import StreamSpaceProtocol

/// Remembers the newest leader term of every agent, from the writes that carried one and from the lock, whose changes
/// the environment feeds where it is not in the engine (C28).
struct TermFence {
  private var newest: [String: Int64] = [:]

  /// The newest term seen of an agent; nil before the first.
  func newestTerm(of agentID: String) -> Int64? { newest[agentID] }

  /// Notes a term; an older one changes nothing.
  mutating func see(_ term: Int64, of agentID: String) {
    newest[agentID] = max(newest[agentID] ?? term, term)
  }

  /// The newer term that forbids this write, nil if it may pass. A write without term is not fenced.
  func objection(to leader: LeaderTerm?) -> Int64? {
    guard let leader, let known = newest[leader.agentID], known > leader.term else { return nil }
    return known
  }
}
