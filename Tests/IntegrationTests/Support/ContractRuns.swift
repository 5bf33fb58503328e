import Oracles
import Scenarios
import SimulatedEnvironment
import Synchronization
import TestEnvironment
import Testing

/// One case and variant, as a test is named after it.
struct CaseAndVariant: Sendable, CustomTestStringConvertible {
  let testCase: TestCase
  let variant: Variant

  var testDescription: String {
    "\(testCase.id) \(testCase.title)" + (variant.name.isEmpty ? "" : " (\(variant.name))")
  }

  /// What identifies it.
  var key: String { "\(testCase.id)\t\(variant.name)" }

  /// All variants of all cases of a scenario, in the order of the catalogue.
  static func all(of scenario: ScenarioName) -> [CaseAndVariant] {
    Catalogue.cases.filter { $0.scenario == scenario }.flatMap { testCase in
      testCase.variants.map { CaseAndVariant(testCase: testCase, variant: $0) }
    }
  }

  /// What `./sim run` does from `seed`: of a case that scans a moment, the one variant of the seed.
  static func plain(of scenario: ScenarioName, seed: UInt64) -> [CaseAndVariant] {
    Catalogue.cases.filter { $0.scenario == scenario }.flatMap { testCase in
      CaseRequest.variants(of: testCase, seed: seed, depth: .plain).map {
        CaseAndVariant(testCase: testCase, variant: $0)
      }
    }
  }
}

/// Runs under the contract from seed 1, each made once per test process and shared by the tests that look at it.
enum ContractRuns {
  static let seed: UInt64 = 1

  private static let tasks = Mutex<[String: Task<CaseRun, Never>]>([:])

  /// The judged run. Those of a plain run are made twice, as the command line does it, so that I-DET is part of them.
  static func run(_ item: CaseAndVariant) async -> CaseRun {
    let task = tasks.withLock { tasks in
      if let task = tasks[item.key] { return task }
      let isPlain = CaseRequest.variants(of: item.testCase, seed: seed, depth: .plain).contains(item.variant)
      let request = CaseRequest(testCase: item.testCase, variant: item.variant, seed: seed)
      let task = Task.detached { CaseRunner.run(request, twice: isPlain) }
      tasks[item.key] = task
      return task
    }
    return await task.value
  }

  /// Several, in order.
  static func runs(_ items: [CaseAndVariant]) async -> [CaseRun] {
    var runs: [CaseRun] = []
    for item in items { runs.append(await run(item)) }
    return runs
  }
}
