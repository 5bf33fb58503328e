import ControlPlane

/// Viewers, tunnels and relays, the control plane's half (spec/05 §3.1, §4.5, §5).
extension DefectCatalogue {
  static let streaming: [Defect] = [
    Defect(
      id: "A-22", slug: "vnc-idle-cut", component: "control plane: viewers",
      mechanism: "Nothing keeps a quiet viewer's connection, and what was quiet for 60 s is cut.",
      origin: "commit 396eba5", invariants: ["I-VNC-IDLE"], cases: ["VNC-K-04"]
    ) { $0.controlPlane.streaming.keepAlive = .idleReaper },
    Defect(
      id: "A-25", slug: "vnc-context-key", component: "control plane: viewers",
      mechanism: "The VNC route looks for the user under another name than the token check: every connect is 401.",
      origin: "commit 4c248c5", invariants: ["I-VNC-OPEN"], cases: ["VNC-K-13"], evidence: .premise
    ) { $0.controlPlane.streaming.userLookup = .wrongKey },
    Defect(
      id: "A-26", slug: "vnc-token-dropped", component: "control plane: viewers",
      mechanism: "The token reaches the VNC route in the header alone, which a browser cannot set: 401.",
      origin: "commits 18cf2cb, 4c248c5", invariants: ["I-VNC-OPEN"], cases: ["VNC-K-13"], evidence: .premise
    ) { $0.controlPlane.streaming.tokenPlaces = .headerOnly },
    Defect(
      id: "A-27", slug: "http-proxy-local-agent-check", component: "control plane: viewers",
      mechanism: "The proxy of HTTP sessions wants their agent on its own replica: 503 on every other one.",
      origin: "commit c4fc035", invariants: ["I-VNC-OPEN"], cases: ["VNC-K-08"], evidence: .expectation
    ) { $0.controlPlane.streaming.pages = .whereTheAgentIs },
    Defect(
      id: "A-59", slug: "last-activity-never-written", component: "control plane: viewers",
      mechanism: "last_activity does not move while a viewer is attached.",
      origin: "commits ce6ad26, 7969b4d, 4c248c5 (#239)", invariants: ["I-COUNT"], cases: ["VNC-K-14"],
      evidence: .expectation
    ) { $0.controlPlane.streaming.activity = .neverWritten },
    Defect(
      id: "B-55", slug: "relay-steals-sibling-frames", component: "control plane: relay",
      mechanism: "All viewers of an agent take frames off one queue; each discards those of the others' sessions.",
      origin: "still in head [rec 05]; H46", invariants: ["I-VNC-BYTES"],
      cases: ["VNC-K-07", "MU-09", "PERF-LOAD-03"]
    ) { $0.controlPlane.streaming.reception = .oneQueuePerAgent },
    Defect(
      id: "B-56", slug: "relay-is-local-only", component: "control plane: relay",
      mechanism: "A viewer is upgraded wherever its agent is known, and cut at once where that is not connected.",
      origin: "still in head [rec 04]; H49", invariants: ["I-VNC-OPEN"], cases: ["VNC-K-08", "HA-API-11"],
      evidence: .premise
    ) { $0.controlPlane.streaming.reach = .ownAgents },
    Defect(
      id: "B-57", slug: "old-relay-tears-down-new", component: "control plane: relay",
      mechanism: "The clean-up after a viewer that was taken over removes the newer one's attachment and tunnel.",
      origin: "still in head [rec 05]; H47", invariants: ["I-VNC-OPEN", "I-COUNT"], cases: ["VNC-K-05", "VNC-K-06"]
    ) { $0.controlPlane.streaming.takeover = .bySession },
    Defect(
      id: "B-58", slug: "vnc-error-kills-replica", component: "control plane: relay",
      mechanism: "An error of the tunnel closes the stop channel on which the viewer's reader then sends.",
      origin: "still in head [rec 05b, 13]; H44", invariants: ["I-CRASH"], cases: ["VNC-K-12", "VNC-K-11"]
    ) { $0.controlPlane.streaming.tunnelError = .panics },
    Defect(
      id: "B-59", slug: "stop-signal-wrong-receiver", component: "control plane: relay",
      mechanism:
        "A viewer's end is heard by pinger or beat instead of its relay, which lives on with count and tunnel.",
      origin: "still in head [rec 05, 05c]; H45", invariants: ["I-VNC-END", "I-LEAK"],
      cases: ["VNC-K-05", "PERF-RES-03"]
    ) { $0.controlPlane.streaming.viewerEnd = .takenByTicker },
    Defect(
      id: "B-60", slug: "viewer-socket-two-writers", component: "control plane: viewers",
      mechanism: "Pings and data are written on a viewer's socket beside each other; an overlap ends the process.",
      origin: "still in head; H52", invariants: ["I-CRASH"], cases: ["VNC-K-04", "VNC-K-15"]
    ) { $0.controlPlane.streaming.viewerWriters = .two },
    Defect(
      id: "B-63", slug: "payload-encoding-mismatch", component: "control plane: viewers",
      mechanism:
        "Binary messages become JSON strings, invalid UTF-8 replaced; the desktop's bytes come as base64 text.",
      origin: "still in head [rec 05]; H54", invariants: ["I-VNC-BYTES"], cases: ["VNC-K-01", "VNC-K-02", "XP-06"],
      evidence: .expectation
    ) { $0.controlPlane.streaming.payload = .messageText },
    Defect(
      id: "B-64", slug: "agent-loss-unnoticed", component: "control plane: relay",
      mechanism: "The end of an agent's connection, or silence on it, ends none of its viewers: the picture freezes.",
      origin: "still in head [rec 05]", invariants: ["I-VNC-END"], cases: ["VNC-K-10"]
    ) {
      $0.controlPlane.streaming.agentLoss = .unnoticed
      $0.agent.tunnels.silence = .unnoticed
      $0.dockerAgent.tunnels.silence = .unnoticed
    },
    Defect(
      id: "B-65", slug: "vnc-flood-starves-control", component: "control plane and agent: socket",
      mechanism:
        "Viewers' input and commands share one queue of 256; on the agent data and heartbeats share another, without credit.",
      origin: "still in head", invariants: ["I-STATUS", "I-CMD-LIVE", "I-VNC-IDLE"],
      cases: ["VNC-K-15"]
    ) {
      $0.controlPlane.streaming.agentQueue = .oneForAll
      $0.agent.tunnels.sendQueues = .shared
      $0.dockerAgent.tunnels.sendQueues = .shared
    },
    Defect(
      id: "B-67", slug: "relay-buffer-overflow-drops-bytes", component: "control plane: relay",
      mechanism: "Frames beyond 256 that wait for a viewer are dropped, and those after them delivered.",
      origin: "still in head [rec 05d]; H51", invariants: ["I-VNC-BYTES"], cases: ["VNC-K-15", "VNC-K-16"]
    ) { $0.controlPlane.streaming.overflow = .dropsFrames },
    Defect(
      id: "B-68", slug: "viewer-count-leak", component: "control plane: viewers",
      mechanism: "connect and attach both add to active_connections, and nothing takes back what a dead replica added.",
      origin: "still in head [rec 05b]; H55", invariants: ["I-COUNT"], cases: ["VNC-K-09", "CHAOS-14"]
    ) {
      $0.controlPlane.streaming.count = .incremented
      $0.controlPlane.sessions.connectCount = .addsViewer
      $0.controlPlane.hub.attachmentCount = .leftAlone
    },
    Defect(
      id: "C-19", slug: "vnc-reorder-across-reconnect", component: "control plane: relay",
      mechanism: "Bytes that waited for the older viewer go to the newer, after its first own ones.",
      origin: "plausible", invariants: ["I-VNC-BYTES", "I-VNC-ISO"], cases: ["VNC-K-06"],
      evidence: .expectation
    ) { $0.controlPlane.streaming.leftovers = .givenToSuccessor },
    Defect(
      id: "C-24", slug: "hibernate-races-connect", component: "control plane: idle sweep",
      mechanism: "The idle sweep hibernates by the count of viewers it read before.",
      origin: "plausible", invariants: ["I-SESS-SURVIVE"], cases: ["VNC-K-14"]
    ) { $0.controlPlane.sessions.idleGuard = .trustsFirstLook },
  ]
}
