/// The status column of an agent (C6).
package enum AgentStatus: String, Sendable, Hashable, CaseIterable, JSONConvertible {
  case online
  case offline
  case draining
}
