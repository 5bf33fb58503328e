import SimulationRuntime
import StreamSpaceProtocol
import Testing

@testable import Kubernetes

@Suite("Port-forwards")
struct PortForwardTests {
  /// A desktop on a pod's host, and a caller.
  private final class Station: Program {
    let incarnation: Incarnation
    let body: (Incarnation) -> Void
    init(_ incarnation: Incarnation, _ body: @escaping (Incarnation) -> Void) {
      self.incarnation = incarnation
      self.body = body
    }
    func start() { body(incarnation) }
    func terminate() { incarnation.exit("terminated") }
  }

  private final class Rig {
    let simulation: Simulation
    let cluster: KubernetesCluster
    let api: SimulatedProcess
    var caller: Incarnation?
    var outcomes: [(outcome: CallOutcome, time: Instant)] = []
    var desktops: [SimulatedProcess] = []
    var accepted = 0
    var events: [KubernetesEvent] = []

    init(seed: UInt64 = 1, _ behaviour: KubernetesBehaviour = KubernetesBehaviour()) throws {
      let simulation = Simulation(.init(seed: seed))
      self.simulation = simulation
      simulation.network.latencyPolicy = { _, _, _ in .constant(.milliseconds(1)) }
      let cluster = KubernetesCluster(simulation: simulation, behaviour: behaviour)
      self.cluster = cluster
      api = try simulation.addProcess("api", on: simulation.host(KubernetesAPI.host)) {
        KubernetesAPI($0, cluster: cluster)
      }
      cluster.observer = { [unowned self] event, _ in events.append(event) }
      api.start()
      let agent = try simulation.addProcess("agent", on: simulation.host("agent")) { [unowned self] incarnation in
        Station(incarnation) { [unowned self] in caller = $0 }
      }
      agent.start()
      try run(.milliseconds(1))
    }

    deinit { simulation.tearDown() }

    func run(_ span: TimeSpan) throws { try simulation.run(for: span) }

    func place(_ session: String = "s1") throws -> KubernetesCluster.Placement {
      try cluster.place(
        PlacedSession(
          session: session, user: "u", templateName: "rfb-desktop", agent: "a", command: "c",
          image: "streamspace/rfb-desktop:1"))
    }

    /// Starts a desktop on the host that an address names.
    func serve(_ address: String) throws {
      let desktop = try simulation.addProcess("desktop-\(desktops.count)", on: simulation.host(address)) {
        [unowned self] incarnation in
        Station(incarnation) { [unowned self] incarnation in
          simulation.network.listen(incarnation, port: 5900) { [unowned self] call in
            accepted += 1
            let socket = call.accept()
            socket?.send(Bytes([1, 2, 3]))
          }
        }
      }
      desktops.append(desktop)
      desktop.start()
      try run(.milliseconds(1))
    }

    func forward(_ pod: String, leader: LeaderTerm? = nil) throws {
      let request = KubernetesRequest(
        .portForward(ObjectReference(.pod, namespace: "streamspace", name: pod), port: 5900), caller: "agent",
        leader: leader)
      let caller = try #require(caller)
      simulation.network.open(
        from: caller, to: Endpoint(host: KubernetesAPI.host, port: KubernetesAPI.port),
        hello: Frame(request, byteCount: request.estimatedByteCount), timeout: .seconds(10)
      ) { [unowned self] outcome in outcomes.append((outcome, simulation.now)) }
    }

    var failure: KubernetesFailure? {
      guard case .reply(let payload)? = outcomes.last?.outcome,
        case .failure(let failure)? = (payload as? Frame<KubernetesResponse>)?.value
      else { return nil }
      return failure
    }

    var socket: Socket? { if case .connected(let socket)? = outcomes.last?.outcome { socket } else { nil } }
  }

  @Test("a call becomes a stream to the pod's own host, after about a second", arguments: 1...10)
  func forward(seed: UInt64) throws {
    let rig = try Rig(seed: seed)
    let pod = try rig.place()
    try rig.serve(pod.podIP)
    let begun = rig.simulation.now
    try rig.forward(pod.podName)
    try rig.run(.seconds(5))
    let socket = try #require(rig.socket)
    #expect(socket.remoteHost == pod.podIP)
    let took = try #require(rig.outcomes.first).time - begun
    // Twice a median of 0.5 s with sigma 0.3.
    #expect(took > .milliseconds(350) && took < .milliseconds(3_000))
    #expect(rig.accepted == 1)
  }

  @Test("what is refused: no right, no such pod, no host, no container, nobody who listens")
  func refusals() throws {
    let rig = try Rig()
    let pod = try rig.place()
    try rig.forward("s1-none")
    try rig.run(.seconds(5))
    #expect(rig.failure == .notFound(.pod, "s1-none"))
    try rig.forward(pod.podName)
    try rig.run(.seconds(5))
    #expect(rig.failure == .portRefused(pod.podName, address: pod.podIP, port: 5900))
    #expect(rig.failure?.message.contains("connection refused") == true)
    try rig.serve(pod.podIP)
    let record = rig.cluster.begin(.forbidPortForward)
    #expect(record.name == "k8s(forbid create pods/portforward)")
    try rig.forward(pod.podName)
    try rig.run(.seconds(5))
    #expect(rig.failure?.code == 403)
    #expect(rig.failure?.message.contains("cannot create resource \"pods/portforward\"") == true)
    rig.cluster.end(record)
    // The right to create pods is another one.
    let other = rig.cluster.begin(.forbid(.create, .pod))
    try rig.forward(pod.podName)
    try rig.run(.seconds(5))
    #expect(rig.socket != nil)
    rig.cluster.end(other)
    rig.cluster.crashPod(ofSession: "s1")
    try rig.forward(pod.podName)
    try rig.run(.milliseconds(1_200))
    #expect(rig.failure?.message.contains("is not running") == true || rig.outcomes.count == 4)
  }

