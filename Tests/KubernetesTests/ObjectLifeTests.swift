import Kubernetes
import SimulationRuntime
import StreamSpaceProtocol
import Testing

/// Names, owners, finalizers, patches and custom resources (spec/04 §4.1, spec/03 §3).
@Suite("Lives of objects")
struct ObjectLifeTests {
  private func perform(_ rig: ClusterRig, _ operation: KubernetesRequest.Operation) -> KubernetesResponse {
    rig.cluster.perform(KubernetesRequest(operation, caller: "caller"))
  }

  // MARK: Names

  @Test("a name is made from generateName and five characters, another one each time")
  func generateName() throws {
    let rig = try ClusterRig()
    var names: Set<String> = []
    for _ in 0..<20 {
      var object = Fixture.service("")
      object.metadata.generateName = "viewer-"
      let name = try #require(try rig.object(.create(object))).metadata.name
      #expect(name.hasPrefix("viewer-"))
      #expect(name.utf8.count == "viewer-".utf8.count + 5)
      #expect(name.dropFirst(7).allSatisfy { "bcdfghjklmnpqrstvwxz2456789".contains($0) })
      names.insert(name)
    }
    #expect(names.count == 20)
    #expect(try rig.failure(.create(Fixture.service("")))?.code == 422)
  }

  @Test("a long generateName is cut so that the name is a label")
  func longGenerateName() throws {
    let rig = try ClusterRig()
    var object = Fixture.service("")
    object.metadata.generateName = String(repeating: "a", count: 80)
    #expect(try #require(try rig.object(.create(object))).metadata.name.utf8.count == 63)
  }

  @Test("a PUT of an object with another uid is refused: it was deleted and made again meanwhile")
  func foreignUID() throws {
    let rig = try ClusterRig()
    var first = try #require(try rig.object(.create(Fixture.deployment(replicas: 0))))
    _ = perform(rig, .delete(first.reference, DeleteOptions()))
    _ = perform(rig, .create(Fixture.deployment(replicas: 0)))
    first.metadata.resourceVersion = 0
    let failure = try rig.failure(.update(first))
    #expect(failure?.reason == .conflict)
    #expect(failure?.message.contains("UID in precondition: \(first.metadata.uid)") == true)
  }

  // MARK: Owners

  private func owned(_ name: String, by owner: KubernetesObject) -> KubernetesObject {
    var object = Fixture.service(name)
    object.metadata.owner = OwnerReference(
      kind: owner.kind, name: owner.metadata.name, uid: owner.metadata.uid)
    return object
  }

  @Test("what has an owner goes when the owner is gone, and what it owns in turn")
  func garbage() throws {
    let rig = try ClusterRig()
    let owner = try #require(try rig.object(.create(Fixture.lease("owner"))))
    let middle = try #require(try rig.object(.create(owned("middle", by: owner))))
    _ = try rig.object(.create(owned("leaf", by: middle)))
    _ = try rig.object(.create(Fixture.service("free")))
    try rig.run(.seconds(5))
    #expect(rig.cluster.store.count(.service) == 3)
    _ = try rig.ask(.delete(owner.reference, DeleteOptions()))
    #expect(rig.cluster.store.count(.service) == 3)
    try rig.run(.seconds(1))
    #expect(rig.cluster.store.list(.service).map(\.metadata.name) == ["free"])
  }

  @Test("what is made for an owner that is gone already goes too, what its namesake owns stays")
  func lateDependant() throws {
    let rig = try ClusterRig()
    let owner = try #require(try rig.object(.create(Fixture.lease("owner"))))
    _ = try rig.ask(.delete(owner.reference, DeleteOptions()))
    let namesake = try #require(try rig.object(.create(Fixture.lease("owner"))))
    _ = try rig.object(.create(owned("late", by: owner)))
    _ = try rig.object(.create(owned("kept", by: namesake)))
    try rig.run(.seconds(1))
    #expect(rig.cluster.store.list(.service).map(\.metadata.name) == ["kept"])
  }

