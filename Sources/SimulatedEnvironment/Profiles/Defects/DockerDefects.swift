/// The Docker agent and its elections (spec/05 §3.1, §3.3, §4.4).
extension DefectCatalogue {
  static let docker: [Defect] = [
    Defect(
      id: "A-10", slug: "flock-on-unshared-volume", component: "Docker agent: election, file",
      mechanism: "Each replica locks a file of its own, and none of them notices.",
      origin: "DOCKER_AGENT_HA_TESTING", invariants: ["I-LEADER-ONE"], cases: ["DOCK-13"],
      evidence: .expectation
    ) { $0.dockerAgent.election.unsharedVolume = .ignored },
    Defect(
      id: "A-11", slug: "docker-heartbeat-epoch-timestamp", component: "Docker agent: heartbeat",
      mechanism: "The heartbeat's timestamp is a number, which makes the whole message invalid.",
      origin: "P0-001", invariants: ["I-STATUS", "I-ONE-CONN"], cases: ["DOCK-07", "XP-06"], evidence: .premise
    ) { $0.dockerAgent.heartbeatShape = .epochTimestamp },
    Defect(
      id: "A-12", slug: "docker-heartbeat-flat-payload", component: "Docker agent: heartbeat",
      mechanism: "Status and capacity lie beside the payload, which is empty.",
      origin: "P0-NEW (#150)", invariants: ["I-STATUS", "I-ONE-CONN"], cases: ["DOCK-07", "XP-06"],
      evidence: .expectation
    ) { $0.dockerAgent.heartbeatShape = .flat },
    Defect(
      id: "A-13", slug: "docker-ping-at-heartbeat-rate", component: "Docker agent: socket",
      mechanism: "Pings keep to the heartbeat interval instead of 54 s.",
      origin: "commit bbad912", invariants: ["I-ONE-CONN"], cases: ["DOCK-01"], evidence: .expectation
    ) { $0.dockerAgent.pingPeriod = .heartbeatInterval },
    Defect(
      id: "A-14", slug: "swarm-task-id-from-hostname", component: "Docker agent: election, swarm",
      mechanism: "The host name is taken for the id of the task, which the swarm does not know.",
      origin: "P0-002", invariants: ["I-LEADER-LIVE"], cases: ["DOCK-15"], evidence: .expectation
    ) { $0.dockerAgent.election.swarmIdentity = .hostName },
    Defect(
      id: "A-50", slug: "issued-key-ignored", component: "agents: enrolment",
      mechanism: "The issued key is not used: the agent goes on with the bootstrap key, and may not connect.",
      origin: "#232", invariants: ["I-AUTHN"], cases: ["DOCK-18"], evidence: .expectation
    ) {
      $0.agent.issuedKey = .ignored
      $0.dockerAgent.issuedKey = .ignored
    },
    Defect(
      id: "A-51", slug: "key-not-hex", component: "configuration of agents",
      mechanism: "The bootstrap key given to agents is not hexadecimal: every poll is refused.",
      origin: "#228", invariants: ["I-AUTHN"], cases: ["DOCK-18"], evidence: .premise
    ) { $0.bootstrapKey = .notHexadecimal },
    Defect(
      id: "A-52", slug: "heartbeat-interval-zero", component: "agents: heartbeat",
      mechanism: "An interval of nothing ends the process right after its connect.",
      origin: "#140", invariants: ["I-CRASH"], cases: ["DOCK-01"]
    ) {
      $0.agent.zeroInterval = .panics
      $0.dockerAgent.zeroInterval = .panics
    },
    Defect(
      id: "B-44", slug: "docker-inbound-timestamp-int", component: "Docker agent: messages",
      mechanism: "Only numbers are read for timestamps, and the control plane sends texts: no command is decoded.",
      origin: "still in head [rec 11, 13]", invariants: ["I-CMD-LIVE"], cases: ["DOCK-02", "XP-06"],
      evidence: .expectation
    ) { $0.dockerAgent.inboundTimestamps = .integer },
    Defect(
      id: "B-45", slug: "docker-replies-outside-protocol", component: "Docker agent: answers",
      mechanism: "Answers are command_response and command_error, which the control plane cannot use.",
      origin: "still in head [rec 11]", invariants: ["I-CMD-LIVE", "I-SESS-TRUTH"], cases: ["DOCK-06", "XP-06"],
      evidence: .expectation
    ) { $0.dockerAgent.replies = .outsideProtocol },
    Defect(
      id: "B-46", slug: "docker-never-reconnects", component: "Docker agent: connection",
      mechanism: "The loss of the connection ends the agent; its process idles and keeps the lock.",
      origin: "still in head [rec 11]", invariants: ["I-STATUS", "I-LEADER-WORK", "I-CRASH", "I-LEAK"],
      cases: ["DOCK-08", "DOCK-14", "CHAOS-03"]
    ) {
      $0.dockerAgent.reconnection = .never
      $0.dockerAgent.election.withoutControlPlane = .keepsLock
    },
    Defect(
      id: "B-47", slug: "docker-ignores-issued-key", component: "Docker agent: enrolment",
      mechanism: "An approval that is pending counts as a failure, and an issued key is not read.",
      origin: "still in head [rec 11]", invariants: ["I-AUTHN"], cases: ["DOCK-18"], evidence: .expectation
    ) {
      $0.dockerAgent.pendingApproval = .isFailure
      $0.dockerAgent.issuedKey = .ignored
    },
    Defect(
      id: "B-48", slug: "docker-resources-nested", component: "Docker agent: start",
      mechanism: "Limits are looked for where no control plane writes them: the template's hold.",
      origin: "still in head", invariants: ["I-QUOTA"], cases: ["DOCK-05", "XP-04"], evidence: .expectation
    ) { $0.dockerAgent.resources = .nested },
    Defect(
      id: "B-49", slug: "docker-missing-verbs-and-vnc", component: "Docker agent: commands",
      mechanism: "Hibernate and wake are not implemented, and messages of viewers are unknown.",
      origin: "still in head [rec 11]", invariants: ["I-CMD-LIVE"], cases: ["DOCK-04", "XP-03", "VNC-D-01"],
      evidence: .expectation
    ) {
      $0.dockerAgent.hibernation = .unsupported
      $0.dockerAgent.streaming = .unsupported
    },
    Defect(
      id: "B-50", slug: "docker-leftovers", component: "Docker agent: commands",
      mechanism: "A container that was made and never ran stays in the way; a stop keeps all volumes.",
      origin: "still in head [rec 11]", invariants: ["I-NO-ORPHAN", "I-CMD-ONCE", "I-CMD-TRUTH"],
      cases: ["DOCK-03", "DOCK-10", "DOCK-11"], evidence: .expectation
    ) {
      $0.dockerAgent.existingContainer = .adoptedIfRunning
      $0.dockerAgent.stoppedVolumes = .kept
      $0.dockerAgent.commandHistory = .none
    },
    Defect(
      id: "B-51", slug: "docker-renew-without-retry", component: "Docker agent: election",
      mechanism: "The lock is renewed once per 10 s, and one failure ends the leadership.",
      origin: "still in head", invariants: ["I-LEADER-LIVE"], cases: ["DOCK-14"], evidence: .expectation
    ) { $0.dockerAgent.election.renewal = .onceWithoutRetry },
    Defect(
      id: "B-52", slug: "flock-without-lease", component: "Docker agent: election, file",
      mechanism: "The file is locked and nothing else: a hung leader keeps it, a new file makes two.",
      origin: "still in head", invariants: ["I-LEADER-LIVE", "I-LEADER-ONE"], cases: ["DOCK-13"]
    ) {
      $0.dockerAgent.election.fileLocking = .lockOnly
      $0.dockerAgent.election.authority = .untilNextTick
    },
    Defect(
      id: "B-53", slug: "redis-lock-without-fence", component: "Docker agent: election, Redis",
      mechanism: "A leader acts until its next tick tells it otherwise, and a lost record is a free lock.",
      origin: "still in head", invariants: ["I-LEADER-ONE"], cases: ["DOCK-14"], evidence: .expectation
    ) {
      $0.dockerAgent.election.authority = .untilNextTick
      $0.dockerAgent.election.lostRecord = .isFree
      $0.dockerAgent.election.platformWrites = .unfenced
    },
    Defect(
      id: "B-54", slug: "swarm-lease-on-wall-clock", component: "Docker agent: election, swarm",
      mechanism: "The age of the lock is read off another host's clock, and a foreign update deposes.",
      origin: "still in head", invariants: ["I-LEADER-ONE"], cases: ["DOCK-15"], evidence: .expectation
    ) {
      $0.dockerAgent.election.recordAge = .remoteTime
      $0.dockerAgent.election.versionConflict = .deposes
    },
  ]
}
