/// Sessions: how they are made, moved and reported (spec/05 §3.1, §4.2, §4.6).
extension DefectCatalogue {
  static let sessions: [Defect] = [
    Defect(
      id: "A-15", slug: "session-state-never-reported", component: "control plane, agent: status",
      mechanism: "What agents report is only logged: the session stays pending for ever.",
      origin: "commits c2a68a7, feaff4b", invariants: ["I-SESS-TRUTH"], cases: ["XP-01", "PERF-THR-03"]
    ) {
      $0.controlPlane.sessions.progress = .reportsOnly
      $0.controlPlane.sessions.reports = .ignored
    },
    Defect(
      id: "A-16", slug: "delete-accepted-without-command", component: "control plane: sessions",
      mechanism: "DELETE answers 202 and writes no command.",
      origin: "EXPANDED_TESTING_REPORT", invariants: ["I-ACCEPT"], cases: ["XP-01", "MU-10"]
    ) { $0.controlPlane.sessions.verbCommand = .forgottenByStop },
    Defect(
      id: "A-20", slug: "create-publishes-into-stub", component: "control plane: sessions",
      mechanism: "A create writes its session and no command.",
      origin: "report P0-003", invariants: ["I-ACCEPT"], cases: ["XP-01"]
    ) { $0.controlPlane.sessions.verbCommand = .forgottenByStart },
    Defect(
      id: "A-28", slug: "manifest-key-case", component: "control plane: catalogue",
      mechanism: "The template reaches the agent with Spec and BaseImage instead of spec and baseImage.",
      origin: "P0-MANIFEST-001 (#145)", invariants: ["I-CMD-TRUTH"], cases: ["XP-05"], evidence: .expectation
    ) { $0.controlPlane.sessions.manifest = .fieldNames },
    Defect(
      id: "A-29", slug: "manifest-missing-then-forbidden", component: "control plane: catalogue",
      mechanism: "The template is not sent: the agent should read the resource, and may not.",
      origin: "P0-RBAC-001 (#144)", invariants: ["I-CMD-TRUTH"], cases: ["XP-05"], evidence: .expectation
    ) { $0.controlPlane.sessions.manifest = .omitted },
    Defect(
      id: "A-38", slug: "quota-reads-cluster", component: "control plane: quota",
      mechanism: "Usage is counted from pods: sessions on Docker and pending ones do not count.",
      origin: "commit bf0ad3a", invariants: ["I-QUOTA"], cases: ["XP-02", "MU-08"]
    ) { $0.controlPlane.sessions.quotaCount = .podsOnly },
    Defect(
      id: "B-26", slug: "failure-leaves-session-pending", component: "control plane: sessions",
      mechanism: "A failed command leaves its session as it is.",
      origin: "still in head [rec 03m]", invariants: ["I-SESS-TRUTH"], cases: ["DOCK-12", "XP-01"]
    ) { $0.controlPlane.sessions.progress = .exceptFailures },
    Defect(
      id: "B-28", slug: "hibernating-and-waking-never-settle", component: "control plane, agent: sessions",
      mechanism: "Neither hibernate nor wake moves the session when it is done, and nobody reports it.",
      origin: "still in head [rec 03, 13]", invariants: ["I-SESS-LEGAL", "I-SESS-TRUTH"],
      cases: ["DOCK-04", "VNC-K-14", "CHAOS-12"]
    ) {
      $0.controlPlane.sessions.progress = .exceptHibernation
      $0.controlPlane.sessions.reconciliation = .exceptHibernation
    },
    Defect(
      id: "B-29", slug: "verbs-that-do-nothing", component: "control plane: sessions",
      mechanism: "PATCH state, the idle sweep and a connect to a hibernated session answer and do nothing.",
      origin: "still in head [rec 03]", invariants: ["I-ACCEPT"], cases: ["XP-01"], evidence: .expectation
    ) {
      // A PATCH is observed without its body, and a time-out is no request: I-ACCEPT cannot tell what they promised.
      $0.controlPlane.sessions.patchState = .nothing
      $0.controlPlane.sessions.hibernatesIdleSessions = false
    },
    Defect(
      id: "B-31", slug: "status-frame-unguarded", component: "control plane: sessions",
      mechanism: "A status frame moves any session of any agent to any state.",
      origin: "still in head [rec 03, 10]", invariants: ["I-SESS-LEGAL", "I-AUTHN"], cases: ["XP-06", "MU-11"]
    ) { $0.controlPlane.sessions.reports = .verbatim },
    Defect(
      id: "B-71", slug: "agent-capacity-ignored", component: "control plane: selector",
      mechanism: "The selector looks at the number of sessions and never at maxSessions.",
      origin: "still in head", invariants: ["I-CAP"], cases: ["XP-10", "PERF-LOAD-02"]
    ) { $0.controlPlane.sessions.placement = .leastLoaded },
    Defect(
      id: "B-75", slug: "connection-tracker-per-replica", component: "control plane: connections",
      mechanism:
        "Connections live in the memory of one replica: heartbeats at another get 404, and the owner expires them.",
      origin: "still in head", invariants: ["I-COUNT"], cases: ["HA-API-11", "MU-14"], evidence: .expectation
    ) { $0.controlPlane.sessions.connections = .perReplica },
    Defect(
      id: "B-77", slug: "platform-fixed-per-process", component: "control plane: selector",
      mechanism: "The platform is a setting of the process, not of the template.",
      origin: "seen: 07 section 1", invariants: ["I-ACCEPT"], cases: ["XP-02"], evidence: .expectation
    ) { $0.controlPlane.sessions.choosesPlatformPerRequest = false },
  ]
}
