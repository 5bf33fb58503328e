import Kubernetes
import SimulationRuntime
import StreamSpaceProtocol
import Testing

@Suite("Watches")
struct WatchTests {
  private func services(
    after version: Int64 = 0, _ selector: LabelSelector = .everything, fields: FieldSelector = .everything,
    bookmarks: Bool = false, initialEvents: Bool = false, timeout: Int64? = nil
  ) -> KubernetesWatch {
    KubernetesWatch(
      .service, namespace: Fixture.namespace, selector, fields: fields, after: version, allowsBookmarks: bookmarks,
      sendsInitialEvents: initialEvents, timeoutSeconds: timeout, caller: "caller")
  }

  private func relabelled(_ object: KubernetesObject, _ value: String?) -> KubernetesObject {
    var copy = object
    copy.metadata.labels["colour"] = value
    copy.metadata.resourceVersion = 0
    return copy
  }

  @Test("without a version a watch first tells what exists, then what changes")
  func fromNothing() throws {
    let rig = try ClusterRig()
    for name in ["b", "a"] { _ = rig.cluster.perform(.init(.create(Fixture.service(name)), caller: "w")) }
    let record = rig.watch(services(bookmarks: true, initialEvents: true))
    try rig.run(.seconds(1))
    #expect(record.lines == ["ADDED a", "ADDED b", "BOOKMARK"])
    guard case .bookmark(rig.cluster.store.version, endsInitialEvents: true)? = record.events.last?.event else {
      Issue.record("\(String(describing: record.events.last))")
      return
    }
    _ = rig.cluster.perform(.init(.delete(Fixture.reference(.service, "a"), DeleteOptions()), caller: "w"))
    try rig.run(.seconds(1))
    #expect(record.lines.last == "DELETED a")
    #expect(record.events.last?.event.resourceVersion == rig.cluster.store.version)
  }

  @Test("from a version it tells every later change in order, and nothing of other kinds and namespaces")
  func fromVersion() throws {
    let rig = try ClusterRig()
    _ = rig.cluster.perform(.init(.create(Fixture.service("a")), caller: "w"))
    let version = rig.cluster.store.version
    _ = rig.cluster.perform(.init(.create(Fixture.service("b")), caller: "w"))
    _ = rig.cluster.perform(.init(.create(Fixture.deployment("d")), caller: "w"))
    var elsewhere = Fixture.service("e")
    elsewhere.metadata.namespace = "other"
    _ = rig.cluster.perform(.init(.create(elsewhere), caller: "w"))
    let record = rig.watch(services(after: version))
    try rig.run(.seconds(1))
    _ = rig.cluster.perform(.init(.create(Fixture.service("c")), caller: "w"))
    try rig.run(.seconds(20))
    // A service is added, then it gets its address.
    #expect(record.lines == ["ADDED b", "MODIFIED b", "ADDED c", "MODIFIED c"])
  }

  @Test("an object that begins to match is added, one that stops matching is deleted with its last matching state")
  func selectors() throws {
    let rig = try ClusterRig()
    let stored = try #require(try rig.object(.create(Fixture.service("a"))))
    let record = rig.watch(services(after: rig.cluster.store.version, .label("colour", "red")))
    try rig.run(.seconds(1))
    for colour in ["red", "red", "blue", "red", nil] as [String?] {
      var next = relabelled(stored, colour)
      next.metadata.annotations["step"] = "\(rig.cluster.store.version)"
      _ = rig.cluster.perform(.init(.update(next), caller: "w"))
      try rig.run(.milliseconds(200))
    }
    #expect(record.lines == ["ADDED a", "MODIFIED a", "DELETED a", "ADDED a", "DELETED a"])
    for case .deleted(let object) in record.events.map(\.event) {
      #expect(object.metadata.labels["colour"] == "red")
    }
    let versions = record.events.compactMap(\.event.resourceVersion)
    #expect(versions == versions.sorted())
    #expect(versions.last == rig.cluster.store.version)
  }

