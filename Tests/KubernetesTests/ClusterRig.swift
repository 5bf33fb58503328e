import Kubernetes
import SimulationRuntime
import StreamSpaceProtocol

/// A cluster with its API server and one caller on the simulated network.
final class ClusterRig {
  let simulation: Simulation
  let cluster: KubernetesCluster
  let server: SimulatedProcess
  private(set) var events: [(event: KubernetesEvent, time: Instant)] = []
  private let caller: SimulatedProcess
  private let program: Caller

  init(
    seed: UInt64 = 1, configuration: ClusterConfiguration = ClusterConfiguration(),
    behaviour: KubernetesBehaviour = KubernetesBehaviour()
  ) throws {
    let simulation = Simulation(.init(seed: seed))
    let cluster = KubernetesCluster(simulation: simulation, configuration: configuration, behaviour: behaviour)
    self.simulation = simulation
    self.cluster = cluster
    server = try simulation.addProcess("kubernetes-api", on: simulation.host(KubernetesAPI.host)) {
      KubernetesAPI($0, cluster: cluster)
    }
    let program = Caller()
    self.program = program
    caller = try simulation.addProcess("caller", on: simulation.host("caller")) { incarnation in
      program.incarnation = incarnation
      return program
    }
    server.start()
    caller.start()
    cluster.observer = { [unowned self] event, time in events.append((event, time)) }
  }

  deinit { simulation.tearDown() }

  /// The life of the one caller.
  var callerIncarnation: Incarnation? { program.incarnation }

  /// Opens a watch; what it tells goes into the returned record.
  func watch(_ watch: KubernetesWatch) -> WatchRecord {
    let record = WatchRecord()
    guard let incarnation = program.incarnation else { return record }
    simulation.network.open(
      from: incarnation, to: Endpoint(host: KubernetesAPI.host, port: KubernetesAPI.port),
      hello: Frame(watch, byteCount: watch.estimatedByteCount), timeout: .seconds(10)
    ) { [unowned self] outcome in
      switch outcome {
      case .connected(let socket): record.take(socket) { [unowned self] in simulation.now }
      case .reply(let payload):
        if case .failure(let failure)? = (payload as? Frame<KubernetesResponse>)?.value { record.refusal = failure }
      default: record.isUnreachable = true
      }
    }
    return record
  }

  /// Sends a request; the outcome comes to `completion`.
  func send(
    _ operation: KubernetesRequest.Operation, leader: LeaderTerm? = nil, timeout: TimeSpan = .seconds(10),
    _ completion: @escaping (CallOutcome) -> Void
  ) {
    guard let incarnation = program.incarnation else { return }
    let request = KubernetesRequest(operation, caller: "caller", leader: leader)
    simulation.network.open(
      from: incarnation, to: Endpoint(host: KubernetesAPI.host, port: KubernetesAPI.port),
      hello: Frame(request, byteCount: request.estimatedByteCount), timeout: timeout, completion)
  }

  /// Sends a request and runs until it is answered; nil when there was no answer.
  func ask(
    _ operation: KubernetesRequest.Operation, leader: LeaderTerm? = nil
  ) throws -> KubernetesResponse? {
    var outcome: CallOutcome?
    send(operation, leader: leader) { outcome = $0 }
    let deadline = simulation.now + .seconds(20)
    while outcome == nil, simulation.now < deadline { try simulation.run(for: .milliseconds(1)) }
    guard case .reply(let payload)? = outcome else { return nil }
    return (payload as? Frame<KubernetesResponse>)?.value
  }

  /// The same, for an answer that must be a failure.
  func failure(_ operation: KubernetesRequest.Operation, leader: LeaderTerm? = nil) throws -> KubernetesFailure? {
    guard case .failure(let failure)? = try ask(operation, leader: leader) else { return nil }
    return failure
  }

  /// The same, for an answer with an object.
  func object(_ operation: KubernetesRequest.Operation, leader: LeaderTerm? = nil) throws -> KubernetesObject? {
    switch try ask(operation, leader: leader) {
    case .object(_, let object)?, .deleting(let object)?: object
    default: nil
    }
  }

  func run(_ span: TimeSpan) throws { try simulation.run(for: span) }