  // MARK: Finalizers

  @Test("a finalizer keeps a deleted object until somebody takes it")
  func finalizer() throws {
    let rig = try ClusterRig()
    var object = Fixture.service("a")
    object.metadata.finalizers = ["stream.space/a", "stream.space/b"]
    let reference = try #require(try rig.object(.create(object))).reference
    guard case .deleting(let marked)? = try rig.ask(.delete(reference, DeleteOptions())) else {
      Issue.record("gone at once")
      return
    }
    #expect(marked.metadata.isBeingDeleted)
    _ = try rig.ask(.patch(reference, MergePatch(finalizers: ["stream.space/b"])))
    #expect(rig.cluster.store.object(reference) != nil)
    _ = try rig.ask(.patch(reference, MergePatch(finalizers: [])))
    #expect(rig.cluster.store.object(reference) == nil)
    #expect(rig.events.contains { if case .objectDeleted(reference, _) = $0.event { true } else { false } })
  }

  @Test("a foreground deletion takes its own finalizer only")
  func foregroundBesideAnother() throws {
    let rig = try ClusterRig()
    var object = Fixture.deployment()
    object.metadata.finalizers = ["stream.space/keep"]
    let reference = try #require(try rig.object(.create(object))).reference
    try rig.run(.seconds(15))
    _ = try rig.ask(.delete(reference, DeleteOptions(.foreground)))
    try rig.run(.seconds(10))
    #expect(rig.pods().isEmpty)
    #expect(rig.cluster.store.object(reference)?.metadata.finalizers == ["stream.space/keep"])
    _ = try rig.ask(.patch(reference, MergePatch(finalizers: [])))
    #expect(rig.cluster.store.object(reference) == nil)
  }

  @Test("a deployment that loses its finalizer before its pods are gone takes them along")
  func finalizerTakenEarly() throws {
    let rig = try ClusterRig()
    let reference = try #require(try rig.object(.create(Fixture.deployment()))).reference
    try rig.run(.seconds(15))
    let node = try #require(rig.cluster.node(ofSession: Fixture.session))
    rig.cluster.begin(.nodeNotReady(node), lasting: .seconds(10))
    _ = try rig.ask(.delete(reference, DeleteOptions(.foreground)))
    _ = try rig.ask(.patch(reference, MergePatch(finalizers: [])))
    #expect(rig.cluster.store.object(reference) == nil)
    #expect(rig.pods().count == 1)
    try rig.run(.seconds(20))
    #expect(rig.pods().isEmpty)
  }

  // MARK: Patches

