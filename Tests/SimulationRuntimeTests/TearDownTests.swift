import Testing

@testable import SimulationRuntime

@Suite("Tear-down")
struct TearDownTests {
  /// Holds weak references to what must be gone.
  private final class Remains {
    weak var simulation: Simulation?
    weak var client: Socket?
    weak var server: Socket?
    weak var call: IncomingCall?
    weak var incarnation: Incarnation?
    var programs = 0
  }

  /// A program whose closures capture it, its sockets and the simulation strongly, as careless ones do.
  private final class Careless: Program {
    let life: Incarnation
    let simulation: Simulation
    let remains: Remains
    var socket: Socket?

    init(_ life: Incarnation, _ simulation: Simulation, _ remains: Remains) {
      self.life = life
      self.simulation = simulation
      self.remains = remains
      remains.programs += 1
    }

    deinit { remains.programs -= 1 }

    func terminate() { life.exit("told to") }

    func start() {
      remains.incarnation = life
      if life.host.name == "server" {
        simulation.network.listen(life, port: 80) { call in
          if call.hello != nil {
            self.remains.call = call
            call.onAbandoned = { _ = (self, call) }
            return
          }
          guard let socket = call.accept() else { return }
          self.socket = socket
          self.remains.server = socket
          socket.onReceive = { _ in socket.send(text("from \(self.life.number)")) }
          socket.onClose = { _ in _ = (self, socket) }
          socket.onWritable = { _ = (self, socket) }
        }
      } else {
        simulation.network.open(from: life, to: Endpoint(host: "server", port: 80), timeout: .seconds(90)) { outcome in
          guard case .connected(let socket) = outcome else { return }
          self.socket = socket
          self.remains.client = socket
          socket.onReceive = { _ in _ = (self, socket) }
          socket.send(text("hi"))
        }
        simulation.network.open(from: life, to: Endpoint(host: "server", port: 80), hello: text("wait")) { _ in
          _ = self
        }
      }
      life.every(.seconds(1), testStep) { _ = self.simulation.now }
      life.after(.seconds(1_000), testStep) { _ = self }
    }
  }

  /// Builds a system, lets `act` do something to it, and tears it down.
  private func remains(after act: (Simulation) throws -> Void) throws -> Remains {
    let remains = Remains()
    do {
      let simulation = Simulation(.init(seed: 1, retention: .everything))
      remains.simulation = simulation
      simulation.network.latencyPolicy = { _, _, _ in
        _ = simulation
        return .constant(.milliseconds(1))
      }
      simulation.network.transcode = { payload in
        _ = simulation
        return payload
      }
      simulation.trace.observer = { _ in _ = simulation }
      for name in ["server", "client"] {
        let process = try simulation.addProcess(name, on: simulation.host(name)) { Careless($0, simulation, remains) }
        process.onEnd = { _, _ in _ = simulation }
        process.start()
      }
      simulation.schedule(after: .seconds(500), testStep) { simulation.stop() }
      try simulation.run(for: .seconds(5))
      #expect(remains.server != nil && remains.client != nil && remains.call != nil)
      #expect(remains.programs == 2)
      try act(simulation)
      simulation.tearDown()
      #expect(try simulation.run() == .drained, "nothing is left")
      simulation.process("client")?.start()
      #expect(simulation.process("client")?.current == nil, "nothing begins")
    }
    return remains
  }

  private func expectNothing(_ remains: Remains) {
    #expect(remains.programs == 0)
    #expect(remains.client == nil)
    #expect(remains.server == nil)
    #expect(remains.call == nil)
    #expect(remains.incarnation == nil)
    #expect(remains.simulation == nil)
  }

  @Test("nothing of a running system remains")
  func running() throws { expectNothing(try remains { _ in }) }

  @Test(
    "nothing of a system under faults remains",
    arguments: [
      NetworkFault.Kind.cut, .cutOneWay, .halfOpen, .reset, .slow(.constant(.seconds(1))), .blackHole,
    ])
  func faults(kind: NetworkFault.Kind) throws {
    expectNothing(
      try remains { simulation in
        simulation.network.begin(NetworkFault(kind, between: ["client"], and: ["server"]))
        try simulation.run(for: .seconds(5))
      })
  }

  @Test("nothing of a system with paused, crashed, silent and restarted processes remains")
  func lives() throws {
    expectNothing(
      try remains { simulation in
        let (server, client) = (try #require(simulation.process("server")), try #require(simulation.process("client")))
        client.pause()
        try simulation.run(for: .seconds(5))
        server.vanish()
        try simulation.run(for: .seconds(5))
        server.start(after: .seconds(1))
        try simulation.run(for: .seconds(5))
        client.crash()
        client.start()
        try simulation.run(for: .seconds(5))
        server.start(after: .seconds(100))
      })
  }

  @Test("a program of an ended life is freed at its end, not at the end of the run")
  func endOfLife() throws {
    let remains = Remains()
    let simulation = Simulation(.init(seed: 1))
    let process = try simulation.addProcess("lonely", on: simulation.host("lonely")) {
      Script($0, start: { _ in withExtendedLifetime(remains) {} })
    }
    process.start()
    weak let program = process.current?.program
    #expect(program != nil)
    process.crash()
    #expect(program == nil)
  }

  @Test("a torn-down system holds nothing of the cases that waited")
  func cases() throws {
    final class Held: Sendable {}
    weak var held: Held?
    do {
      let simulation = Simulation(.init(seed: 1))
      let cases = simulation.cases
      let thing = Held()
      held = thing
      try cases.run {
        cases.spawn("background") {
          defer { withExtendedLifetime(thing) {} }
          try await cases.sleep(.seconds(1_000))
        }
        try await cases.sleep(.seconds(1))
      }
      #expect(cases.waitingLabels == ["sleep"])
      simulation.tearDown()
      #expect(cases.waitingLabels == [])
    }
    #expect(held == nil)
  }

  @Test("a tear-down from within a run stops it and happens at its end")
  func withinRun() throws {
    let simulation = Simulation(.init(seed: 1))
    var late = false
    simulation.at(1) { simulation.tearDown() }
    simulation.at(2) { late = true }
    #expect(try simulation.run() == .stopped)
    #expect(try simulation.run() == .drained)
    #expect(!late)
  }

  @Test("two tear-downs are as good as one")
  func twice() throws {
    let simulation = Simulation(.init(seed: 1))
    try simulation.launch("p")
    simulation.tearDown()
    simulation.tearDown()
    #expect(simulation.process("p")?.isRunning == false)
  }
}
