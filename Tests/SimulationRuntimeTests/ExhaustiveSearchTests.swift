import Testing

@testable import SimulationRuntime

@Suite("Exhaustive search")
struct ExhaustiveSearchTests {
  /// Runs `body` with every order; returns what it returned, run by run.
  private func all<T>(depth: Int, limit: Int = 10_000, _ body: (Simulation) throws -> T) throws -> [T] {
    var search = ExhaustiveSearch(depth: depth)
    var results: [T] = []
    while search.runs < limit, let configuration = search.next(from: .init(seed: 1)) {
      let simulation = Simulation(configuration)
      results.append(try body(simulation))
      search.finished(simulation.decisions)
      simulation.tearDown()
    }
    #expect(search.isComplete == (search.runs < limit))
    return results
  }

  private func order(of events: Int, _ simulation: Simulation) throws -> [Int] {
    var order: [Int] = []
    for number in 0..<events { simulation.at(1) { order.append(number) } }
    try simulation.run()
    return order
  }

  @Test(
    "every order of n simultaneous events occurs exactly once", arguments: [(1, 1), (2, 2), (3, 6), (4, 24), (5, 120)])
  func permutations(events: Int, orders: Int) throws {
    let seen = try all(depth: 100) { try order(of: events, $0) }
    #expect(seen.count == orders)
    #expect(Set(seen).count == orders)
    #expect(seen.first == Array(0..<events), "the first run takes them as they were scheduled")
  }

  @Test("the depth bounds which choices are varied", arguments: [(0, 1), (1, 4), (2, 12), (3, 24)])
  func depth(depth: Int, orders: Int) throws {
    #expect(try Set(all(depth: depth) { try order(of: 4, $0) }).count == orders)
  }

  @Test("a limit of runs ends the search early")
  func limit() throws { #expect(try all(depth: 100, limit: 7) { try order(of: 5, $0) }.count == 7) }

  @Test("orders that depend on earlier choices are all tried")
  func dependent() throws {
    let seen = try all(depth: 100) { simulation in
      var order: [String] = []
      simulation.at(1) {
        order.append("a")
        simulation.at(1) { order.append("a2") }
      }
      simulation.at(1) { order.append("b") }
      try simulation.run()
      return order
    }
    #expect(Set(seen) == [["a", "a2", "b"], ["a", "b", "a2"], ["b", "a", "a2"]])
    #expect(seen.count == 3)
  }

  @Test("the draws of the workload are the same in every run")
  func draws() throws {
    let seen = try all(depth: 100) { simulation in
      let stream = simulation.decisions.stream("workload")
      _ = try order(of: 3, simulation)
      return simulation.decisions.choose(stream, 1_000_000)
    }
    #expect(Set(seen).count == 1 && seen.count == 6)
  }
}
