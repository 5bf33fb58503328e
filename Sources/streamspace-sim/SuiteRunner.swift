import Foundation
import Oracles
import SimulatedEnvironment
import Synchronization

/// Runs the requests of a plan on several threads. Each run is confined to one thread; results come back in the
/// order of the plan, whatever finished first.
struct SuiteRunner {
  let plan: SuitePlan
  let showsProgress: Bool

  /// Throws ``ExitStatus/interrupted`` after SIGINT; then nothing has been written.
  func run(on server: DatabaseServer?) throws -> SuiteRun {
    let requests = plan.requests
    let order = Self.order(of: requests)
    let results = Mutex([CaseRun?](repeating: nil, count: requests.count))
    let next = Atomic<Int>(0)
    let done = Atomic<Int>(0)
    let checksDeterminism = plan.checksDeterminism
    let firstSeed = plan.seeds.lowerBound
    let checksEverySeed = plan.depth == .full
    let threads = DispatchGroup()
    let work: @Sendable () -> Void = {
      while !Interruption.isRequested {
        let turn = next.wrappingAdd(1, ordering: .relaxed).oldValue
        guard turn < order.count else { break }
        let index = order[turn]
        let isFirst = requests[index].seed == firstSeed
        var result = CaseRunner.run(
          requests[index], twice: checksDeterminism, throughBytes: isFirst || checksEverySeed)
        // A campaign keeps what its report shows: the observations of red runs and of the first seed.
        if result.verdict == .passed, !isFirst { result.observations = [] }
        results.withLock { $0[index] = result }
        done.wrappingAdd(1, ordering: .relaxed)
      }
      threads.leave()
    }
    withExtendedLifetime(results) {
      for _ in 0..<min(plan.jobs, max(requests.count, 1)) {
        threads.enter()
        let thread = Thread(block: work)
        // Case bodies and SQLite nest deeper than the 512 KiB of a secondary thread.
        thread.stackSize = 8 << 20
        thread.start()
      }
      while threads.wait(timeout: .now() + .milliseconds(200)) == .timedOut {
        if showsProgress {
          Output.progress("\(done.load(ordering: .relaxed)) of \(requests.count) runs")
        }
      }
    }
    let halves =
      server?.run(plan.databaseHalves, showsProgress: showsProgress) ?? plan.databaseHalves.map(DatabaseServer.skipped)
    if showsProgress { Output.progress("") }
    try Interruption.endWithoutOutput()
    var runs = results.withLock { $0.compactMap(\.self) } + halves
    EngineParity.judge(&runs)
    var suite = SuiteRun(
      runs: runs, seeds: plan.seeds, profile: plan.profile.name, environment: "simulated", depth: plan.depth,
      command: plan.command)
    suite.databaseServer = plan.database?.redacted
    return suite
  }

  /// The order in which runs begin: those that take longest first, so that no thread is left alone with one at the end.
  private static func order(of requests: [CaseRequest]) -> [Int] {
    func weight(_ request: CaseRequest) -> Int {
      if RunCosts.heavyCases.contains(request.testCase.id) { return 2 }
      // Milliseconds each, where others take hundreds of microseconds.
      return request.testCase.hasDatabaseHalf || request.testCase.scenario == .vncStreaming ? 1 : 0
    }
    let weights = requests.map(weight)
    return requests.indices.sorted { (weights[$1], $0) < (weights[$0], $1) }
  }
}
