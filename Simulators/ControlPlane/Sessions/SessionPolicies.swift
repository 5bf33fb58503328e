/// How sessions are created, moved and reported (spec/00 C13 to C20).
package struct SessionPolicies: Sendable, Equatable {
  package init() {}
}
