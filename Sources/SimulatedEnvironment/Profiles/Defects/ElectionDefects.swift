import SimulationRuntime

/// The election of the Kubernetes agent (spec/05 §3.3, §4.3, §5).
extension DefectCatalogue {
  static let elections: [Defect] = [
    Defect(
      id: "A-60", slug: "stale-resource-version", component: "agent: election",
      mechanism: "A write of an old version that the API server refuses counts as done.",
      origin: "commits 5901a3d, c039851, 130c08a", invariants: ["I-LEADER-ONE"], cases: ["HA-LE-16"]
    ) { $0.agent.election.leaseWrites = .conflictCountsAsDone },
    Defect(
      id: "B-35", slug: "leadership-loss-is-terminal", component: "agent: election",
      mechanism: "A replica that lost the lease never competes again.",
      origin: "still in head [rec 14b]", invariants: ["I-LEADER-LIVE"], cases: ["HA-LE-11"]
    ) { $0.agent.election.afterLoss = .retires },
    Defect(
      id: "B-36", slug: "leader-start-failure-keeps-lease", component: "agent: election",
      mechanism: "A leader whose first connect fails keeps the lease, with no agent running.",
      origin: "still in head", invariants: ["I-LEADER-WORK", "I-LEADER-LIVE"], cases: ["HA-LE-12", "CHAOS-02"]
    ) {
      $0.agent.election.firstConnect = .givenUp
      $0.agent.election.withoutControlPlane = .keepsLease
    },
    Defect(
      id: "B-37", slug: "lease-without-control-plane-link", component: "agent: election",
      mechanism: "A leader that is cut off from the control plane keeps the lease.",
      origin: "still in head", invariants: ["I-LEADER-WORK", "I-LEADER-LIVE"], cases: ["HA-LE-08"]
    ) { $0.agent.election.withoutControlPlane = .keepsLease },
    Defect(
      id: "B-38", slug: "lease-released-before-stop", component: "agent: election",
      mechanism: "SIGTERM releases the lease first and stops the agent afterwards.",
      origin: "still in head [rec 14]", invariants: ["I-LEADER-ONE", "I-CRASH"], cases: ["HA-LE-02", "HA-LE-06"]
    ) {
      $0.agent.election.release = .beforeStop
      $0.agent.election.handlersAtLoss = .runOn
      $0.kubernetes.fencing = .none
    },
    Defect(
      id: "B-39", slug: "in-flight-handler-after-loss", component: "agent: election",
      mechanism: "A handler is not stopped at the loss of the leadership, and its writes carry no term.",
      origin: "still in head", invariants: ["I-LEADER-ONE", "I-CMD-ONCE"], cases: ["HA-LE-06", "HA-LE-09"]
    ) {
      $0.agent.election.handlersAtLoss = .runOn
      $0.agent.election.platformWrites = .unfenced
    },
    Defect(
      id: "C-01", slug: "lease-lost-update", component: "agent: election",
      mechanism: "After a conflict the newest lease is read and overwritten.",
      origin: "plausible", invariants: ["I-LEADER-ONE"], cases: ["HA-LE-16"]
    ) { $0.agent.election.leaseWrites = .lastWriterWins },
    Defect(
      id: "C-02", slug: "lease-expiry-by-remote-clock", component: "agent: election",
      mechanism: "A candidate judges the lease by the time in the record and its own calendar.",
      origin: "plausible", invariants: ["I-LEADER-ONE"], cases: ["HA-LE-10"]
    ) { $0.agent.election.leaseExpiry = .remoteTime },
    Defect(
      id: "C-03", slug: "renew-deadline-equals-lease", component: "agent: election",
      mechanism: "Authority lasts as long as the lease: there is no gap between two leaders.",
      origin: "plausible", invariants: ["I-LEADER-ONE"], cases: ["HA-LE-07"]
    ) { $0.agent.election.authority = .seconds(15) },
    Defect(
      id: "C-04", slug: "no-fencing-on-platform-writes", component: "platform, agent: election",
      mechanism: "The platform takes writes of a term that is over, and handlers go on making them.",
      origin: "plausible", invariants: ["I-LEADER-ONE", "I-CMD-ONCE"], cases: ["HA-LE-09", "DOCK-14"]
    ) {
      $0.kubernetes.fencing = .none
      $0.agent.election.handlersAtLoss = .runOnWithOldTerm
      $0.docker.fencing = .none
      $0.dockerAgent.election.handlersAtLoss = .runOn
      $0.dockerAgent.election.platformWrites = .unfenced
    },
  ]
}
