/// Who may register and connect (spec/05 §3.3, §4.6).
extension DefectCatalogue {
  static let enrolment: [Defect] = [
    Defect(
      id: "A-09", slug: "replicas-share-id-without-election", component: "agent, control plane: enrolment",
      mechanism: "Replicas of one id without election evict each other for ever: nothing locks the id.",
      origin: "K8S_AGENT_HA_CONFIGURATION_REQUIRED", invariants: ["I-ONE-CONN", "I-LEADER-ONE"], cases: ["HA-LE-13"]
    ) { $0.controlPlane.enrolment.takeoverLock = .never },
    Defect(
      id: "A-47", slug: "register-needs-prior-row", component: "control plane: enrolment",
      mechanism: "The key check looks the agent up before the handler that would make its row: 404 for ever.",
      origin: "#226", invariants: ["I-AUTHN"], cases: ["HA-LE-01", "DOCK-18"], evidence: .premise
    ) { $0.controlPlane.enrolment.unknownAgent = .refused },
    Defect(
      id: "A-48", slug: "auth-consumes-body", component: "control plane: enrolment",
      mechanism: "The key check reads the body of a registration, and the handler meets its end.",
      origin: "#231", invariants: ["I-AUTHN"], cases: ["DOCK-18"], evidence: .premise
    ) { $0.controlPlane.enrolment.bodyAfterCheck = .consumed },
    Defect(
      id: "B-78", slug: "pending-agent-selectable", component: "control plane: enrolment, selector",
      mechanism: "Each poll sets an agent online that waits for its approval, and the selector takes it.",
      origin: "still in head [rec 02]; H15", invariants: ["I-CMD-LIVE", "I-AUTHN"], cases: ["DOCK-18", "XP-11"]
    ) {
      $0.controlPlane.enrolment.registrationStatus = .setsOnline
      $0.controlPlane.sessions.eligibility = .anyAlive
    },
    Defect(
      id: "B-79", slug: "bootstrap-key-is-master-key", component: "control plane: enrolment",
      mechanism: "The bootstrap key opens every id at any time.",
      origin: "still in head [rec 02]; H16", invariants: ["I-AUTHN"], cases: ["XP-11"]
    ) { $0.controlPlane.enrolment.bootstrapKey = .always },
  ]
}
