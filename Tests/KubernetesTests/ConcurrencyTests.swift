import Kubernetes
import SimulationRuntime
import StreamSpaceProtocol
import Testing

/// Optimistic concurrency as spec/04 §4.1 tells it.
@Suite("Optimistic concurrency")
struct ConcurrencyTests {
  private let time = Instant.start

  private func created(_ object: KubernetesObject) throws -> (ObjectStore, KubernetesObject) {
    let store = ObjectStore()
    return (store, try store.create(object, uid: "uid-1", at: time))
  }

  private func failure(_ body: () throws(KubernetesFailure) -> Void) -> KubernetesFailure? {
    do { try body() } catch { return error }
    return nil
  }

  @Test("a new object gets the next version, a uid, generation 1 and a time in whole seconds")
  func creation() throws {
    let (store, stored) = try created(Fixture.deployment())
    #expect(stored.metadata.resourceVersion == 1)
    #expect(store.version == 1)
    #expect(stored.metadata.uid == "uid-1")
    #expect(stored.metadata.generation == 1)
    #expect(stored.metadata.creationTime?.rfc3339 == "2026-01-01T00:00:00Z")
  }

  @Test("of two creators of one name exactly one wins")
  func secondCreator() throws {
    let (store, _) = try created(Fixture.lease("n"))
    let failure = failure { () throws(KubernetesFailure) in
      _ = try store.create(Fixture.lease("n"), uid: "uid-2", at: time)
    }
    #expect(failure?.code == 409)
    #expect(failure?.reason == .alreadyExists)
    #expect(failure?.message == "leases.coordination.k8s.io \"n\" already exists")
  }

