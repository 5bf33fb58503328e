import SimulationRuntime

/// Grants one lease of five seconds, to whoever asks while nobody else holds it.
final class LeaseStore: Program {
  private let life: Incarnation
  private var holder = ""
  private var expiry = Instant.start

  init(_ life: Incarnation) { self.life = life }
  func terminate() { life.exit("told to") }

  func start() {
    life.simulation.network.listen(life, port: 1) { [unowned self] call in
      if holder == call.remoteHost || life.now >= expiry {
        (holder, expiry) = (call.remoteHost, life.now + .seconds(5))
      }
      call.reply(Frame(holder, byteCount: holder.utf8.count))
    }
  }
}

/// Asks for the lease every second, and leads while it has it.
final class LeaseNode: Program {
  private let life: Incarnation
  private var leadsUntil = Instant.start
  private static let renewal = EventLabel("lease.renewal")
  private static let granted = EventLabel("lease.granted")

  init(_ life: Incarnation) { self.life = life }
  func terminate() { life.exit("told to") }
  func start() { life.every(.seconds(1), first: .zero, Self.renewal) { [unowned self] in renew() } }
  var leads: Bool { life.isAlive && life.now < leadsUntil }

  private func renew() {
    let asked = life.now  // The lease counts from here: the answer may have been long on its way.
    let store = Endpoint(host: "store", port: 1)
    life.simulation.network.open(from: life, to: store, hello: Bytes([1])) { [unowned self] in
      guard case .reply(let answer) = $0, (answer as? Frame<String>)?.value == life.host.name else { return }
      leadsUntil = asked + .seconds(4)  // One second less than the store's, for clocks that differ.
      life.note(Self.granted, ("until", .integer(leadsUntil.nanoseconds)))
    }
  }
}

/// Cuts the leader off for half a minute. Returns when the other node took over, and the fingerprint of the run.
func takeOver(seed: UInt64) throws -> (after: TimeSpan, fingerprint: String) {
  let simulation = Simulation(.init(seed: seed))
  defer { simulation.tearDown() }
  simulation.network.latencyPolicy = { _, _, _ in .lognormal(median: .milliseconds(20), .s100) }
  try simulation.addProcess("store", on: simulation.host("store")) { LeaseStore($0) }.start()
  var nodes: [String: LeaseNode] = [:]
  for name in ["east", "west"] {
    simulation.host(name).setClockRate(ppm: name == "east" ? -100 : 100)
    let process = try simulation.addProcess(name, on: simulation.host(name)) { life in
      let node = LeaseNode(life)
      nodes[name] = node
      return node
    }
    process.start()
  }
  let leaders = { ["east", "west"].filter { nodes[$0]?.leads == true } }
  while leaders().isEmpty { try simulation.run(for: .milliseconds(10)) }
  let first = leaders()
  let start = simulation.now
  simulation.network.begin(NetworkFault(.cut, between: first, and: ["store"]), lasting: .seconds(30))
  while leaders().isEmpty || leaders() == first {
    try simulation.run(for: .milliseconds(10))
    guard leaders().count < 2 else { throw TwoLeaders(seed: seed, at: simulation.now) }
  }
  return (simulation.now - start, simulation.trace.fingerprint)
}

struct TwoLeaders: Error { let seed: UInt64, at: Instant }
