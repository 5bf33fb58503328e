/// The agents' tunnels (spec/05 §3.2, §4.3, §4.5, §5).
extension DefectCatalogue {
  static let tunnels: [Defect] = [
    Defect(
      id: "A-24", slug: "portforward-forbidden", component: "chart: role of the agent",
      mechanism: "The role has no create on pods/portforward: sessions run, and no tunnel opens.",
      origin: "P1-VNC-RBAC-001 (#131)", invariants: ["I-VNC-OPEN"], cases: ["VNC-K-12"], evidence: .premise
    ) { $0.kubernetes.portForwarding = .missing },
    Defect(
      id: "B-34", slug: "handler-blocks-reader", component: "agent: commands",
      mechanism:
        "Commands run inside the read loop: while one waits for its pod nothing is read, viewers' input included.",
      origin: "still in head", invariants: ["I-CMD-LIVE", "I-VNC-BYTES", "I-ONE-CONN"],
      cases: ["PERF-THR-02", "PERF-THR-04", "VNC-K-15"]
    ) {
      $0.agent.handlers = .inReadLoop
      $0.dockerAgent.handlers = .inReadLoop
    },
    Defect(
      id: "B-41", slug: "first-pod-in-list", component: "agent: pods",
      mechanism: "The first pod of a session counts, also one that is going.",
      origin: "still in head", invariants: ["I-VNC-OPEN"], cases: ["VNC-K-14"]
    ) { $0.agent.podChoice = .firstInList },
    Defect(
      id: "B-61", slug: "tunnel-one-shot", component: "agent: tunnels",
      mechanism: "A start gives one tunnel; no later viewer gets another, nor does a new process of the agent.",
      origin: "still in head [rec 12 in part]", invariants: ["I-VNC-OPEN"],
      cases: ["VNC-K-05", "VNC-K-10", "VNC-K-11", "VNC-K-14", "HA-LE-14"], evidence: .premise
    ) {
      $0.agent.tunnels.lifetime = .oneShot
      $0.dockerAgent.tunnels.lifetime = .oneShot
    },
    Defect(
      id: "B-62", slug: "banner-lost-before-viewer", component: "agent: tunnels",
      mechanism: "The tunnel is opened 2 s after a start; the server's version is said before any viewer, and lost.",
      origin: "still in head [rec 05d]", invariants: ["I-VNC-BYTES", "I-VNC-OPEN"], cases: ["VNC-K-01", "VNC-K-07"]
    ) {
      $0.agent.tunnels.opening = .atStart
      $0.dockerAgent.tunnels.opening = .atStart
    },
    Defect(
      id: "B-66", slug: "pod-eof-silent", component: "agent: tunnels",
      mechanism: "The end of the desktop's stream closes the tunnel, and nobody hears of it.",
      origin: "still in head", invariants: ["I-VNC-END"], cases: ["VNC-K-11"]
    ) {
      $0.agent.tunnels.desktopEnd = .silent
      $0.dockerAgent.tunnels.desktopEnd = .silent
    },
    Defect(
      id: "C-20", slug: "vnc-partial-write-ignored", component: "agent: tunnels",
      mechanism: "A write that the desktop's socket takes only in part counts as done.",
      origin: "plausible", invariants: ["I-VNC-BYTES"], cases: ["VNC-K-02", "VNC-K-16"]
    ) {
      $0.agent.tunnels.shortWrites = .ignored
      $0.dockerAgent.tunnels.shortWrites = .ignored
    },
    Defect(
      id: "C-21", slug: "vnc-chunk-boundary-base64", component: "agent: tunnels",
      mechanism: "Base64 of several frames is joined before it is decoded, and the padding of one ends it.",
      origin: "plausible", invariants: ["I-VNC-BYTES"], cases: ["VNC-K-02"]
    ) {
      $0.agent.tunnels.decoding = .joined
      $0.dockerAgent.tunnels.decoding = .joined
    },
    Defect(
      id: "C-22", slug: "tunnel-double-create", component: "agent: tunnels",
      mechanism: "A tunnel is entered in the table when its stream stands: opens and closes meanwhile do not see it.",
      origin: "plausible", invariants: ["I-LEAK", "I-VNC-BYTES", "I-VNC-END"], cases: ["VNC-K-06"],
      // An agent ends what is left of it 10 s later, before an invariant may judge: the case counts tunnels.
      evidence: .expectation
    ) {
      $0.agent.tunnels.insertion = .afterDial
      $0.dockerAgent.tunnels.insertion = .afterDial
    },
  ]
}