  @Test("a field selector picks one object, or the pods of a phase")
  func fields() throws {
    let rig = try ClusterRig()
    let one = rig.watch(services(fields: .name("b")))
    let running = rig.watch(
      KubernetesWatch(
        .pod, namespace: Fixture.namespace, fields: FieldSelector([.init(.phase, "Running")]), caller: "caller"))
    let wrong = rig.watch(services(fields: FieldSelector([.init(.phase, "Running")])))
    try rig.run(.seconds(1))
    for name in ["a", "b"] { _ = rig.cluster.perform(.init(.create(Fixture.service(name)), caller: "w")) }
    _ = rig.cluster.perform(.init(.create(Fixture.deployment()), caller: "w"))
    try rig.run(.seconds(15))
    #expect(one.lines == ["ADDED b", "MODIFIED b"])
    // It begins to match when its container runs; then it becomes ready.
    #expect(running.lines.map { $0.split(separator: " ")[0] } == ["ADDED", "MODIFIED"])
    #expect(wrong.refusal?.code == 400)
  }

  @Test("a change is told 1 to 50 ms later, and never before an earlier one")
  func delay() throws {
    let rig = try ClusterRig()
    var changed: [Instant] = []
    rig.cluster.changeObserver = { changed.append($0.time) }
    let record = rig.watch(services())
    // A small constant: the connection itself takes its time too.
    try rig.run(.seconds(1))
    record.socket?.setLatency(.constant(.zero))
    for number in 0..<200 {
      _ = rig.cluster.perform(.init(.create(Fixture.service("s\(number)")), caller: "w"))
      try rig.run(.milliseconds(7))
    }
    try rig.run(.seconds(1))
    #expect(record.events.count == 400)
    let delays = zip(record.events, changed).map { $0.time - $1 }
    #expect(delays.allSatisfy { $0 >= .milliseconds(1) && $0 <= .milliseconds(51) })
    #expect(delays.max().map { $0 > .milliseconds(40) } == true)
    let versions = record.events.compactMap(\.event.resourceVersion)
    #expect(versions == Array(1...400))
  }

  @Test("a version that is no longer kept is answered with ERROR 410 Expired and the end of the stream")
  func expired() throws {
    let rig = try ClusterRig()
    let gap = rig.cluster.begin(.watchGap(compacting: true))
    for name in ["a", "b"] { _ = rig.cluster.perform(.init(.create(Fixture.service(name)), caller: "w")) }
    rig.cluster.end(gap)
    let record = rig.watch(services(after: 2))
    let current = rig.watch(services(after: 4))
    try rig.run(.seconds(1))
    guard case .error(let failure)? = record.events.last?.event else {
      Issue.record("\(record.lines)")
      return
    }
    #expect(record.lines == ["ERROR"])
    #expect(failure.code == 410)
    #expect(failure.reason == .expired)
    #expect(failure.message == "too old resource version: 2 (4)")
    #expect(record.isClosed)
    #expect(gap.touched == 1)
    #expect(current.lines.isEmpty)
    #expect(!current.isClosed)
  }

  @Test("a gap cuts every watch, refuses new ones while it holds, and without compaction nothing is lost")
  func gap() throws {
    let rig = try ClusterRig()
    _ = rig.cluster.perform(.init(.create(Fixture.service("a")), caller: "w"))
    let first = rig.watch(services(after: 2))
    try rig.run(.seconds(1))
    let gap = rig.cluster.begin(.watchGap(compacting: false), lasting: .seconds(5))
    try rig.run(.seconds(1))
    #expect(first.isReset)
    let second = rig.watch(services(after: 2))
    try rig.run(.seconds(1))
    #expect(second.isUnreachable)
    #expect(gap.touched == 2)
    _ = rig.cluster.perform(.init(.create(Fixture.service("b")), caller: "w"))
    try rig.run(.seconds(4))
    let third = rig.watch(services(after: 2))
    try rig.run(.seconds(1))
    #expect(third.lines == ["ADDED b", "MODIFIED b"])
  }