  @Test("a write with the stored version is taken and a second one with it is refused")
  func staleWriter() throws {
    let (store, first) = try created(Fixture.lease("n"))
    let version = first.metadata.resourceVersion
    let (second, isNew) = try store.update(
      Fixture.lease("n", holder: "pod-b", transitions: 1, version: version), uid: "", at: time)
    #expect(!isNew)
    #expect(second.metadata.resourceVersion == version + 1)
    #expect(second.metadata.uid == "uid-1")
    let failure = failure { () throws(KubernetesFailure) in
      _ = try store.update(Fixture.lease("n", holder: "pod-c", version: version), uid: "", at: time)
    }
    #expect(failure?.code == 409)
    #expect(failure?.reason == .conflict)
    #expect(
      failure?.message
        == "Operation cannot be fulfilled on leases.coordination.k8s.io \"n\": the object has been modified; "
        + "please apply your changes to the latest version and try again")
    #expect(store.object(Fixture.reference(.lease, "n"))?.lease?.spec.holder == "pod-b")
  }

  @Test("a PUT of a lease needs a version, a PUT of a missing lease creates it")
  func leaseUpdates() throws {
    let store = ObjectStore()
    let (made, isNew) = try store.update(Fixture.lease("n"), uid: "uid-1", at: time)
    #expect(isNew)
    #expect(made.metadata.uid == "uid-1")
    let failure = failure { () throws(KubernetesFailure) in
      _ = try store.update(Fixture.lease("n", holder: "pod-b"), uid: "", at: time)
    }
    #expect(failure?.code == 422)
    #expect(
      failure?.message
        == "Lease.coordination.k8s.io \"n\" is invalid: metadata.resourceVersion: Invalid value: 0x0: must be "
        + "specified for an update")
  }

  @Test("a PUT of a deployment without a version is unconditional, of a missing one it is refused")
  func deploymentUpdates() throws {
    let (store, _) = try created(Fixture.deployment())
    let (scaled, _) = try store.update(Fixture.deployment(replicas: 0), uid: "", at: time)
    #expect(scaled.deployment?.replicas == 0)
    #expect(scaled.metadata.generation == 2)
    let failure = failure { () throws(KubernetesFailure) in
      _ = try store.update(Fixture.deployment("other"), uid: "", at: time)
    }
    #expect(failure?.code == 404)
    #expect(failure?.message == "deployments.apps \"other\" not found")
  }

  @Test("a write that changes nothing keeps the version")
  func noChange() throws {
    let (store, stored) = try created(Fixture.deployment())
    let (same, _) = try store.update(stored, uid: "", at: time)
    #expect(same.metadata.resourceVersion == stored.metadata.resourceVersion)
    #expect(store.version == stored.metadata.resourceVersion)
    #expect(store.log.count == 1)
  }

  @Test("a PUT ignores status and a status PUT ignores the rest")
  func statusIsApart() throws {
    let (store, stored) = try created(Fixture.deployment())
    var meddled = try #require(stored.deployment)
    meddled.status.readyReplicas = 7
    meddled.replicas = 0
    let (afterPut, _) = try store.update(.deployment(meddled), uid: "", at: time)
    #expect(afterPut.deployment?.status.readyReplicas == 0)
    #expect(afterPut.deployment?.replicas == 0)
    meddled.metadata = afterPut.metadata
    meddled.replicas = 5
    let afterStatus = try store.updateStatus(.deployment(meddled), at: time)
    #expect(afterStatus.deployment?.status.readyReplicas == 7)
    #expect(afterStatus.deployment?.replicas == 0)
    #expect(afterStatus.metadata.generation == 2)
  }

  @Test("the selector of a deployment cannot change")
  func selectorIsImmutable() throws {
    let (store, stored) = try created(Fixture.deployment())
    var changed = try #require(stored.deployment)
    changed.selector = [SessionLabel.user: "u01"]
    let failure = failure { () throws(KubernetesFailure) in
      _ = try store.update(.deployment(changed), uid: "", at: time)
    }
    #expect(failure?.reason == .invalid)
  }

  @Test("a deletion with another uid or version is refused")
  func preconditions() throws {
    let (store, stored) = try created(Fixture.service())
    for options in [DeleteOptions(uid: "uid-0"), DeleteOptions(resourceVersion: 99)] {
      let failure = failure { () throws(KubernetesFailure) in
        _ = try store.delete(stored.reference, options, finalizer: nil, at: time)
      }
      #expect(failure?.reason == .conflict)
    }
    let options = DeleteOptions(uid: "uid-1", resourceVersion: stored.metadata.resourceVersion)
    guard case .gone(let last) = try store.delete(stored.reference, options, finalizer: nil, at: time) else {
      Issue.record("the service is still there")
      return
    }
    #expect(last.metadata.resourceVersion == 2)
    #expect(store.object(stored.reference) == nil)
  }

  @Test("every change has its own version and is in the log")
  func log() throws {
    let (store, stored) = try created(Fixture.deployment())
    _ = try store.update(Fixture.deployment(replicas: 0), uid: "", at: time)
    store.removeNow(stored.reference, at: time)
    #expect(store.log.kept.map(\.version) == [1, 2, 3])
    #expect(store.log.kept.map(\.kind) == [.added, .modified, .deleted])
    #expect(try store.log.changes(after: 1).map(\.version) == [2, 3])
  }

  @Test("the log keeps so many changes and so long, and older versions are refused with 410")
  func logIsBounded() throws {
    let store = ObjectStore(log: ChangeLog(limit: 3, window: .seconds(10)))
    for number in 0..<5 { _ = try store.create(Fixture.service("s\(number)"), uid: "u", at: time) }
    #expect(store.log.kept.map(\.version) == [3, 4, 5])
    #expect(try store.log.changes(after: 2).count == 3)
    let failure = failure { () throws(KubernetesFailure) in _ = try store.log.changes(after: 1) }
    #expect(failure?.code == 410)
    #expect(failure?.message == "too old resource version: 1 (2)")
    _ = try store.create(Fixture.service("late"), uid: "u", at: time + .seconds(11))
    #expect(store.log.kept.map(\.version) == [6])
  }

  @Test("lists are ordered by name and hold what the selector takes")
  func lists() throws {
    let store = ObjectStore()
    for name in ["c", "a", "b"] { _ = try store.create(Fixture.deployment(name), uid: name, at: time) }
    #expect(store.list(.deployment).map(\.metadata.name) == ["a", "b", "c"])
    #expect(store.list(.deployment, .label(SessionLabel.session, "b")).map(\.metadata.name) == ["b"])
    #expect(store.list(.deployment, .label(SessionLabel.agent, "k8s-1")).count == 3)
    #expect(store.list(.deployment, namespace: "other").isEmpty)
    store.removeNow(Fixture.reference(.deployment, "b"), at: time)
    #expect(store.list(.deployment, .label(SessionLabel.session, "b")).isEmpty)
  }

  @Test(
    "names and labels follow the rules of the API server",
    arguments: [
      (Fixture.deployment("Upper"), "RFC 1123 subdomain"),
      (Fixture.service("1digit"), "DNS-1035 label"),
      (Fixture.service(String(repeating: "a", count: 64)), "no more than 63 characters"),
      // The name is fine, but the label `session` repeats it: 64 characters are one too many.
      (Fixture.deployment("a." + String(repeating: "b", count: 62)), "metadata.labels"),
      (Fixture.deployment(""), "Required value"),
    ])
  func rules(object: KubernetesObject, text: String) {
    let store = ObjectStore()
    let failure = failure { () throws(KubernetesFailure) in _ = try store.create(object, uid: "u", at: time) }
    #expect(failure?.code == 422)
    #expect(failure?.message.contains(text) == true, "\(failure?.message ?? "accepted")")
  }

  @Test("a name and a label at their limits are taken")
  func limits() throws {
    let store = ObjectStore()
    _ = try store.create(Fixture.service(String(repeating: "a", count: 63)), uid: "u", at: time)
    #expect(store.count(.service) == 1)
  }
}

@Suite("Label selectors")
struct LabelSelectorTests {
  private let labels: Labels = ["a": "1", "b": "2"]

  @Test(
    "each form selects what it says",
    arguments: [
      ("a=1", true), ("a==1", true), ("a=2", false), ("a!=2", true), ("c!=2", true), ("a!=1", false),
      ("a in (1,2)", true), ("a in (3)", false), ("c notin (1)", true), ("a notin (1,2)", false), ("a", true),
      ("c", false), ("!c", true), ("!a", false), ("a=1,b=2", true), ("a=1,b=3", false), ("a in (1,2),!c", true),
      ("", true),
    ])
  func forms(text: String, expected: Bool) throws {
    let selector = try #require(LabelSelector(text))
    #expect(selector.matches(labels) == expected)
    #expect(LabelSelector(selector.description) == selector)
  }

  @Test("what is no selector is refused", arguments: ["a=b=c", "a in ()", "=x", "a near (b)", ",", "a b"])
  func malformed(text: String) {
    #expect(LabelSelector(text) == nil)
  }
}
