import StreamSpaceProtocol

/// What statements and readers of rows take for granted of the schema (spec/05 §3.1, §3.2, §4.6).
extension DefectCatalogue {
  static let schema: [Defect] = [
    Defect(
      id: "A-07", slug: "pending-scan-null-session", component: "control plane: dispatcher",
      mechanism: "The scan for pending commands skips every row whose session_id is NULL.",
      origin: "BUG-P2-001", invariants: ["I-SCHEMA"], cases: ["DBM-13"]
    ) { $0.controlPlane.dispatch.pendingScan = .skipsNullSession },
    Defect(
      id: "A-17", slug: "delete-reads-legacy-column", component: "control plane: sessions",
      mechanism: "DELETE reads controller_id of the first version, always NULL, into a text: every DELETE is a 500.",
      origin: "P1-TERM-001 (#136)", invariants: ["I-SCHEMA"], cases: ["DBM-13", "MU-10"],
      evidence: .expectation
    ) { $0.controlPlane.sessions.schema.holder = .controller },
    Defect(
      id: "A-30", slug: "text-array-scan", component: "control plane: catalogue",
      mechanism: "The tags of a template are read as a list where the driver gives a text: no template is found.",
      origin: "P1-DATABASE-001 (#138)", invariants: ["I-SCHEMA"], cases: ["DBM-12", "DBM-13"]
    ) { $0.controlPlane.sessions.schema.templateScan = .arrayAsList },
    Defect(
      id: "A-34", slug: "active-sessions-column", component: "control plane: sessions",
      mechanism: "Agents are ordered by agents.active_sessions, which is not there; the error counts as no agent.",
      origin: "#141", invariants: ["I-SCHEMA"], cases: ["DBM-12"]
    ) { $0.controlPlane.sessions.schema.load = .activeSessionsColumn },
    Defect(
      id: "A-35", slug: "state-versus-status", component: "control plane: sessions",
      mechanism: "The sessions of an agent are counted by sessions.status, which is not there.",
      origin: "#142", invariants: ["I-SCHEMA"], cases: ["DBM-12"]
    ) { $0.controlPlane.sessions.schema.load = .countedByStatus },
    Defect(
      id: "A-36", slug: "null-error-on-insert", component: "control plane: sessions",
      mechanism: "A create reads error_message of its new command, NULL, into a text: every create is a 500.",
      origin: "#139", invariants: ["I-SCHEMA"], cases: ["DBM-13"]
    ) { $0.controlPlane.sessions.schema.insertedCommand = .errorMessage },
    Defect(
      id: "A-37", slug: "null-websocket-id", component: "control plane: registration",
      mechanism: "An agent without connection has no websocket_id: its row cannot be read, and it never registers.",
      origin: "commit ae1a8da", invariants: ["I-SCHEMA"], cases: ["DBM-13"]
    ) { $0.controlPlane.enrolment.unconnectedRow = .rejected },
    Defect(
      id: "A-39", slug: "catalog-sync-delete-insert", component: "control plane: catalogue",
      mechanism: "Each sync deletes the templates of a repository and inserts them anew: applications lose theirs.",
      origin: "commit c2a68a7", invariants: ["I-MIG-DATA"], cases: ["CHAOS-10", "DBM-11"],
      evidence: .expectation
    ) { $0.controlPlane.sessions.schema.catalogueSync = .deletesAndInserts },
    Defect(
      id: "A-40", slug: "duplicate-template-name", component: "control plane: catalogue",
      mechanism: "A name that a repository has twice breaks the unique key: nothing of the repository is taken.",
      origin: "commit a0b01ce", invariants: ["I-MIG-DATA"], cases: ["DBM-11"], evidence: .expectation
    ) { $0.controlPlane.sessions.schema.catalogueSync = .insertsUnknown },
    Defect(
      id: "B-83", slug: "licence-count-wrong-column", component: "control plane: licence",
      mechanism: "The licence counts sessions by status, which is not there: the query fails, nothing is enforced.",
      origin: "still in head", invariants: ["I-SCHEMA"], cases: ["DBM-12"]
    ) { $0.controlPlane.sessions.schema.licenceCount = .byStatus },
  ]
}
