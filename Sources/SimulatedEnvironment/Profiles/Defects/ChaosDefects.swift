import ControlPlane

/// What combined failures show (spec/05 §3, §4, §5).
extension DefectCatalogue {
  static let chaos: [Defect] = [
    Defect(
      id: "A-19", slug: "error-after-commit", component: "control plane: sessions",
      mechanism: "A create that is committed is answered 500 when its agent cannot be reached: users make it twice.",
      origin: "commit c2a68a7", invariants: ["I-ACCEPT"], cases: ["CHAOS-13", "MU-06"], evidence: .expectation
    ) { $0.controlPlane.sessions.acceptance = .whenReachable },
    Defect(
      id: "A-21", slug: "stuck-session-never-reconciled", component: "control plane: reconciler",
      mechanism: "Nobody looks at sessions whose way does not end.",
      origin: "#235, #236", invariants: ["I-SESS-TRUTH"], cases: ["CHAOS-07", "CHAOS-12"], evidence: .expectation
    ) { $0.controlPlane.sessions.reconciliation = .off },
    Defect(
      id: "A-44", slug: "multi-statement-without-transaction", component: "control plane: users",
      mechanism: "The rows of a user go one by one: a failure between them leaves the rest.",
      origin: "commits 474db09, 9369131", invariants: ["I-ACCEPT"], cases: ["CHAOS-13"], evidence: .expectation
    ) { $0.controlPlane.sessions.users.deletion = .oneByOne },
    Defect(
      id: "B-25", slug: "create-is-three-writes", component: "control plane: sessions",
      mechanism: "Session, command and change of state are committed one by one.",
      origin: "still in head", invariants: ["I-ACCEPT", "I-SESS-TRUTH"], cases: ["CHAOS-13"],
      evidence: .expectation
    ) { $0.controlPlane.sessions.commit = .separately },
    Defect(
      id: "B-27", slug: "stop-never-terminates", component: "control plane: sessions, reconciler",
      mechanism: "A stop that is done leaves its session terminating, and every replica sends it again for ever.",
      origin: "still in head [rec 13]", invariants: ["I-SESS-TRUTH", "I-LEAK"],
      cases: ["CHAOS-14", "MU-10", "PERF-RES-03"], evidence: .expectation
    ) {
      $0.controlPlane.sessions.progress = .exceptStops
      // The agents of its time report starts alone: nothing else tells of the end.
      $0.agent.statusReports = .startOnly
      $0.controlPlane.sessions.reconciliation = .everyReplicaUnbounded
    },
    Defect(
      id: "B-42", slug: "stop-hides-errors", component: "agent: commands",
      mechanism: "A stop is reported done although its deletions failed.",
      origin: "still in head [rec 12]", invariants: ["I-CMD-TRUTH", "I-NO-ORPHAN"], cases: ["CHAOS-15"]
    ) { $0.agent.stopErrors = .hidden },
    Defect(
      id: "B-43", slug: "probe-sees-only-the-process", component: "platform: readiness probe",
      mechanism: "The probe asks whether the process exists: one that hangs or leads into the void is never replaced.",
      origin: "still in head", invariants: ["I-LEADER-WORK"], cases: ["CHAOS-16"], evidence: .expectation
    ) { $0.readinessProbe = .processOnly },
    Defect(
      id: "C-11", slug: "redis-failover-loses-last-writes", component: "control plane: hub",
      mechanism: "Keys that Redis has acknowledged count as kept: what a fail-over lost of them is not written again.",
      origin: "plausible", invariants: ["I-ROUTE"], cases: ["CHAOS-04"]
    ) { $0.controlPlane.hub.routeRefresh = .trustsAcknowledged },
    Defect(
      id: "C-12", slug: "split-brain-two-redis-sides", component: "control plane: hub",
      mechanism: "A replica holds an agent as long as its own view of Redis says so, whatever the row says.",
      origin: "plausible", invariants: ["I-ONE-CONN"], cases: ["CHAOS-06"], evidence: .expectation
    ) { $0.controlPlane.hub.ownership = .route },
    Defect(
      id: "C-13", slug: "commit-outcome-unknown", component: "control plane: sessions",
      mechanism: "A COMMIT whose answer is lost counts as a failure, and what it did stays.",
      origin: "plausible", invariants: ["I-ACCEPT"], cases: ["CHAOS-13"]
    ) { $0.controlPlane.sessions.unknownCommit = .countsAsFailure },
    Defect(
      id: "C-16", slug: "reconnect-without-jitter", component: "agents: connection",
      mechanism: "All agents wait exactly 2, 4, 8, 16, 32 s: they come back in lock-step.",
      origin: "plausible", invariants: ["I-STATUS"], cases: ["CHAOS-11"], evidence: .expectation
    ) {
      $0.agent.reconnect = .exact
      $0.dockerAgent.reconnection = .forEver(.exact)
    },
    Defect(
      id: "C-27", slug: "reconcile-versus-late-success", component: "control plane: commands, reconciler",
      mechanism: "A success that comes after its command was given up changes nothing: its workload stays.",
      origin: "plausible", invariants: ["I-SESS-LEGAL", "I-NO-ORPHAN", "I-SESS-TRUTH"], cases: ["CHAOS-12"]
    ) {
      $0.controlPlane.sessions.lateResults = .ignored
      // Nothing else looks at what an agent brings back.
      $0.controlPlane.sessions.comparesInventory = false
    },
    Defect(
      id: "C-32", slug: "select-bias-starvation", component: "control plane: hub",
      mechanism:
        "The loop of the hub takes a register as long as there are any: an unregister waits behind all of them.",
      origin: "plausible", invariants: ["I-HUB-LIVE"], cases: ["CHAOS-09"]
    ) { $0.controlPlane.hub.selection = .registersFirst },
  ]
}
