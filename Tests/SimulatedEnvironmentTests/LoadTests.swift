import LoadModel
import Synchronization
import TestEnvironment
import Testing

@testable import SimulatedEnvironment

@Suite("Load")
struct LoadTests {
  /// Runs a load in an environment whose requests take one second each, and gives its result.
  private func run(_ load: Load<String>) throws -> LoadResult<String> {
    let result = Mutex<LoadResult<String>?>(nil)
    let run = CaseRunner.run(
      adHoc { environment in
        let found = try await load.run(in: environment) { due in
          try await environment.sleep(for: .seconds(1))
          return due.verb == "skip" ? nil : Answer(status: 200, latency: .seconds(1))
        }
        result.withLock { $0 = found }
      })
    #expect(run.verdict == .passed, "\(run.reason)")
    return try #require(result.withLock { $0 })
  }

  @Test("a slow answer delays no open arrival")
  func open() throws {
    let result = try run(
      Load(
        "open", .constant(count: 250, per: .seconds(1)), for: .seconds(2), mix: Mix(only: "a"), population: .fixture(3))
    )
    #expect(result.requests.count == 500)
    #expect(result.requests.allSatisfy { $0.latency == .seconds(1) })
    #expect(result.end - result.start >= .seconds(2))
    let flow = try #require(result.flow)
    #expect(flow.mostInside == 250)
    #expect(flow.meanStay == .seconds(1))
  }

  @Test("closed users ask again only after their answer")
  func closed() throws {
    let result = try run(
      Load(
        "closed", .closed(users: 4, think: .seconds(1)), for: .seconds(20), mix: Mix(only: "a"), population: .fixture(4)
      ))
    // Each is due at 1, 3, 5 … 19 s.
    #expect(result.requests.count == 40)
    #expect(result.flow?.mostInside == 4)
    #expect(Set(result.requests.map(\.user)).count == 4)
    #expect(result.requests.map(\.arrival) == result.requests.map(\.arrival).sorted())
  }

  @Test("what is not asked for does not count")
  func nothing() throws {
    let result = try run(
      Load(
        "skip", .constant(count: 5, per: .seconds(1)), for: .seconds(2), mix: Mix(only: "skip"), population: .fixture(1)
      ))
    #expect(result.requests.isEmpty)
    #expect(result.serverFailuresPerMille == 0)
  }
}
