import Chaos
import Synchronization
import TestEnvironment

/// An executor whose failures a test prescribes; it counts the runs.
final class ScriptedExecutor: ChaosExecutor {
  private let judge: @Sendable (ChaosPlan, ExecutionOptions) -> String?
  private let record: @Sendable (ChaosPlan, ExecutionOptions) -> RecordedDecisions?
  private let count = Atomic<Int>(0)

  /// `judge`: the signature of a run, nil for a green one.
  init(
    record: @escaping @Sendable (ChaosPlan, ExecutionOptions) -> RecordedDecisions? = { _, _ in nil },
    judge: @escaping @Sendable (ChaosPlan, ExecutionOptions) -> String?
  ) {
    self.judge = judge
    self.record = record
  }

  /// Runs so far.
  var runs: Int { count.load(ordering: .relaxed) }

  func run(_ plan: ChaosPlan, _ options: ExecutionOptions) -> ChaosOutcome {
    count.wrappingAdd(1, ordering: .relaxed)
    var outcome = ChaosOutcome(plan: plan, profile: "contract")
    outcome.faults = plan.faults.map { _ in FaultEffect(name: "fault", fate: .effective(touched: 1)) }
    outcome.fingerprint = "\(plan.faults.count)/\(plan.operations.count)"
    if let signature = judge(plan, options) {
      outcome.violations = [ChaosViolation(invariant: signature, time: .seconds(300), message: "broken")]
    }
    if options.recordsDecisions { outcome.decisions = record(plan, options) }
    return outcome
  }
}

enum SamplePlans {
  /// A plan with so many faults, one each 1.7 s: the `index`-th slows Redis by `index` ms.
  static func plan(faults: Int, operations: Int = 0) -> ChaosPlan {
    ChaosPlan(
      seed: 7, deployment: ChaosDeployment(),
      operations: (0..<operations).map { PlannedOperation(at: .milliseconds(300 * $0), user: $0 % 4, .get($0)) },
      faults: (0..<faults).map {
        PlannedFault(
          at: .milliseconds(1_300 * $0 + 250), lasts: .milliseconds(7_700),
          .databaseRequest(replica: $0 % 3, number: $0 + 1, .crash))
      })
  }
}

extension ChaosPlan {
  /// Numbers of the sample's faults that are left.
  var numbers: [Int] {
    faults.compactMap { if case .databaseRequest(_, let number, _) = $0.what { number - 1 } else { nil } }
  }
}
