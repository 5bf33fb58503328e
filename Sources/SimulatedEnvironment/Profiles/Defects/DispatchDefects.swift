/// Commands on their way (spec/05 §3.1, §4.2, §5).
extension DefectCatalogue {
  static let dispatch: [Defect] = [
    Defect(
      id: "A-06", slug: "pending-scan-null-error", component: "control plane: dispatcher",
      mechanism: "The scan for pending commands skips every row whose error_message is NULL.",
      origin: "P1-COMMAND-SCAN-001 (#133)", invariants: ["I-CMD-LIVE"], cases: ["HA-API-13", "DBM-13"]
    ) { $0.controlPlane.dispatch.pendingScan = .skipsNullError },
    Defect(
      id: "A-08", slug: "commands-without-updated-at", component: "control plane: dispatcher, schema",
      mechanism: "Every UPDATE of a command's status names a column that the table does not have, and fails.",
      origin: "P1-SCHEMA-002 (#135)", invariants: ["I-CMD-LIVE", "I-CMD-MONO", "I-SCHEMA"],
      cases: ["HA-API-18", "DBM-12"]
    ) { $0.controlPlane.dispatch.transitions = .columnMissing },
    Defect(
      id: "B-10", slug: "publish-to-nobody-counts-as-sent", component: "control plane: dispatcher",
      mechanism: "PUBLISH with no receiver counts as a delivery: the row becomes sent.",
      origin: "still in head [rec 05b, 08]; H05", invariants: ["I-CMD-TRUTH", "I-CMD-LIVE"],
      cases: ["HA-API-06", "HA-API-17"]
    ) { $0.controlPlane.dispatch.unheardPublish = .countsAsSent },
    Defect(
      id: "B-11", slug: "forwarded-frame-dropped-silently", component: "control plane: dispatcher",
      mechanism: "The replica that gets a forwarded frame drops it when the agent is gone; the sender wrote sent.",
      origin: "still in head", invariants: ["I-CMD-LIVE", "I-CMD-TRUTH"], cases: ["HA-API-09", "HA-API-17"]
    ) { $0.controlPlane.dispatch.forwardedDelivery = .relaysFrame },
    Defect(
      id: "B-14", slug: "no-redispatch-on-reconnect", component: "control plane: dispatcher",
      mechanism: "A command for an absent agent fails at once, and nothing is sent again when it returns.",
      origin: "still in head, against ADR-005", invariants: ["I-CMD-LIVE", "I-ACCEPT", "I-SESS-TRUTH"],
      cases: ["HA-API-13", "DOCK-08", "CHAOS-12"],
      evidence: .expectation
    ) {
      $0.controlPlane.dispatch.absentAgent = .failsAtOnce
      $0.controlPlane.dispatch.reconnection = .nothing
      $0.controlPlane.sessions.comparesInventory = false
    },
    Defect(
      id: "B-15", slug: "startup-dispatch-before-agents", component: "control plane: dispatcher",
      mechanism: "A starting replica fails the pending commands of all agents, none of which is connected yet.",
      origin: "still in head", invariants: ["I-CMD-LIVE", "I-ACCEPT", "I-SESS-TRUTH"],
      cases: ["HA-API-12", "CHAOS-07"],
      evidence: .expectation
    ) { $0.controlPlane.dispatch.startUp = .failsAll },
    Defect(
      id: "B-16", slug: "startup-dispatch-unclaimed", component: "control plane: dispatcher",
      mechanism: "A starting replica sends all pending rows, also those that another replica has in hand.",
      origin: "still in head [rec 09]; H21", invariants: ["I-CMD-ONCE"], cases: ["HA-API-12", "DBM-08"]
    ) {
      $0.controlPlane.dispatch.startUp = .sendsUnclaimed
      $0.controlPlane.dispatch.forwardedDelivery = .relaysFrame
      // An agent of its time, which carries out whatever comes.
      $0.agent.commandHistory = .none
    },
    Defect(
      id: "B-17", slug: "sent-overwrites-terminal", component: "control plane: dispatcher",
      mechanism: "After the send the row becomes sent, whatever its agent has answered meanwhile.",
      origin: "still in head; H23", invariants: ["I-CMD-MONO"], cases: ["HA-API-18"]
    ) { $0.controlPlane.dispatch.sentUpdate = .unconditional },
    Defect(
      id: "B-18", slug: "late-frames-regress-status", component: "control plane: dispatcher",
      mechanism: "Answers of agents move the row to whatever they say, backwards too.",
      origin: "still in head", invariants: ["I-CMD-MONO"], cases: ["HA-API-18"]
    ) { $0.controlPlane.dispatch.answerUpdate = .unconditional },
    Defect(
      id: "B-22", slug: "sent-never-acked", component: "control plane: dispatcher",
      mechanism: "A command whose agent died after it came stays sent or ack for ever.",
      origin: "still in head", invariants: ["I-CMD-LIVE"], cases: ["HA-LE-06", "CHAOS-12"]
    ) {
      $0.controlPlane.dispatch.unanswered = .left
      $0.controlPlane.dispatch.reconnection = .nothing
    },
    Defect(
      id: "B-24", slug: "fresh-install-lacks-updated-at", component: "control plane: dispatcher, schema",
      mechanism: "No transition is stored, and every replica that starts replays the whole history.",
      origin: "still in head [rec 03, 09, 20]", invariants: ["I-SCHEMA", "I-CMD-ONCE", "I-SESS-LEGAL", "I-CMD-LIVE"],
      cases: ["HA-API-12", "DBM-01", "DBM-03"]
    ) {
      $0.controlPlane.dispatch.transitions = .columnMissing
      $0.controlPlane.dispatch.startUp = .sendsUnclaimed
      $0.controlPlane.dispatch.forwardedDelivery = .relaysFrame
      $0.controlPlane.migrations.forgottenVersions = [4]
      $0.agent.commandHistory = .none
    },
    Defect(
      id: "C-06", slug: "ack-before-durable", component: "agent, control plane: dispatcher",
      mechanism: "With its ack the agent alone answers for a command: a crash after it loses the command.",
      origin: "plausible", invariants: ["I-CMD-LIVE"], cases: ["HA-LE-06"]
    ) { $0.controlPlane.dispatch.acknowledgement = .handover },
    Defect(
      id: "C-10", slug: "resubscribe-gap", component: "control plane: dispatcher",
      mechanism: "What was published while a replica did not listen is lost: nothing reads the table again.",
      origin: "plausible", invariants: ["I-CMD-LIVE"], cases: ["HA-API-17"]
    ) { $0.controlPlane.dispatch.search = .none },
  ]
}
