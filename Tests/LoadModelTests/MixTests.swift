import Testing

@testable import LoadModel

@Suite("Mix and population")
struct MixTests {
  @Test("verbs occur as their shares say", arguments: [1, 2, 3] as [UInt64])
  func shares(seed: UInt64) {
    var dice = Dice(seed)
    let mix = Mix(["list": 78, "get": 20, "create": 1, "delete": 1, "never": 0])
    var counts: [String: Int] = [:]
    for _ in 0..<10_000 { if let verb = mix.draw({ dice.roll($0) }) { counts[verb, default: 0] += 1 } }
    #expect(mix.verbs == ["list", "get", "create", "delete"])
    #expect(abs(counts["list", default: 0] - 7_800) < 200)
    #expect(abs(counts["get", default: 0] - 2_000) < 200)
    #expect((50...150).contains(counts["create", default: 0]))
    #expect(counts["never"] == nil)
  }

  @Test("an empty mix gives nothing")
  func empty() {
    #expect(Mix<String>([:]).draw { _ in 0 } == nil)
    #expect(Mix(only: "list").draw { _ in 0 } == "list")
  }

  @Test("members take turns, and organisations are in the order of their first member")
  func population() {
    let population = Population([
      .init(user: "a", organisation: "x"), .init(user: "b", organisation: "y"), .init(user: "c", organisation: "x"),
    ])
    #expect((0..<4).map { population.inTurn($0)?.user } == ["a", "b", "c", "a"])
    #expect(population.organisations == ["x", "y"])
    #expect(population.members(of: "x").map(\.user) == ["a", "c"])
    #expect(Population.fixture(11).users.suffix(3) == ["u09", "u10", "u11"])
    #expect(Population.fixture(0).inTurn(3) == nil)
  }
}
