/// The routes of agents in Redis (spec/05 §4.1).
extension DefectCatalogue {
  static let routes: [Defect] = [
    Defect(
      id: "B-02", slug: "late-unregister-erases-successor-route", component: "control plane: hub",
      mechanism:
        "A late unregister deletes the route and sets the row offline, although both describe another replica.",
      origin: "still in head [rec 06]; H03", invariants: ["I-ROUTE", "I-STATUS", "I-CMD-LIVE"],
      cases: ["HA-API-09", "CHAOS-06"], evidence: .expectation
    ) {
      $0.controlPlane.hub.routeRemoval = .blind
      $0.controlPlane.hub.presenceRemoval = .always
    },
    Defect(
      id: "B-03", slug: "route-refresh-is-expire-only", component: "control plane: hub",
      mechanism: "Heartbeats only extend the life of the route keys: what is gone never comes back.",
      origin: "still in head [rec 06]; H04", invariants: ["I-ROUTE"], cases: ["HA-API-07", "HA-API-08", "CHAOS-04"]
    ) { $0.controlPlane.hub.routeRefresh = .expireOnly },
    Defect(
      id: "B-04", slug: "partial-registration-logged-as-stored", component: "control plane: hub",
      mechanism: "The two route keys are written one by one, and a failure of the first is only logged.",
      origin: "COMBINED_HA_CHAOS_TESTING scenario 1; H11", invariants: ["I-ROUTE"], cases: ["HA-API-08", "CHAOS-01"]
    ) {
      $0.controlPlane.hub.routeStorage = .independentSets
      // The head of its time repaired nothing afterwards.
      $0.controlPlane.hub.routeRefresh = .expireOnly
    },
    Defect(
      id: "C-08", slug: "stale-route-wins", component: "control plane: hub",
      mechanism: "A replica keeps the route of every agent alive that it ever held.",
      origin: "plausible", invariants: ["I-ROUTE"], cases: ["HA-API-09"], evidence: .expectation
    ) { $0.controlPlane.hub.routeKeeping = .everHeld },
  ]
}
