// MARK: - Many users (scenario 6)

/// Who asks, seen from the owner of a session: the rows and columns of the isolation matrix.
public enum TenantRelation: String, Sendable, Equatable, CaseIterable {
  case sameOrganisation = "user of the same organisation"
  case otherOrganisation = "user of another organisation"
  case ownAdministrator = "administrator of the organisation"
  case otherAdministrator = "administrator of another organisation"
}

extension TableEntry {
  /// Table `users`, columns `user`, `quota`, `sessions`, `accepted`, `denied`: what a user may have, the most there was
  /// at once, and how the creates were answered. `quota`: as text, `5 / 4000m / 8192Mi`.
  public static func user(_ user: String, quota: String, sessions: Int, accepted: Int, denied: Int) -> TableEntry {
    TableEntry(
      table: "users",
      row: [
        "user": .text(user), "quota": .text(quota), "most sessions": .count(sessions), "accepted": .count(accepted),
        "denied": .count(denied),
      ])
  }

  /// Table `isolation`, columns `actor`, `verb`, `asked`, `let in`: attempts of somebody on the session of somebody else,
  /// the victim, and how many succeeded.
  public static func isolation(_ actor: TenantRelation, verb: String, asked: Int, letIn: Int) -> TableEntry {
    TableEntry(
      table: "isolation",
      row: [
        "actor": .text(actor.rawValue), "verb": .text(verb), "asked": .count(asked), "let in": .count(letIn),
      ])
  }

  /// Table `orphans`, columns `object`, `made`, `left`: what the sessions of a case had of a kind of object, and what of
  /// ended sessions is left at its end.
  public static func orphans(_ kind: String, made: Int, left: Int) -> TableEntry {
    TableEntry(table: "orphans", row: ["object": .text(kind), "made": .count(made), "left": .count(left)])
  }

  /// The name under which the time from a create to `running` is sampled where so many start at once.
  public static func startSample(atOnce count: Int) -> String { "start: \(count) at once" }
  /// The beginning of such names.
  public static let startSamplePrefix = "start: "
}
