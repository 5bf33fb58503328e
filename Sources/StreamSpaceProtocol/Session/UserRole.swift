/// The role of a user; free text in the column, default `user` (spec/02 §2.5).
package enum UserRole: String, Sendable, Hashable, CaseIterable, JSONConvertible {
  case admin
  case `operator`
  case user
}