  @Test("a role without the right refuses every forward (A-24), and nothing else")
  func role() throws {
    var behaviour = KubernetesBehaviour()
    behaviour.portForwarding = .missing
    let rig = try Rig(behaviour)
    let pod = try rig.place()
    try rig.serve(pod.podIP)
    try rig.forward(pod.podName)
    try rig.run(.seconds(1))
    #expect(rig.failure?.reason == .forbidden)
    #expect(
      rig.cluster.perform(KubernetesRequest(.list(.pod, namespace: "streamspace", .everything), caller: "a")).code
        == 200)
  }

  @Test("outages and brown-outs hold for forwards; an old leader's is refused")
  func outages() throws {
    let rig = try Rig()
    let pod = try rig.place()
    try rig.serve(pod.podIP)
    let faults: [(KubernetesFault, Int)] = [
      (.down(.refusing), 503), (.throttle(retryAfterSeconds: 1), 429),
      (.brownOut(.internalError, .always), 500),
    ]
    for (fault, code) in faults {
      let record = rig.cluster.begin(fault)
      try rig.forward(pod.podName)
      try rig.run(.seconds(3))
      #expect(rig.failure?.code == code)
      rig.cluster.end(record)
    }
    let silent = rig.cluster.begin(.down(.silent))
    try rig.forward(pod.podName)
    try rig.run(.seconds(11))
    guard case .timedOut? = rig.outcomes.last?.outcome else { return #expect(Bool(false), "no answer") }
    rig.cluster.end(silent)
    try rig.forward(pod.podName, leader: LeaderTerm(agentID: "a", term: 5))
    try rig.run(.seconds(5))
    #expect(rig.socket != nil)
    try rig.forward(pod.podName, leader: LeaderTerm(agentID: "a", term: 4))
    try rig.run(.seconds(5))
    #expect(rig.failure == .staleTerm(.pod, pod.podName, term: 4, newest: 5))
  }

  @Test("a node that is not heard of forwards nothing")
  func lostNode() throws {
    let rig = try Rig()
    let pod = try rig.place()
    try rig.serve(pod.podIP)
    let reference = ObjectReference(.pod, namespace: "streamspace", name: pod.podName)
    let node = try #require(rig.cluster.store.object(reference)?.pod?.nodeName)
    let record = rig.cluster.begin(.nodeNotReady(node))
    try rig.forward(pod.podName)
    try rig.run(.seconds(3))
    #expect(rig.failure == .unreachableNode(node))
    rig.cluster.end(record)
    try rig.forward(pod.podName)
    try rig.run(.seconds(3))
    #expect(rig.socket != nil)
  }

  @Test("an established forward outlives the API server and ends with its pod's process")
  func life() throws {
    let rig = try Rig()
    let pod = try rig.place()
    try rig.serve(pod.podIP)
    try rig.forward(pod.podName)
    try rig.run(.seconds(5))
    let socket = try #require(rig.socket)
    var ends = 0
    socket.onClose = { _ in ends += 1 }
    rig.api.crash()
    try rig.run(.seconds(60))
    #expect(ends == 0 && socket.isOpen)
    rig.desktops[0].crash()
    try rig.run(.seconds(1))
    #expect(ends == 1)
  }

  @Test("events tell when and where a container runs; a restart keeps the address, another pod gets another")
  func events() throws {
    let rig = try Rig()
    let pod = try rig.place()
    let container = KubernetesEvent.Container(
      pod: pod.podName, address: pod.podIP, image: "streamspace/rfb-desktop:1", template: "rfb-desktop", vncPort: 5900)
    func started() -> [KubernetesEvent.Container] {
      rig.events.compactMap { if case .containerStarted(_, let container) = $0 { container } else { nil } }
    }
    func ended() -> [KubernetesEvent.Container] {
      rig.events.compactMap { if case .containerEnded(_, let container, _) = $0 { container } else { nil } }
    }
    #expect(started() == [container] && ended().isEmpty)
    rig.cluster.crashPod(ofSession: "s1")
    #expect(ended() == [container])
    try rig.run(.seconds(10))
    #expect(started() == [container, container])
    rig.cluster.evictPod(ofSession: "s1")
    try rig.run(.seconds(30))
    #expect(ended() == [container, container])
    #expect(started().count == 3)
    #expect(started().last?.address != pod.podIP)
    #expect(started().last?.pod != pod.podName)
  }

  @Test("no two of many pods have one address")
  func addresses() throws {
    let rig = try Rig()
    var seen: Set<String> = []
    for _ in 0..<70_000 { #expect(seen.insert(rig.cluster.freshPodAddress()).inserted) }
  }
}
