/// What users see (spec/05 §3.3, §4.6).
extension DefectCatalogue {
  static let users: [Defect] = [
    Defect(
      id: "A-58", slug: "phase-case-contract", component: "control plane: answers",
      mechanism: "state is capitalised and status.phase is not.",
      origin: "commits 21a9f07, 0376f19, e4a2510, a979f44, 8c1c5c9", invariants: [], cases: ["XP-09"],
      evidence: .expectation
    ) { $0.controlPlane.sessions.stateNames = .swapped },
    Defect(
      id: "B-76", slug: "cache-invalidation-never-matches", component: "control plane: cache",
      mechanism: "No write makes a cached answer stale: reads are up to 30 s old.",
      origin: "still in head [rec 01, 13]", invariants: ["I-FRESH", "I-LINEAR"], cases: ["XP-09", "MU-14"]
    ) { $0.controlPlane.sessions.users.cacheInvalidation = .never },
  ]
}
