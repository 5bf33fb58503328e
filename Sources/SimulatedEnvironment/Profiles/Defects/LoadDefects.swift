/// What load shows (spec/05 §3, §4, §5).
extension DefectCatalogue {
  static let load: [Defect] = [
    Defect(
      id: "A-43", slug: "pool-lifetime-in-nanoseconds", component: "control plane: database",
      mechanism: "The lifetimes of connections are minutes written as bare numbers: every request opens a new one.",
      origin: "commit 9369131", invariants: [], cases: ["PERF-RES-02"], evidence: .expectation
    ) { $0.controlPlane.database.connectionLifetime = .nanoseconds },
    Defect(
      id: "A-57", slug: "hub-map-write-under-read-lock", component: "control plane: browser feed",
      mechanism: "A browser that reads too slowly is taken out of the list of listeners while others read that list.",
      origin: "commits af31ee2, 9369131", invariants: ["I-CRASH"], cases: ["PERF-LOAD-03"]
    ) { $0.controlPlane.sessions.users.slowFeed = .removedUnderReadLock },
    Defect(
      id: "B-23", slug: "queue-full-is-accepted", component: "control plane: dispatcher",
      mechanism:
        "Commands wait in memory; what finds the queue full is answered 202 and never sent. The queue holds 8 here, not "
        + "1 000, so that the load of a plain run fills it.",
      origin: "still in head", invariants: ["I-ACCEPT", "I-CMD-LIVE"], cases: ["PERF-LOAD-06"]
    ) { $0.controlPlane.dispatch.backlog = .memory(capacity: 8) },
    Defect(
      id: "C-07", slug: "complete-before-ready", component: "agent: commands",
      mechanism: "A start is told as completed when its objects are made, before any pod is ready.",
      origin: "plausible", invariants: ["I-CMD-TRUTH"], cases: ["PERF-THR-03"]
    ) { $0.agent.startCompletion = .whenCreated },
    Defect(
      id: "C-09", slug: "route-evicted-under-pressure", component: "Redis: eviction",
      mechanism: "At its limit Redis evicts whatever was not used for longest: the cache of answers drives out routes.",
      origin: "plausible", invariants: ["I-ROUTE", "I-CMD-LIVE"], cases: ["PERF-RES-05"]
    ) { $0.redisEviction = .allKeysLRU },
  ]
}
