/// Whether an administrator has let an agent in (C7).
package enum ApprovalStatus: String, Sendable, Hashable, CaseIterable, JSONConvertible {
  case pending
  case approved
  case rejected
}