  /// The pods of a session, by name.
  func pods(_ session: String = Fixture.session) -> [Pod] {
    cluster.store.list(.pod, .label(SessionLabel.session, session)).compactMap(\.pod)
  }

  /// When the first event that matches happened.
  func time(of matches: (KubernetesEvent) -> Bool) -> Instant? { events.first { matches($0.event) }?.time }

  private final class Caller: Program {
    var incarnation: Incarnation?
    func start() {}
    func terminate() {}
  }
}

/// What a watch told.
final class WatchRecord {
  private(set) var events: [(event: WatchEvent, time: Instant)] = []
  private(set) var socket: Socket?
  /// It ended in good order, or by RST.
  private(set) var isClosed = false
  private(set) var isReset = false
  var refusal: KubernetesFailure?
  var isUnreachable = false

  func take(_ socket: Socket, now: @escaping () -> Instant) {
    self.socket = socket
    socket.onReceive = { [weak self] payload in
      if let event = (payload as? Frame<WatchEvent>)?.value { self?.events.append((event, now())) }
    }
    socket.onClose = { [weak self] end in
      if case .reset = end { self?.isReset = true } else { self?.isClosed = true }
    }
  }

  /// `TYPE name` of each event, in order.
  var lines: [String] {
    events.map { event in
      switch event.event {
      case .added(let object), .modified(let object), .deleted(let object):
        "\(event.event.type) \(object.metadata.name)"
      case .bookmark, .error: event.event.type
      }
    }
  }
}

/// Objects as the agent writes them.
enum Fixture {
  static let session = "u01-xterm-vnc-00000001"
  static let namespace = "streamspace"
  static let image = "example.invalid/xterm-vnc:1"

  static func labels(_ session: String = session, agent: String = "k8s-1") -> Labels {
    [
      SessionLabel.app: SessionLabel.appValue, SessionLabel.session: session, SessionLabel.user: "u01",
      SessionLabel.template: "xterm-vnc", SessionLabel.agent: agent, SessionLabel.command: "cmd-1",
    ]
  }

  static func deployment(
    _ session: String = session, replicas: Int = 1, homeClaim: String? = nil, image: String = image
  ) -> KubernetesObject {
    let labels = labels(session)
    return .deployment(
      Deployment(
        metadata: ObjectMetadata(name: session, namespace: namespace, labels: labels), replicas: replicas,
        selector: [SessionLabel.session: session],
        template: PodTemplate(
          labels: labels, image: image, memory: "512Mi", cpu: "250m",
          ports: [ContainerPort(name: "vnc", containerPort: 5900)], homeClaim: homeClaim)))
  }

  static func service(_ session: String = session) -> KubernetesObject {
    .service(
      Service(
        metadata: ObjectMetadata(name: session, namespace: namespace, labels: labels(session)),
        selector: [SessionLabel.session: session], port: 3000, targetPort: 3000))
  }

  static func claim(_ session: String = session) -> KubernetesObject {
    .persistentVolumeClaim(
      PersistentVolumeClaim(
        metadata: ObjectMetadata(name: "\(session)-home", namespace: namespace, labels: labels(session))))
  }

  static func lease(
    _ name: String = "streamspace-agent-k8s-1", holder: String = "pod-a", transitions: Int64 = 0, version: Int64 = 0,
    renewedAt seconds: Int64 = 0
  ) -> KubernetesObject {
    let time = Timestamp(nanosecondsSince1970: seconds * 1_000_000_000)
    var metadata = ObjectMetadata(name: name, namespace: namespace)
    metadata.resourceVersion = version
    return .lease(
      Lease(
        metadata: metadata,
        spec: Lease.Spec(
          holder: holder, durationSeconds: 15, acquireTime: time, renewTime: time, transitions: transitions)))
  }

  static func reference(_ kind: KubernetesKind, _ name: String = session) -> ObjectReference {
    ObjectReference(kind, namespace: namespace, name: name)
  }
}

extension KubernetesObject {
  /// The same object as a writer sends it that read version `version`.
  func withVersion(_ version: Int64) -> KubernetesObject {
    var copy = self
    copy.metadata.resourceVersion = version
    return copy
  }
}
