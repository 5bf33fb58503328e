/// Header fields of the Engine API, and those of the harness.
package enum DockerHeader {
  package static let apiVersion = "Api-Version"
  package static let osType = "Ostype"
  /// Carries ``DockerRequest/caller``.
  package static let caller = "User-Agent"
  /// Carries ``DockerRequest/leader`` as `agentID/term`. A real engine does not look at it: live, the fence needs an
  /// authorisation plug-in (spec/00 C28).
  package static let leader = "X-StreamSpace-Leader"
}

extension LeaderTerm {
  /// `agentID/term`.
  package var headerText: String { "\(agentID)/\(term)" }

  /// Reads ``headerText``; nil for anything else.
  package init?(headerText: String) {
    guard let slash = headerText.lastIndex(of: "/"), let term = Int64(headerText[headerText.index(after: slash)...])
    else { return nil }
    self.init(agentID: String(headerText[..<slash]), term: term)
  }
}