  @Test("a change that is forgotten before it was told ends the watch with ERROR 410")
  func compactedUnderWay() throws {
    let rig = try ClusterRig()
    let record = rig.watch(services())
    try rig.run(.seconds(1))
    let outage = rig.cluster.begin(.down(.silent))
    _ = rig.cluster.perform(.init(.create(Fixture.service("a")), caller: "w"))
    try rig.run(.seconds(1))
    #expect(record.events.isEmpty)
    #expect(outage.touched > 0)
    // Six minutes and one more change later the log has forgotten the first (etcd's window is 5 min).
    try rig.run(.minutes(6))
    _ = rig.cluster.perform(.init(.create(Fixture.deployment("d", replicas: 0)), caller: "w"))
    rig.cluster.end(outage)
    try rig.run(.seconds(1))
    #expect(record.lines == ["ERROR"])
    #expect(record.isClosed)
  }

  @Test("an outage holds the events back, and they come in order when it is over")
  func outage() throws {
    let rig = try ClusterRig()
    let record = rig.watch(services())
    try rig.run(.seconds(1))
    rig.cluster.begin(.down(.refusing), lasting: .seconds(10))
    for name in ["a", "b"] { _ = rig.cluster.perform(.init(.create(Fixture.service(name)), caller: "w")) }
    try rig.run(.seconds(9))
    #expect(record.events.isEmpty)
    try rig.run(.seconds(2))
    #expect(record.lines == ["ADDED a", "MODIFIED a", "ADDED b", "MODIFIED b"])
  }

  @Test("a bookmark comes once a minute and tells the version of the store, whatever changed it")
  func bookmarks() throws {
    let rig = try ClusterRig()
    let record = rig.watch(services(bookmarks: true))
    try rig.run(.seconds(1))
    _ = rig.cluster.perform(.init(.create(Fixture.deployment("d", replicas: 0)), caller: "w"))
    try rig.run(.seconds(185))
    #expect(record.lines == ["BOOKMARK", "BOOKMARK", "BOOKMARK"])
    #expect(record.events.last?.event.resourceVersion == rig.cluster.store.version)
    #expect(rig.cluster.store.version > 0)
  }

  @Test("a bookmark tells of a foreign change too that came while an own one was on its way")
  func bookmarkAfterForeignChange() throws {
    let rig = try ClusterRig()
    let record = rig.watch(services(bookmarks: true))
    try rig.run(.seconds(1))
    _ = rig.cluster.perform(.init(.create(Fixture.service("a")), caller: "w"))
    _ = rig.cluster.perform(.init(.create(Fixture.lease()), caller: "w"))
    try rig.run(.seconds(62))
    #expect(record.lines == ["ADDED a", "MODIFIED a", "BOOKMARK"])
    #expect(record.events.last?.event.resourceVersion == 3)
  }

  @Test("a watch ends in good order when its time is over: the reader's, else the server's 30 to 60 min")
  func timeout() throws {
    let rig = try ClusterRig()
    let short = rig.watch(services(timeout: 20))
    let long = rig.watch(services())
    try rig.run(.seconds(19))
    #expect(!short.isClosed)
    try rig.run(.seconds(2))
    #expect(short.isClosed)
    try rig.run(.minutes(29))
    #expect(!long.isClosed)
    try rig.run(.minutes(31))
    #expect(long.isClosed)
  }

  @Test("a reader that falls behind loses its watch, not single events")
  func slowReader() throws {
    let rig = try ClusterRig()
    let record = rig.watch(services())
    try rig.run(.seconds(1))
    record.socket?.pauseReading()
    for number in 0..<1_200 {
      _ = rig.cluster.perform(.init(.create(Fixture.service("s\(number)")), caller: "w"))
      if number % 100 == 0 { try rig.run(.milliseconds(100)) }
    }
    try rig.run(.seconds(1))
    record.socket?.resumeReading()
    try rig.run(.seconds(1))
    #expect(record.isClosed)
    let versions = record.events.compactMap(\.event.resourceVersion)
    #expect(versions.count > 100)
    #expect(versions == Array(1...Int64(versions.count)))
  }

