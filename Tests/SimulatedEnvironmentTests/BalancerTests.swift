import SimulationRuntime
import StreamSpaceProtocol
import Testing

@testable import SimulatedEnvironment

/// The balancer of spec/06 §0.1.
@Suite("Balancer")
struct BalancerTests {
  @Test("requests go to the back ends in turn")
  func requestsGoRound() throws {
    let rig = try BalancerRig()
    #expect(try rig.exchange(6) == ["api-1", "api-2", "api-3", "api-1", "api-2", "api-3"])
  }

  @Test("sockets have a turn of their own and end at the replica itself")
  func socketsGoRound() throws {
    let rig = try BalancerRig()
    #expect(try rig.exchange(2) == ["api-1", "api-2"])
    #expect(
      try rig.exchange(4, upgrade: true) == [
        "socket of api-1", "socket of api-2", "socket of api-3", "socket of api-1",
      ])
    #expect(try rig.exchange(1) == ["api-3"])
  }

  @Test("the caller is named to the back end")
  func forwarding() throws {
    let rig = try BalancerRig()
    _ = try rig.exchange(1)
    #expect(rig.forwardedFor == ["client"])
  }

  @Test(
    "internal paths are 404 and reach no back end, whoever asks and for whatever",
    arguments: ["/internal/route", "/internal/", "/internal/v1/vnc/u01-desktop-00000001?attachment=att-1"],
    [false, true])
  func internalPaths(path: String, upgrade: Bool) throws {
    let rig = try BalancerRig()
    for _ in 0..<4 {
      try rig.send(path, upgrade: upgrade)
      try rig.run(.milliseconds(20))
    }
    #expect(rig.outcomes.map(\.text) == ["404", "404", "404", "404"])
    #expect(rig.served.isEmpty)
    // They take nobody's turn either.
    #expect(try rig.exchange(1, upgrade: upgrade) == [upgrade ? "socket of api-1" : "api-1"])
  }

  @Test("a back end that refuses is skipped at once, for requests and for sockets")
  func refusalIsSkipped() throws {
    let rig = try BalancerRig()
    try rig.process("api-1").crash()
    try rig.process("api-2").crash()
    let began = rig.simulation.now
    try rig.send()
    try rig.run(.milliseconds(20))
    #expect(rig.outcomes.map(\.text) == ["api-3"])
    #expect(rig.outcomes[0].milliseconds - (began - .start).milliseconds < 10)
    #expect(try rig.exchange(1, upgrade: true) == ["socket of api-3"])
  }

  @Test("two refusals in a row take a back end out; then nobody knocks there")
  func refusalsTakeOut() throws {
    let rig = try BalancerRig()
    try rig.process("api-1").crash()
    _ = try rig.exchange(6)
    #expect(rig.moves == ["0 out api-1"])
    try rig.process("api-1").start()
    // It would answer again, but only a probe brings it in.
    #expect(try !rig.exchange(6).contains("api-1"))
  }

  @Test("if every back end refuses, the answer is 502")
  func allRefuse() throws {
    let rig = try BalancerRig()
    for name in ["api-1", "api-2", "api-3"] { try rig.process(name).crash() }
    #expect(try rig.exchange(3) == ["502", "502", "502"])
    #expect(try rig.exchange(1, upgrade: true) == ["502"])
    // All are out by now; yet each is tried rather than none.
    try rig.process("api-2").start()
    #expect(try rig.exchange(3) == ["api-2", "api-2", "api-2"])
  }

  @Test(
    "a connection without an answer is given up after 5 s, then the next back end is tried", arguments: [false, true])
  func connectIsLimited(upgrade: Bool) throws {
    let rig = try BalancerRig()
    rig.simulation.network.begin(NetworkFault(.cut, between: ["balancer", "client"], and: ["api-1"]))
    let began = (rig.simulation.now - .start).milliseconds
    try rig.send(upgrade: upgrade)
    try rig.run(.milliseconds(4_990))
    #expect(rig.outcomes.isEmpty)
    try rig.run(.milliseconds(100))
    #expect(rig.outcomes.map(\.text) == [upgrade ? "socket of api-2" : "api-2"])
    #expect((5_000...5_020).contains((rig.outcomes.first?.milliseconds ?? 0) - began))
  }

  @Test("a request that was sent is never repeated: a broken connection is 502")
  func neverRepeats() throws {
    let rig = try BalancerRig()
    rig.manner["api-1"] = .drops
    #expect(try rig.exchange(1) == ["502"])
    #expect(rig.served == ["api-1": 1])
  }

  @Test("a replica that dies over a request it has is 502 as well")
  func deathIsNoReasonToRepeat() throws {
    let rig = try BalancerRig()
    rig.manner["api-1"] = .answersLate(.seconds(3))
    try rig.send()
    try rig.run(.seconds(1))
    try rig.process("api-1").crash()
    try rig.run(.seconds(1))
    #expect(rig.outcomes.map(\.text) == ["502"])
    #expect(rig.served == ["api-1": 1])
  }

  @Test("a slow answer is waited for: the limit of 5 s is one of connecting")
  func slowAnswer() throws {
    let rig = try BalancerRig()
    rig.manner["api-1"] = .answersLate(.seconds(20))
    try rig.send()
    try rig.run(.seconds(25))
    #expect(rig.outcomes.map(\.text) == ["api-1"])
    #expect(rig.served == ["api-1": 1])
  }

  @Test("a caller who leaves is missed by the back end, too")
  func abandonment() throws {
    let rig = try BalancerRig()
    rig.manner["api-1"] = .answersLate(.seconds(3))
    try rig.send()
    try rig.run(.milliseconds(100))
    rig.giveUp()
    try rig.run(.milliseconds(100))
    #expect(rig.abandoned == ["api-1"])
  }

  /// Probes go out at 1 s, 16 s, 31 s, …
  @Test("two failed probes take a back end out, one good probe brings it in")
  func probes() throws {
    let rig = try BalancerRig()
    rig.health["api-2"] = .says(.serviceUnavailable)
    try rig.run(.seconds(15))
    #expect(rig.moves.isEmpty)
    #expect(try rig.exchange(3).contains("api-2"))
    try rig.run(.seconds(5))
    #expect(rig.moves == ["16 out api-2"])
    #expect(try !rig.exchange(6).contains("api-2"))
    rig.health["api-2"] = .answers
    try rig.run(.seconds(15))
    #expect(rig.moves == ["16 out api-2", "31 in api-2"])
    #expect(try rig.exchange(3).contains("api-2"))
    #expect(rig.probes == ["api-1": 3, "api-2": 3, "api-3": 3])
  }

  @Test("a probe that has no answer within 5 s has failed")
  func silentProbe() throws {
    let rig = try BalancerRig()
    rig.health["api-3"] = .answersLate(.milliseconds(5_100))
    try rig.run(.seconds(23))
    #expect(rig.moves == ["21 out api-3"])
  }

  @Test("a probe that is answered just in time is good")
  func lateProbe() throws {
    let rig = try BalancerRig()
    rig.health["api-3"] = .answersLate(.milliseconds(4_900))
    try rig.run(.seconds(60))
    #expect(rig.moves.isEmpty)
  }

  @Test("a good probe forgets earlier failures")
  func failuresAreInARow() throws {
    let rig = try BalancerRig()
    for _ in 0..<3 {
      rig.health["api-1"] = .says(.serviceUnavailable)
      try rig.run(.seconds(15))
      rig.health["api-1"] = .answers
      try rig.run(.seconds(15))
    }
    #expect(rig.moves.isEmpty)
  }

  @Test("sockets can be steered to one back end, requests never are")
  func steering() throws {
    let rig = try BalancerRig()
    rig.balancer?.steeredTo = "api-3"
    #expect(try rig.exchange(3, upgrade: true) == ["socket of api-3", "socket of api-3", "socket of api-3"])
    #expect(try rig.exchange(2) == ["api-1", "api-2"])
    rig.balancer?.steeredTo = nil
    #expect(Set(try rig.exchange(3, upgrade: true)).count == 3)
  }
}
