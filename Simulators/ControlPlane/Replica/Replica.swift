import SimulationRuntime
import StreamSpaceProtocol

/// One API process ("replica", "pod") of the control plane: it serves HTTP, holds the connections of agents, and keeps
/// database and Redis in step with them (spec/01).
package final class Replica: Program {
  package unowned let incarnation: Incarnation
  package let configuration: ReplicaConfiguration
  /// The host's wall clock.
  package let clock: ReplicaClock
  package let router: HTTPRouter
  package let database: DatabaseClient
  /// Routes on database 1; nil when this replica works alone.
  package internal(set) var redis: RedisClient?
  /// The subscription to this replica's command channel, in multi-pod mode.
  var subscription: RedisSubscription?
  package let keyCheck: KeyCheckCore
  /// The name under which this replica holds agents: `POD_NAME`, or the host's name in single-pod mode.
  package let podName: String
  /// (start in ms) * 2^20, the base of this life's epochs (spec/00).
  package let epochBase: Int64
  package private(set) lazy var hub = AgentHub(self)
  package private(set) lazy var dispatcher = CommandDispatcher(self)
  private(set) lazy var agents = AgentRoutes(self)
  private lazy var startUp = StartUp(self)
  private lazy var shutdown = Shutdown(self)
  package internal(set) var extensions: [any ReplicaExtension] = []
  /// Finds the users of requests; set by an extension.
  package var authenticator: (any RequestAuthenticator)?
  /// Takes what agents say about sessions; set by an extension.
  package weak var sink: (any AgentMessageSink)?
  package internal(set) var health = ReplicaHealth.starting(reason: "starting")
  /// When this life became ready, on the host's clock.
  package internal(set) var readySince: Instant?
  private let makeExtensions: (Replica) -> [any ReplicaExtension]
  var listener: Listener?

  /// `extensions`: what the replica has beside hub and dispatcher; tests of the agent side leave it out.
  package init(
    _ incarnation: Incarnation, _ configuration: ReplicaConfiguration,
    extensions: @escaping (Replica) -> [any ReplicaExtension] = Replica.standardExtensions(of:)
  ) {
    self.incarnation = incarnation
    self.configuration = configuration
    makeExtensions = extensions
    clock = ReplicaClock(incarnation)
    router = HTTPRouter(incarnation)
    database = DatabaseClient(
      incarnation, endpoint: configuration.database, onRequest: configuration.onDatabaseRequest)
    if configuration.behaviour.database.reads == .standby, let standby = configuration.standby {
      database.reader = DatabaseClient(incarnation, endpoint: standby)
    }
    keyCheck = KeyCheckCore(incarnation)
    let name = configuration.podName ?? ""
    let fallback = configuration.redis == nil ? incarnation.host.name : ReplicaConfiguration.unknownPodName
    podName = name.isEmpty ? fallback : name
    epochBase = clock.milliseconds << 20
  }

  package func start() {
    extensions = makeExtensions(self)
    router.on(.get, "/health") { [unowned self] exchange in answerHealth(exchange) }
    router.on(.get, "/version") { exchange in exchange.respond(.ok, VersionAnswer.current) }
    agents.install()
    for part in extensions { part.install() }
    startUp.begin()
  }

  package func terminate() { shutdown.begin() }

  /// Tells the observer.
  func tell(_ event: ControlPlaneEvent) { configuration.observer?(event) }

  var behaviour: ControlPlaneBehaviour { configuration.behaviour }

  /// Takes requests from now on; until ``becomeReady()`` all but `/health` and `/version` are answered 503.
  func listen() {
    listener = incarnation.simulation.network.listen(incarnation, port: configuration.port) { [unowned self] call in
      take(call)
    }
  }

  private func take(_ call: IncomingCall) {
    guard let request = (call.hello as? Frame<HTTPRequest>)?.value else { return call.drop() }
    let exchange = HTTPExchange(call: call, request: request)
    let isProbe = request.path == "/health" || request.path == "/version"
    if !isProbe, !health.isReady, behaviour.lifeCycle.health == .truthful {
      router.refuse(exchange, HTTPResponse(.serviceUnavailable, health.answer))
    } else {
      router.handle(exchange)
    }
  }

  private func answerHealth(_ exchange: HTTPExchange) {
    if behaviour.lifeCycle.health == .alwaysHealthy { return exchange.respond(.ok, HealthAnswer.healthy) }
    exchange.respond(health.isReady ? .ok : .serviceUnavailable, health.answer)
  }

  /// Everything the replica needs stands.
  func becomeReady() {
    guard case .starting = health else { return }
    health = .ready
    readySince = incarnation.monotonicNow
    tell(.ready)
    hub.begin()
    dispatcher.begin()
    for part in extensions { part.replicaBecameReady() }
  }

  /// Something is missing; told once per reason.
  func stayUnready(_ reason: String) {
    guard case .starting(let known) = health, known != reason else { return }
    health = .starting(reason: reason)
    tell(.notReady(reason: reason))
  }
}

extension ReplicaConfiguration {
  /// What a shipped replica calls itself without `POD_NAME` (spec/01 §2.1).
  package static let unknownPodName = "unknown-pod"
}