  @Test("a reader whose window was full gets the rest when it reads again")
  func backPressure() throws {
    let rig = try ClusterRig()
    let record = rig.watch(services())
    try rig.run(.seconds(1))
    record.socket?.pauseReading()
    for number in 0..<450 {
      _ = rig.cluster.perform(.init(.create(Fixture.service("s\(number)")), caller: "w"))
    }
    try rig.run(.seconds(5))
    record.socket?.resumeReading()
    try rig.run(.seconds(5))
    #expect(record.events.compactMap(\.event.resourceVersion) == Array(1...900))
    #expect(!record.isClosed)
  }

  @Test("a watch of who may not watch is refused with 403, a version from the future with 504")
  func refusals() throws {
    let rig = try ClusterRig()
    let ahead = rig.watch(services(after: 9))
    try rig.run(.seconds(1))
    #expect(ahead.refusal?.code == 504)
    #expect(ahead.refusal?.message == "Too large resource version: 9, current: 0")
    let fault = rig.cluster.begin(.forbid(.watch, .service))
    let forbidden = rig.watch(services())
    try rig.run(.seconds(1))
    #expect(forbidden.refusal?.code == 403)
    #expect(try rig.ask(.list(.service, namespace: Fixture.namespace, .everything))?.code == 200)
    #expect(fault.touched == 1)
  }

  @Test("a crash of the API server breaks the watches, and the next life serves new ones from the same history")
  func crashOfTheServer() throws {
    let rig = try ClusterRig()
    _ = rig.cluster.perform(.init(.create(Fixture.service("a")), caller: "w"))
    let first = rig.watch(services(after: 2))
    try rig.run(.seconds(1))
    rig.server.crash()
    _ = rig.cluster.perform(.init(.create(Fixture.service("b")), caller: "w"))
    try rig.run(.seconds(1))
    #expect(first.isReset)
    rig.server.start()
    let second = rig.watch(services(after: 2))
    try rig.run(.seconds(1))
    #expect(second.lines == ["ADDED b", "MODIFIED b"])
  }

  @Test("a cluster at rest costs no event, watched or not")
  func idle() throws {
    let rig = try ClusterRig()
    _ = try rig.object(.create(Fixture.deployment()))
    _ = rig.watch(services())
    try rig.run(.seconds(30))
    let before = rig.simulation.trace.fingerprint
    try rig.run(.minutes(20))
    #expect(rig.simulation.trace.fingerprint == before)
  }

  @Test("the line of a watch names its parameters")
  func line() {
    let watch = services(
      after: 7, .label("a", "b"), fields: .name("n"), bookmarks: true, initialEvents: true, timeout: 300)
    #expect(
      watch.line
        == "GET /api/v1/namespaces/streamspace/services?watch=true&allowWatchBookmarks=true"
        + "&fieldSelector=metadata.name%3Dn&labelSelector=a%3Db&resourceVersion=7&sendInitialEvents=true"
        + "&resourceVersionMatch=NotOlderThan&timeoutSeconds=300")
  }
}

@Suite("Field selectors")
struct FieldSelectorTests {
  @Test(
    "each form selects what it says",
    arguments: [
      ("metadata.name=a", true), ("metadata.name==a", true), ("metadata.name!=a", false), ("metadata.name=b", false),
      ("metadata.namespace=streamspace,metadata.name=a", true), ("metadata.namespace=other,metadata.name=a", false),
      ("", true),
    ])
  func forms(text: String, expected: Bool) throws {
    let selector = try #require(FieldSelector(text))
    #expect(selector.matches(Fixture.service("a")) == expected)
    #expect(FieldSelector(selector.description) == selector)
  }

  @Test("what is no selector is refused", arguments: ["spec.colour=red", "metadata.name", "a=b=c", ",", "=x"])
  func malformed(text: String) { #expect(FieldSelector(text) == nil) }
}
