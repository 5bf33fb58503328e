/// How replicas start, join and end (spec/05 §4.1).
extension DefectCatalogue {
  static let replicas: [Defect] = [
    Defect(
      id: "B-08", slug: "subscribe-once-no-retry", component: "control plane: start",
      mechanism: "A replica whose subscription is not confirmed at the start stays deaf, and serves on.",
      origin: "still in head; H09", invariants: ["I-ROUTE", "I-CMD-LIVE"], cases: ["HA-API-16"]
    ) {
      $0.controlPlane.lifeCycle.subscription = .once
      // Nothing else reads the table in the head.
      $0.controlPlane.dispatch.search = .none
    },
    Defect(
      id: "B-09", slug: "redis-boot-fallback-is-permanent", component: "control plane: start",
      mechanism: "A replica that finds no Redis at its start works alone for its whole life.",
      origin: "still in head", invariants: ["I-ROUTE"], cases: ["HA-API-16"]
    ) { $0.controlPlane.lifeCycle.redisBoot = .fallsBack },
    Defect(
      id: "B-12", slug: "pod-name-default-collides", component: "control plane: start",
      mechanism: "Without POD_NAME every replica is unknown-pod, with one channel and one route value for all.",
      origin: "still in head; H10", invariants: ["I-ROUTE"], cases: ["HA-API-16"],
      evidence: .expectation
    ) { $0.controlPlane.lifeCycle.podName = .unknownPod },
  ]
}
