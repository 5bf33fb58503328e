import DockerEngine
import SimulationRuntime
import SocketBridges
import StreamSpaceProtocol

@testable import ServedEnvironment

/// The service before a simulated engine, in virtual time and without sockets.
final class ServiceRig {
  let simulation: Simulation
  let engine: DockerEngine
  let daemon: SimulatedProcess
  let service: DockerService
  private let swarm: Swarm

  static let clockAtStart: Int64 = 1_800_000_000 * 1_000_000_000

  init(seed: UInt64 = 1, _ configure: (inout EngineConfiguration) -> Void = { _ in }) throws {
    let simulation = Simulation(.init(seed: seed))
    self.simulation = simulation
    simulation.network.latencyPolicy = { _, _, _ in .constant(.zero) }
    var configuration = EngineConfiguration()
    configuration.clockAtStart = Self.clockAtStart
    configure(&configuration)
    let engine = DockerEngine(simulation: simulation, configuration: configuration)
    self.engine = engine
    daemon = try simulation.addProcess("dockerd", on: simulation.host(engine.host)) { DockerAPI($0, engine: engine) }
    daemon.start()
    let swarm = Swarm(simulation: simulation)
    self.swarm = swarm
    var made: DockerService?
    let gateway = try simulation.addProcess("gateway", on: simulation.host("gateway")) { incarnation in
      made = DockerService(
        incarnation, daemon: Endpoint(host: engine.host, port: DockerAPI.port), clockAtStart: Self.clockAtStart,
        swarm: .init(begin: { swarm.join(engine) }, end: { swarm.leave(engine) }))
      return Standing()
    }
    gateway.start()
    guard let made else { throw SimulationStopped() }
    service = made
    try simulation.run(for: .milliseconds(10))
  }

  deinit { simulation.tearDown() }

  struct SimulationStopped: Error {}

  private final class Standing: Program {
    func start() {}
    func terminate() {}
  }

  /// Sends a request and does not wait.
  @discardableResult
  func send(
    _ method: String, _ target: String, _ body: JSONValue? = nil, headers: HTTPHeaders = HTTPHeaders()
  ) -> MemoryExchange {
    var all = headers
    if body != nil, all[HTTPHeaderName.contentType] == nil { all[HTTPHeaderName.contentType] = "application/json" }
    let exchange = MemoryExchange(
      ReceivedRequest(method: method, target: target, headers: all, body: body.map { JSONWriter.bytes(of: $0) } ?? []))
    service.receive(exchange)
    return exchange
  }

  /// Sends a request and runs until its answer has begun.
  @discardableResult
  func ask(
    _ method: String, _ target: String, _ body: JSONValue? = nil, headers: HTTPHeaders = HTTPHeaders()
  ) throws -> MemoryExchange {
    let exchange = send(method, target, body, headers: headers)
    let deadline = simulation.now + .seconds(130)
    while exchange.isPending, simulation.now < deadline { try run(.milliseconds(1)) }
    return exchange
  }

  func run(_ span: TimeSpan) throws { try simulation.run(for: span) }

  /// A container that runs; its id.
  @discardableResult
  func running(_ name: String, _ more: JSONObject = JSONObject()) throws -> String {
    var body = more
    if body["Image"] == nil { body["Image"] = "image:1" }
    let id = try ask("POST", "/v1.41/containers/create?name=\(name)", .object(body)).json["Id"]?.text ?? ""
    try ask("POST", "/v1.41/containers/\(name)/start")
    return id
  }

  func state(_ name: String) throws -> String? {
    try ask("GET", "/containers/\(name)/json").json["State"]?["Status"]?.text
  }
}
