import SimulationRuntime

/// A busy system that touches every part of the kernel: five nodes that gossip over sockets and call each
/// other, while hosts crash, pause, vanish and return, clocks drift and links fail.
struct BusySystem {
  var seed: UInt64 = 1
  var strategy = Strategy.random
  var retention = Trace.Retention.hash
  var isRecording = false
  var replay: DecisionLog?
  var reseed: Simulation.Configuration.Reseed?
  /// A difference that a reader should find: the number of the node that behaves otherwise, and when.
  var oddNode: (number: Int, at: TimeSpan)?
  var span = TimeSpan.seconds(20)

  struct Result {
    let fingerprint: String
    let events: [TraceEvent]
    let log: DecisionLog
    let eventsRun: Int
  }

  static let nodes = 5

  func run() throws -> Result {
    let simulation = Simulation(
      .init(
        seed: seed, strategy: strategy, retention: retention, isRecording: isRecording, replay: replay,
        reseed: reseed))
    simulation.network.latencyPolicy = { from, _, _ in
      from == "node-0" ? .uniform(.microseconds(300), .milliseconds(2)) : .lognormal(median: .milliseconds(1), .s060)
    }
    for number in 0..<Self.nodes {
      let process = try simulation.addProcess("node-\(number)", on: simulation.host("node-\(number)")) {
        Node($0, number: number, oddAt: oddNode?.number == number ? oddNode?.at : nil)
      }
      process.start()
    }
    let chaos = Chaos(simulation)
    chaos.next()
    try simulation.run(for: span)
    defer { simulation.tearDown() }
    return Result(
      fingerprint: simulation.trace.fingerprint, events: simulation.trace.events, log: simulation.decisions.log,
      eventsRun: simulation.eventsRun)
  }
}

/// A fault every now and then, drawn from the seed.
private final class Chaos {
  private let simulation: Simulation
  private let stream: DecisionStream

  private static let strike = EventLabel("chaos.strike")
  private static let mend = EventLabel("chaos.mend")

  init(_ simulation: Simulation) {
    self.simulation = simulation
    stream = simulation.decisions.stream("faults")
  }

  func next() {
    let decisions = simulation.decisions
    simulation.schedule(after: decisions.draw(stream, from: .milliseconds(50), to: .milliseconds(400)), Self.strike) {
      [self] in
      strike()
      next()
    }
  }

  private func strike() {
    let decisions = simulation.decisions
    let victim = simulation.allProcesses[decisions.choose(stream, BusySystem.nodes)]
    let span = decisions.draw(stream, from: .milliseconds(20), to: .milliseconds(900))
    let other = "node-\(decisions.choose(stream, BusySystem.nodes))"
    func fault(_ kind: NetworkFault.Kind) {
      guard other != victim.host.name else { return }
      simulation.network.begin(NetworkFault(kind, between: [victim.host.name], and: [other]), lasting: span)
    }
    switch decisions.choose(stream, 12) {
    case 0: fault(.cut)
    case 1: fault(.cutOneWay)
    case 2: fault(.halfOpen)
    case 3: fault(.reset)
    case 4: fault(.slow(.uniform(.milliseconds(1), .milliseconds(50))))
    case 5: fault(.bandwidth(bytesPerSecond: 10_000))
    case 6: fault(.blackHole)
    case 7: victim.crash()
    case 8: victim.vanish()
    case 9: victim.crash(atEffect: decisions.choose(stream, 20) + 1)
    case 10:
      victim.pause()
      simulation.schedule(after: span, Self.mend) { victim.resume() }
    default:
      victim.host.stepClock(by: span)
      victim.host.setClockRate(ppm: Int64(decisions.choose(stream, 200)) - 100)
    }
    simulation.schedule(after: span, Self.mend) { victim.start() }
  }
}

/// Gossips a counter to a peer over a socket, and asks another for its value by calls.
private final class Node: Program {
  private let incarnation: Incarnation
  private let number: Int
  private let oddAt: TimeSpan?
  private let stream: DecisionStream
  private var value = 0
  private var peer: Socket?

  private static let port = 9
  private static let gossip = EventLabel("node.gossip")
  private static let dialling = EventLabel("node.dial")
  private static let learnt = EventLabel("node.learnt")
  private static let odd = EventLabel("node.odd")

  init(_ incarnation: Incarnation, number: Int, oddAt: TimeSpan?) {
    self.incarnation = incarnation
    self.number = number
    self.oddAt = oddAt
    stream = incarnation.decisions.stream("node-\(number)")
  }

  private var network: Network { incarnation.simulation.network }

  private func endpoint(_ offset: Int) -> Endpoint {
    Endpoint(host: "node-\((number + offset) % BusySystem.nodes)", port: Self.port)
  }

  func start() {
    network.listen(incarnation, port: Self.port) { [unowned self] call in serve(call) }
    incarnation.every(.milliseconds(20), first: .milliseconds(Int64(number)), Self.gossip) { [unowned self] in gossip()
    }
    incarnation.every(.milliseconds(70), Self.gossip) { [unowned self] in ask() }
    if let oddAt { incarnation.after(oddAt, Self.odd) {} }
    dial()
  }

  func terminate() { incarnation.exit("told to") }

  private func serve(_ call: IncomingCall) {
    if call.hello != nil {
      return incarnation.decisions.happens(stream, 1, in: 10) ? call.drop() : call.reply(Frame(value, byteCount: 300))
    }
    let socket = call.accept()
    socket?.onReceive = { [unowned self] payload in learn((payload as? Frame<Int>)?.value ?? 0) }
  }

  private func learn(_ other: Int) {
    guard other > value else { return }
    value = other
    incarnation.note(Self.learnt, ("value", .integer(Int64(value))))
  }

  private func dial() {
    network.open(from: incarnation, to: endpoint(1), timeout: .milliseconds(300)) { [unowned self] outcome in
      guard case .connected(let socket) = outcome else { return redial() }
      peer = socket
      socket.window = 1_000
      socket.onClose = { [unowned self] _ in redial() }
    }
  }

  private func redial() {
    peer = nil
    let delay = incarnation.decisions.draw(stream, from: .milliseconds(1), to: .milliseconds(40))
    incarnation.after(delay, Self.dialling) { [unowned self] in dial() }
  }

  private func gossip() {
    value += 1
    guard let peer, peer.isWritable else { return }
    peer.send(Frame(value, byteCount: 100))
    if incarnation.decisions.happens(stream, 1, in: 200) { peer.close() }
  }

  private func ask() {
    network.open(from: incarnation, to: endpoint(2), hello: text("value?"), timeout: .milliseconds(100)) {
      [unowned self] outcome in
      if case .reply(let payload) = outcome { learn((payload as? Frame<Int>)?.value ?? 0) }
    }
  }
}
