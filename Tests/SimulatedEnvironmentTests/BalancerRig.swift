import SimulationRuntime
import StreamSpaceProtocol

@testable import SimulatedEnvironment

/// The balancer between scripted back ends and a client, over links of one millisecond.
final class BalancerRig {
  /// How a back end treats what reaches it.
  enum Manner {
    case answers
    case answersLate(TimeSpan)
    case drops
    case says(HTTPStatus)
  }

  /// What came back to the client, and when.
  struct Outcome: Equatable {
    var text: String
    var milliseconds: Int64
  }

  let simulation = Simulation(.init(seed: 1, retention: .notes))
  private(set) var outcomes: [Outcome] = []
  /// Requests that reached each back end, probes not counted.
  private(set) var served: [String: Int] = [:]
  private(set) var probes: [String: Int] = [:]
  private(set) var abandoned: [String] = []
  private(set) var forwardedFor: [String?] = []
  var manner: [String: Manner] = [:]
  var health: [String: Manner] = [:]
  private var processes: [String: SimulatedProcess] = [:]
  private(set) var balancer: Balancer?
  private var calls: [OutgoingCall] = []
  private var open: [IncomingCall] = []

  init(backends: Int = 3) throws {
    simulation.network.latencyPolicy = { _, _, _ in .constant(.milliseconds(1)) }
    let names = (1...backends).map { "api-\($0)" }
    for name in names {
      processes[name] = try simulation.addProcess(name, on: simulation.host(name)) { [unowned self] incarnation in
        Listening(incarnation) { [unowned self] in receive($0, at: name, incarnation) }
      }
      processes[name]?.start()
    }
    let endpoints = names.map { Endpoint(host: $0, port: Deployment.replicaPort) }
    let process = try simulation.addProcess("balancer", on: simulation.host("balancer")) { [unowned self] incarnation in
      let program = Balancer(incarnation, backends: endpoints)
      balancer = program
      return program
    }
    process.start()
    processes["client"] = try simulation.addProcess("client", on: simulation.host("client")) { Listening($0) { _ in } }
    processes["client"]?.start()
    try simulation.run(for: .milliseconds(1))
  }

  deinit { simulation.tearDown() }

  func process(_ name: String) throws -> SimulatedProcess {
    guard let process = processes[name] else { throw SimulationErrorInTest("no process \(name)") }
    return process
  }

  // MARK: Client

  /// Sends a request; its outcome is logged when it comes.
  func send(_ path: String = "/api/v1/sessions", upgrade: Bool = false) throws {
    guard let client = processes["client"]?.current else { throw SimulationErrorInTest("no client") }
    let headers: HTTPHeaders = upgrade ? [HTTPHeaderName.upgrade: "websocket"] : HTTPHeaders()
    let request = HTTPRequest(.get, target: path, headers: headers)
    calls.append(
      simulation.network.open(
        from: client, to: Balancer.endpoint, hello: Frame(request, byteCount: request.byteCount)
      ) { [unowned self] outcome in
        outcomes.append(Outcome(text: Self.text(outcome), milliseconds: (simulation.now - .start).milliseconds))
      })
  }

  /// The client gives up its newest request.
  func giveUp() { calls.last?.cancel() }

  /// Sends requests one after the other and returns what came back.
  func exchange(_ count: Int, upgrade: Bool = false) throws -> [String] {
    let before = outcomes.count
    for _ in 0..<count {
      try send(upgrade: upgrade)
      try simulation.run(for: .milliseconds(20))
    }
    return outcomes.dropFirst(before).map(\.text)
  }

  func run(_ span: TimeSpan) throws { try simulation.run(for: span) }

  /// The moves of back ends in and out, as the balancer noted them.
  var moves: [String] {
    simulation.trace.events.filter { $0.kind == "balancer.out" || $0.kind == "balancer.in" }
      .map { "\(($0.time - .start).milliseconds / 1_000) \($0.kind.dropFirst(9)) \($0["replica"] ?? "")" }
  }

  private static func text(_ outcome: CallOutcome) -> String {
    switch outcome {
    case .reply(let payload):
      guard let response = (payload as? Frame<HTTPResponse>)?.value else { return "no response" }
      return response.headers["X-Replica"] ?? "\(response.status)"
    case .connected(let socket): return "socket of \(socket.remoteHost)"
    case .refused: return "refused"
    case .reset: return "reset"
    case .timedOut: return "timed out"
    }
  }

  // MARK: Back ends

  private func receive(_ call: IncomingCall, at name: String, _ incarnation: Incarnation) {
    guard let request = (call.hello as? Frame<HTTPRequest>)?.value else { return call.drop() }
    let isProbe = request.path == "/health"
    if isProbe {
      probes[name, default: 0] += 1
    } else {
      served[name, default: 0] += 1
      forwardedFor.append(request.headers[HTTPHeaderName.forwardedFor])
      call.onAbandoned = { [unowned self] in abandoned.append(name) }
    }
    if request.isWebSocketUpgrade {
      _ = call.accept()
      return
    }
    open.append(call)
    let status: HTTPStatus
    switch isProbe ? health[name] ?? .answers : manner[name] ?? .answers {
    case .answers: status = .ok
    case .says(let other): status = other
    case .drops: return call.drop()
    case .answersLate(let span):
      incarnation.after(span, Self.late) { Self.reply(call, .ok, name) }
      return
    }
    Self.reply(call, status, name)
  }

  private static func reply(_ call: IncomingCall, _ status: HTTPStatus, _ name: String) {
    let response = HTTPResponse(status, headers: ["X-Replica": name])
    call.reply(Frame(response, byteCount: response.byteCount))
  }

  private static let late = EventLabel("test.late")
}

/// A process that listens and hands calls on.
private final class Listening: Program {
  private let incarnation: Incarnation
  private let receive: (IncomingCall) -> Void

  init(_ incarnation: Incarnation, receive: @escaping (IncomingCall) -> Void) {
    self.incarnation = incarnation
    self.receive = receive
  }

  func start() { incarnation.simulation.network.listen(incarnation, port: Deployment.replicaPort, receive) }
  func terminate() { incarnation.exit("stopped") }
}

/// The rig was used wrongly.
struct SimulationErrorInTest: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
