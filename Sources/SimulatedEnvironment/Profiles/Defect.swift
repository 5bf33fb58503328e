/// One named departure from the contract (spec/05).
public struct Defect: Sendable {
  /// What shows a defect in a case that catches it.
  public enum Evidence: Sendable {
    /// One of its invariants is violated.
    case invariant
    /// The case measures what is promised, and misses it: no invariant speaks of names, notations or sizes.
    case expectation
    /// As ``expectation``, or the case cannot even begin: what it takes for granted does not come about.
    case premise
  }

  /// `B-01`.
  public let id: String
  /// The stable name of spec/05, for example `unregister-by-id-kills-successor`.
  public let slug: String
  public let component: String
  /// What the code does instead.
  public let mechanism: String
  /// Where StreamSpace met it.
  public let origin: String
  /// Invariants that it breaks.
  public let invariants: [String]
  /// Cases of this harness that must turn red (spec/06, "K").
  public let cases: [String]
  public let evidence: Evidence
  let apply: @Sendable (inout Behaviours) -> Void

  init(
    id: String, slug: String, component: String, mechanism: String, origin: String, invariants: [String],
    cases: [String], evidence: Evidence = .invariant, apply: @escaping @Sendable (inout Behaviours) -> Void
  ) {
    self.id = id
    self.slug = slug
    self.component = component
    self.mechanism = mechanism
    self.origin = origin
    self.invariants = invariants
    self.cases = cases
    self.evidence = evidence
    self.apply = apply
  }
}

/// The defects that can be switched on.
public enum DefectCatalogue {
  /// In the order of their ids.
  public static let all: [Defect] =
    (hub + routes + replicas + dispatch + enrolment + sessions + users + streaming + agents + elections + docker
    + tunnels + migrations + schema + chaos + tenancy + load)
    .sorted { $0.id < $1.id }

  /// By id (any case) or slug.
  public static func defect(_ name: String) -> Defect? {
    all.first { $0.id == name.uppercased() || $0.slug == name.lowercased() }
  }
}
