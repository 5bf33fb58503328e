import StreamSpaceProtocol

/// Many users beside one another (spec/05 §3.3, §4.2, §4.6, §5).
extension DefectCatalogue {
  static let tenancy: [Defect] = commandsOfMany + quotas + isolation

  // MARK: Commands

  private static let commandsOfMany: [Defect] = [
    Defect(
      id: "A-18", slug: "payload-not-serialised", component: "control plane: sessions",
      mechanism: "The payload of a stop goes to the driver as a value of the program: no DELETE can write its command.",
      origin: "P1-CMD-002 (#137), fixed in 36d0f72", invariants: [], cases: ["MU-10"], evidence: .expectation
    ) { $0.controlPlane.sessions.payloadForm = .programValue },
    Defect(
      id: "A-61", slug: "one-of-five-not-provisioned", component: "control plane: hub, agent: socket",
      mechanism: "Of commands that share a frame the agent reads the first; the rest stays sent, and nobody asks.",
      origin: "INTEGRATION_TEST_1.3_MULTI_USER_CONCURRENT_SESSIONS", invariants: ["I-CMD-LIVE"],
      cases: ["MU-01", "MU-02"], evidence: .expectation
    ) {
      $0.controlPlane.hub.frameWriting = .coalesced
      $0.agent.joinedDocuments = .firstOnly
      $0.controlPlane.dispatch.unanswered = .left
    },
    Defect(
      id: "B-19", slug: "newline-batched-frames", component: "control plane: hub",
      mechanism: "What is queued when a frame starts is joined to it by newlines; an agent that expects one document "
        + "loses them all.",
      origin: "still in head [rec 09, 11, 12]; H12", invariants: ["I-CMD-TRUTH", "I-CMD-LIVE"],
      cases: ["MU-01", "MU-02", "PERF-THR-02"], evidence: .expectation
    ) {
      $0.controlPlane.hub.frameWriting = .coalesced
      $0.agent.joinedDocuments = .dropped
      $0.controlPlane.dispatch.unanswered = .left
    },
    Defect(
      id: "B-20", slug: "same-session-reordering", component: "control plane: dispatcher",
      mechanism: "Ten workers take commands from one queue: a stop may be sent before the start of its session.",
      origin: "still in head; H24", invariants: ["I-CMD-ORDER", "I-NO-ORPHAN"], cases: ["MU-11"]
    ) { $0.controlPlane.dispatch.order = .anyWorker },
    Defect(
      id: "B-30", slug: "batch-bypasses-agents", component: "control plane: batches",
      mechanism: "A batch changes or removes rows: no agent hears of it.",
      origin: "still in head", invariants: ["I-NO-ORPHAN", "I-SESS-TRUTH"], cases: ["MU-16"]
    ) { $0.controlPlane.sessions.batch = .rowsOnly },
    Defect(
      id: "C-23", slug: "wake-not-idempotent", component: "control plane: sessions",
      mechanism: "Every wake that saw the session hibernated writes its command.",
      origin: "plausible", invariants: ["I-SESS-TRUTH", "I-CMD-ONCE"], cases: ["MU-15"], evidence: .expectation
    ) { $0.controlPlane.sessions.wakeGuard = .trustsFirstLook },
    Defect(
      id: "C-25", slug: "delete-while-starting-leaks", component: "agent: commands",
      mechanism: "A stop cancels the wait of the start and goes beside it: what the start makes afterwards stays.",
      origin: "plausible", invariants: ["I-NO-ORPHAN"], cases: ["MU-11"]
    ) {
      $0.agent.stopDuringStart = .cancelsWait
      // A stop of its time: it does not look whether anything came back.
      $0.agent.stopErrors = .hidden
    },
  ]

  // MARK: Quotas

  private static let quotas: [Defect] = [
    Defect(
      id: "B-69", slug: "quota-ignores-pending", component: "control plane: quota",
      mechanism: "Sessions that are still starting do not count: a burst passes any limit.",
      origin: "still in head [rec 05, 10]", invariants: ["I-QUOTA"], cases: ["MU-06", "MU-07"]
    ) { $0.controlPlane.sessions.quotaCount = .settledOnly },
    Defect(
      id: "B-70", slug: "quota-check-then-act", component: "control plane: quota",
      mechanism:
        "Usage is read before the transaction that inserts, and a query that fails means that nothing is used.",
      origin: "still in head", invariants: ["I-QUOTA"], cases: ["MU-06", "MU-08"]
    ) {
      $0.controlPlane.sessions.admission = .beforeInsert
      $0.controlPlane.sessions.unknownUsage = .countsAsNone
    },
    Defect(
      id: "C-28", slug: "quota-released-twice", component: "control plane: quota",
      mechanism: "A stored number of sessions goes down with the stop and again with the end of the session.",
      origin: "plausible", invariants: ["I-QUOTA"], cases: ["MU-10"]
    ) { $0.controlPlane.sessions.quotaCount = .storedNumber },
  ]

  // MARK: Isolation

  private static let isolation: [Defect] = [
    Defect(
      id: "A-53", slug: "csrf-blocks-bearer", component: "control plane: middleware",
      mechanism: "Requests with a bearer token must prove their page too: no API client can change anything.",
      origin: "#148, fixed in a9238a3", invariants: [], cases: ["MU-02"], evidence: .premise
    ) { $0.controlPlane.sessions.users.crossSiteCheck = .everyRequest },
    Defect(
      id: "A-54", slug: "csrf-token-churn", component: "control plane: middleware",
      mechanism: "Each GET draws a new token that one replica knows: after parallel GETs header and cookie differ.",
      origin: "fixed in 3ac7a99, 628f330", invariants: [], cases: ["MU-14"], evidence: .expectation
    ) { $0.controlPlane.sessions.users.crossSiteToken = .ofEachAnswer },
    Defect(
      id: "A-55", slug: "cache-key-without-user", component: "control plane: cache",
      mechanism: "Cached answers are kept by URI alone: users get one another's.",
      origin: "fixed in 2df7352, 57129bb", invariants: ["I-TENANT"], cases: ["MU-14"]
    ) { $0.controlPlane.sessions.users.cacheKey = .byURI },
    Defect(
      id: "A-56", slug: "broadcast-crosses-orgs", component: "control plane: feeds",
      mechanism: "Sessions and figures are pushed to every browser, whatever its organisation.",
      origin: "#211, fixed in eb7f950", invariants: ["I-TENANT"], cases: ["MU-05"]
    ) { $0.controlPlane.sessions.users.feed = .everything },
    Defect(
      id: "B-72", slug: "object-authorisation-missing", component: "control plane: sessions",
      mechanism: "Whoever is logged in reads and changes any session, and creates for anybody.",
      origin: "still in head [rec 03]", invariants: ["I-TENANT"], cases: ["MU-03", "MU-04"]
    ) { $0.controlPlane.sessions.users.ownership = .anyUser },
    Defect(
      id: "B-73", slug: "websocket-default-org", component: "control plane: feeds",
      mechanism: "Feeds show the default organisation to everybody.",
      origin: "still in head", invariants: ["I-TENANT"], cases: ["MU-05"]
    ) { $0.controlPlane.sessions.users.feed = .defaultOrganisation },
    Defect(
      id: "B-74", slug: "refresh-drops-org", component: "control plane: authentication",
      mechanism: "A refreshed token belongs to the default organisation.",
      origin: "still in head", invariants: ["I-TENANT"], cases: ["MU-05"]
    ) { $0.controlPlane.sessions.users.refresh = .dropsOrganisation },
  ]
}
