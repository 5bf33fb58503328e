import Testing

@testable import SimulationRuntime

@Suite("Forwarding and interception")
struct ForwardingTests {
  /// A balancer that sends calls on to `a`, then `b`; a client that dials it.
  private final class Bed {
    let simulation = Simulation(.init(seed: 1))
    let log = Log()
    let balancer: SimulatedProcess
    let client: SimulatedProcess
    var clientEnd: Socket?

    init(listening: [String]) throws {
      let log = log
      for name in ["a", "b"] {
        try simulation.launch(name) { life in
          guard listening.contains(name) else { return }
          life.simulation.network.listen(life, port: 80) { call in
            let socket = call.accept()
            socket?.onReceive = { log.add("\(name) got \(read($0)) from \(call.remoteHost)", at: life.simulation.now) }
            socket?.onClose = { log.add("\(name) \($0.name)", at: life.simulation.now) }
          }
        }
      }
      balancer = try simulation.launch("balancer") { life in
        life.simulation.network.listen(life, port: 80) { call in
          func next(_ targets: [String]) {
            guard let target = targets.first else { return call.reply(text("bad gateway")) }
            let taken = call.forward(to: Endpoint(host: target, port: 80), hello: call.hello) {
              log.add("\(target) refused", at: life.simulation.now)
              next(Array(targets.dropFirst()))
            }
            #expect(taken)
          }
          next(["a", "b"])
        }
      }
      client = try simulation.launch("client")
    }

    func dial() throws {
      let life = try #require(client.current)
      simulation.network.open(from: life, to: Endpoint(host: "balancer", port: 80), hello: text("up")) {
        [unowned self] outcome in
        log.add(outcome.name, at: simulation.now)
        guard case .connected(let socket) = outcome else { return }
        clientEnd = socket
        socket.onClose = { [unowned self] in log.add("client \($0.name)", at: simulation.now) }
        socket.send(text("hi"))
      }
    }
  }

  @Test("a forwarded call makes a connection between the caller and the last host")
  func forward() throws {
    let bed = try Bed(listening: ["a", "b"])
    try bed.dial()
    try bed.simulation.run()
    #expect(bed.log.entries == ["3 connected", "4 a got hi from client"])
    #expect(bed.clientEnd?.remoteHost == "a")
    bed.balancer.crash()
    try bed.simulation.run()
    #expect(bed.clientEnd?.isOpen == true, "the forwarder is not part of the connection")
    #expect(bed.simulation.network.openSockets(on: "a").map(\.remoteHost) == ["client"])
    bed.simulation.tearDown()
  }

  @Test("where nobody listens the forwarder is told, and may send the call on")
  func refused() throws {
    let bed = try Bed(listening: ["b"])
    try bed.dial()
    try bed.simulation.run()
    #expect(bed.log.entries == ["3 a refused", "5 connected", "6 b got hi from client"])
    bed.simulation.tearDown()
  }

  @Test("a paused caller does not keep the forwarder from trying the next host")
  func pausedCaller() throws {
    let bed = try Bed(listening: ["b"])
    try bed.dial()
    bed.client.pause()
    bed.simulation.at(50) { bed.client.resume() }
    try bed.simulation.run()
    #expect(bed.log.entries == ["3 a refused", "50 connected", "51 b got hi from client"])
    bed.simulation.tearDown()
  }

  @Test("a forwarder may answer itself")
  func answerAfterRefusals() throws {
    let bed = try Bed(listening: [])
    try bed.dial()
    try bed.simulation.run()
    #expect(bed.log.entries == ["3 a refused", "5 b refused", "6 reply(bad gateway)"])
    bed.simulation.tearDown()
  }

  @Test("a forwarder that dies with a refusal on its way leaves a reset", arguments: [1_500, 2_000, 2_500, 3_000])
  func forwarderDies(microseconds: Int64) throws {
    let bed = try Bed(listening: [])
    try bed.dial()
    bed.simulation.schedule(after: .microseconds(microseconds), testStep) { bed.balancer.crash() }
    try bed.simulation.run()
    let last = bed.log.entries.last?.split(separator: " ").last
    #expect(last == "reset" || last == "refused")
    #expect(bed.simulation.network.unansweredCalls.isEmpty)
    bed.simulation.tearDown()
  }

  @Test("a caller that leaves a forwarded call tells the last host")
  func callerLeaves() throws {
    let bed = try Bed(listening: ["a", "b"])
    try bed.dial()
    bed.simulation.schedule(after: .microseconds(2_500), testStep) { bed.client.crash() }
    try bed.simulation.run()
    #expect(bed.log.entries == ["3 a reset"])
    bed.simulation.tearDown()
  }

  @Test("an interceptor loses or holds back single payloads, and nothing overtakes what it holds back")
  func intercept() throws {
    let pair = try Pair()
    pair.simulation.network.interceptor = { socket, payload in
      guard socket.owner.host.name == "client" else { return .pass }
      switch read(payload) {
      case "lose": return .drop
      case "late": return .delay(.milliseconds(10))
      default: return .pass
      }
    }
    pair.say("a", "lose", "late", "b")
    pair.answer("late")
    #expect(
      try pair.entries(at: 30) == ["3 server got a", "3 client got late", "13 server got late", "13 server got b"])
    #expect(pair.clientEnd?.unreadByPeer == 0)
  }

  @Test("every start of a life is told before its program runs")
  func onStart() throws {
    let simulation = Simulation(.init(seed: 1))
    let log = Log()
    let process = try simulation.addProcess("p", on: simulation.host("p")) { life in
      Script(life, start: { log.add("program \($0.number)") })
    }
    process.onStart = { log.add("start \($0.number)") }
    process.start()
    process.crash()
    process.start()
    #expect(log.entries == ["start 1", "program 1", "start 2", "program 2"])
  }
}