  @Test("a patch meets the newest version: it conflicts only if it carries one of its own")
  func patch() throws {
    let rig = try ClusterRig()
    let created = try #require(try rig.object(.create(Fixture.deployment(replicas: 0))))
    _ = perform(rig, .scale(created.reference, replicas: 1, resourceVersion: 0))
    let patched = try #require(
      try rig.object(
        .patch(
          created.reference,
          MergePatch(labels: [.init("colour", "red"), .init(SessionLabel.user, nil)], replicas: 0))))
    #expect(patched.metadata.labels["colour"] == "red")
    #expect(patched.metadata.labels[SessionLabel.user] == nil)
    #expect(patched.metadata.labels[SessionLabel.session] == Fixture.session)
    #expect(patched.deployment?.replicas == 0)
    #expect(patched.metadata.generation == 3)
    let old = MergePatch(replicas: 1, resourceVersion: created.metadata.resourceVersion)
    #expect(try rig.failure(.patch(created.reference, old))?.reason == .conflict)
    let unchanged = try #require(try rig.object(.patch(created.reference, MergePatch(replicas: 0))))
    #expect(unchanged.metadata.resourceVersion == rig.cluster.store.object(created.reference)?.metadata.resourceVersion)
    #expect(try rig.failure(.patch(Fixture.reference(.service, "none"), MergePatch()))?.code == 404)
  }

  @Test("a patch of the replicas starts and stops the pod, and tells who did it")
  func patchedReplicas() throws {
    let rig = try ClusterRig()
    let created = try #require(try rig.object(.create(Fixture.deployment(replicas: 0))))
    _ = try rig.ask(.patch(created.reference, MergePatch(replicas: 1)))
    try rig.run(.seconds(15))
    #expect(rig.pods().map(\.isUsable) == [true])
    #expect(
      rig.events.contains {
        if case .workloadScaled(_, replicas: 1, by: .init(caller: "caller")) = $0.event { true } else { false }
      })
  }

  // MARK: Custom resources

  private func template() throws -> KubernetesObject {
    let manifest = try TemplateManifest(
      json: JSONParser.parse(#"{"metadata":{"name":"elsewhere"},"spec":{"baseImage":"example.invalid/a:1"}}"#))
    return .template(
      TemplateResource(metadata: ObjectMetadata(name: "xterm-vnc", namespace: Fixture.namespace), spec: manifest))
  }

  @Test("templates are read at the path the agents use")
  func templates() throws {
    let rig = try ClusterRig()
    let stored = try #require(try rig.object(.create(template())))
    #expect(stored.reference.path == "/apis/stream.space/v1alpha1/namespaces/streamspace/templates/xterm-vnc")
    #expect(stored.template?.spec.name == "xterm-vnc")
    #expect(stored.template?.spec.baseImage == "example.invalid/a:1")
    let missing = try rig.failure(.get(Fixture.reference(.template, "none")))
    #expect(missing?.message == "templates.stream.space \"none\" not found")
    var changed = stored
    if case .template(var resource) = changed {
      resource.spec.baseImage = "example.invalid/a:2"
      changed = .template(resource)
    }
    #expect(try rig.object(.update(changed))?.metadata.generation == 2)
    #expect(try rig.failure(.update(changed.withVersion(0)))?.reason == .invalid)
  }

  @Test("a session loses its status and the amounts its schema does not know when it is created")
  func pruning() throws {
    let rig = try ClusterRig()
    let stored = try #require(
      try rig.object(
        .create(
          .session(
            SessionResource(
              metadata: ObjectMetadata(name: "s", namespace: Fixture.namespace), user: "u01", template: "t",
              state: "running", persistentHome: false,
              resources: .init(memory: "1Gi", cpu: "500m", limits: ResourceAmounts(cpu: "1", memory: "2Gi")),
              status: .init(phase: "Running", podName: "p"))))))
    #expect(stored.session?.status == SessionResource.Status())
    #expect(stored.session?.resources == .init(limits: ResourceAmounts(cpu: "1", memory: "2Gi")))
    var running = try #require(stored.session)
    running.status.phase = "Running"
    running.state = "hibernated"
    let after = try #require(try rig.object(.updateStatus(.session(running)))?.session)
    #expect(after.status.phase == "Running")
    #expect(after.state == "running")
  }

  @Test("a list with a field selector holds what matches; a field the kind does not have is refused")
  func fieldSelectedList() throws {
    let rig = try ClusterRig()
    for name in ["a", "b"] { _ = perform(rig, .create(Fixture.service(name))) }
    let list = KubernetesRequest.Operation.list(.service, namespace: Fixture.namespace, .everything, .name("b"))
    guard case .list(let objects, _)? = try rig.ask(list) else {
      Issue.record("no list")
      return
    }
    #expect(objects.map(\.metadata.name) == ["b"])
    #expect(
      KubernetesRequest(list, caller: "c").line
        == "GET /api/v1/namespaces/streamspace/services?fieldSelector=metadata.name%3Db")
    let phases = FieldSelector([.init(.phase, "Running")])
    #expect(try rig.failure(.list(.service, namespace: Fixture.namespace, .everything, phases))?.code == 400)
  }
}
