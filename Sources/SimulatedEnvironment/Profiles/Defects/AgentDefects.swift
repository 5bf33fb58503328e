/// The Kubernetes agent without its election (spec/05 §3.1, §3.3, §4.3, §5).
extension DefectCatalogue {
  static let agents: [Defect] = [
    Defect(
      id: "A-03", slug: "agent-two-writers", component: "agent: socket",
      mechanism: "Heartbeats and pings write side by side; where they meet the process dies.",
      origin: "P0-AGENT-001", invariants: ["I-CRASH"], cases: ["HA-LE-05", "DOCK-01"]
    ) {
      $0.agent.writers = .two
      $0.dockerAgent.writers = .two
    },
    Defect(
      id: "A-49", slug: "capacity-shape", component: "agent: registration",
      mechanism: "Capacity is sent as maxCpu and maxMemory, which the control plane does not know.",
      origin: "#230", invariants: ["I-CAP"], cases: ["XP-04", "XP-06"], evidence: .expectation
    ) {
      $0.agent.capacityShape = .numbers
      $0.dockerAgent.capacityShape = .numbers
    },
    Defect(
      id: "B-21", slug: "start-not-idempotent", component: "agent: commands",
      mechanism: "A second start of a session fails on AlreadyExists, although the session runs.",
      origin: "still in head [rec 12]", invariants: ["I-CMD-ONCE", "I-CMD-TRUTH"],
      cases: ["DOCK-11", "HA-LE-06"]
    ) {
      $0.agent.existingWorkload = .fails
      $0.agent.commandHistory = .none
      $0.dockerAgent.existingContainer = .fails
      $0.dockerAgent.commandHistory = .none
    },
    Defect(
      id: "B-33", slug: "writer-loop-dies-silently", component: "agent: socket",
      mechanism: "The only writer ends with its first failed write; the agent reads on and answers nothing.",
      origin: "still in head [rec 14b]", invariants: ["I-STATUS", "I-CMD-LIVE"],
      cases: ["HA-API-05", "HA-API-06", "CHAOS-03"]
    ) { $0.agent.writer = .diesOnFailure },
    Defect(
      id: "B-40", slug: "partial-provision-orphans", component: "agent: commands",
      mechanism: "A start that fails half-way leaves what it made.",
      origin: "still in head", invariants: ["I-NO-ORPHAN", "I-CMD-TRUTH"], cases: ["HA-LE-17", "CHAOS-15"],
      evidence: .expectation
    ) { $0.agent.failedStart = .leavesIt },
    Defect(
      id: "C-05", slug: "duplicate-delivery-executes-twice", component: "agent: commands",
      mechanism: "The agent does not remember the commands it carried out.",
      origin: "plausible", invariants: ["I-CMD-ONCE"], cases: ["HA-API-13"]
    ) {
      $0.agent.commandHistory = .none
      $0.dockerAgent.commandHistory = .none
    },
    Defect(
      id: "C-17", slug: "backoff-never-resets", component: "agent: connection",
      mechanism: "The count of attempts survives a success: after the fifth incident the agent gives up.",
      origin: "plausible", invariants: ["I-STATUS", "I-LEAK"], cases: ["HA-API-05"]
    ) { $0.agent.backOff = .neverReset },
    Defect(
      id: "C-18", slug: "reconnect-leaks-old-socket", component: "agent: connection",
      mechanism: "The agent dials again without closing the old connection.",
      origin: "plausible", invariants: ["I-LEAK"], cases: ["HA-API-05", "CHAOS-14"]
    ) { $0.agent.oldSocket = .leaked },
    Defect(
      id: "C-26", slug: "orphan-sweep-too-eager", component: "agent: start",
      mechanism: "A new process removes the workloads it does not remember.",
      origin: "plausible", invariants: ["I-SESS-SURVIVE"], cases: ["HA-LE-02", "CHAOS-03"]
    ) {
      $0.agent.unknownWorkloads = .removed
      $0.dockerAgent.unknownContainers = .removed
    },
  ]
}
