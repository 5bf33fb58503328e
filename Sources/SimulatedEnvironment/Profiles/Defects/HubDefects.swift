/// Agent connections and rows (spec/05 §3.1, §4.1).
extension DefectCatalogue {
  static let hub: [Defect] = [
    Defect(
      id: "A-01", slug: "hub-connections-not-shared", component: "control plane: hub, selector",
      mechanism: "A replica looks for an agent in its own map only; Redis is not asked.",
      origin: "P1-MULTI-POD-001 (#134)", invariants: ["I-ACCEPT", "I-CMD-LIVE"], cases: ["HA-API-02", "HA-API-03"]
    ) {
      $0.controlPlane.hub.routing = .localMapOnly
      $0.controlPlane.sessions.reach = .ownConnections
    },
    Defect(
      id: "A-02", slug: "selector-trusts-local-socket", component: "control plane: selector",
      mechanism: "An agent may be chosen only by the replica that holds its socket, whatever the database says.",
      origin: "commit 00ff057", invariants: ["I-ACCEPT"], cases: ["HA-API-02", "HA-API-19"],
      evidence: .expectation
    ) { $0.controlPlane.sessions.reach = .ownConnections },
    Defect(
      id: "A-04", slug: "stale-threshold-equals-heartbeat", component: "control plane: hub",
      mechanism: "An agent counts as stale after 30 s, which is its heartbeat interval.",
      origin: "HA_CHAOS_TESTING_RESULTS (stability finding)", invariants: ["I-ONE-CONN", "I-STATUS"],
      cases: ["HA-API-14"]
    ) { $0.controlPlane.hub.staleThreshold = .seconds(30) },
    Defect(
      id: "A-05", slug: "heartbeat-does-not-set-online", component: "control plane: hub",
      mechanism: "A heartbeat writes its time and not the status: once offline, always offline.",
      origin: "P1-AGENT-STATUS-001 (#132)", invariants: ["I-STATUS"], cases: ["HA-API-09", "HA-API-10", "HA-LE-02"]
    ) {
      $0.controlPlane.hub.heartbeatStatus = .timestampOnly
      // The offline write of its time: guarded by an epoch there would be nothing to repair.
      $0.controlPlane.hub.presenceRemoval = .always
    },
    Defect(
      id: "A-23", slug: "agent-ping-not-liveness", component: "control plane: agent socket",
      mechanism: "Only pongs extend the read deadline of 60 s, and an agent that is busy in a handler sends none.",
      origin: "commit c2a68a7", invariants: ["I-ONE-CONN"], cases: ["HA-API-14", "PERF-THR-04"]
    ) {
      $0.controlPlane.hub.readCredit = .pongsOnly
      // The agent of its time: it reads nothing while a command runs.
      $0.agent.handlers = .inReadLoop
    },
    Defect(
      id: "B-01", slug: "unregister-by-id-kills-successor", component: "control plane: hub",
      mechanism: "The end of an old connection unregisters whatever is registered under the agent's id.",
      origin: "still in head [rec 06]; H01", invariants: ["I-ONE-CONN", "I-ROUTE"],
      cases: ["HA-API-10", "HA-LE-02", "DOCK-08"]
    ) { $0.controlPlane.hub.unregistration = .byAgentID },
    Defect(
      id: "B-05", slug: "hub-io-under-lock", component: "control plane: hub",
      mechanism: "Registrations hold the hub's lock during SQL and Redis calls; look-ups and heartbeats wait.",
      origin: "still in head; H07", invariants: ["I-HUB-LIVE", "I-ONE-CONN"], cases: ["CHAOS-04"]
    ) { $0.controlPlane.hub.inputOutput = .underLock },
    Defect(
      id: "B-06", slug: "stale-sweep-self-deadlock", component: "control plane: hub",
      mechanism: "The sweep pushes into the ten slots that only its own loop drains: the eleventh blocks it for ever.",
      origin: "still in head; H06", invariants: ["I-HUB-LIVE"], cases: ["HA-API-15"]
    ) { $0.controlPlane.hub.staleRemoval = .throughOwnChannel },
    Defect(
      id: "B-07", slug: "send-on-closed-agent-channel", component: "control plane: hub",
      mechanism: "A sender that found a connection before it closed sends on a closed channel: the replica dies.",
      origin: "still in head; H08", invariants: ["I-CRASH"], cases: ["CHAOS-09"]
    ) { $0.controlPlane.hub.closedConnectionSend = .panics },
    Defect(
      id: "B-13", slug: "heartbeat-credits-other-connection", component: "control plane: hub",
      mechanism: "A heartbeat on a replaced socket keeps the connection fresh that replaced it.",
      origin: "still in head", invariants: ["I-STATUS"], cases: ["HA-LE-09"], evidence: .expectation
    ) { $0.controlPlane.hub.heartbeatCredit = .byAgentID },
    Defect(
      id: "C-15", slug: "api-clock-versus-db-clock", component: "control plane: hub",
      mechanism: "last_heartbeat is written by the replica's wall clock, without zone, and compared with NOW().",
      origin: "plausible; H39", invariants: ["I-STATUS", "I-ACCEPT"], cases: ["CHAOS-08", "XP-13"],
      evidence: .expectation
    ) { $0.controlPlane.hub.heartbeatClock = .replica },
  ]
}
