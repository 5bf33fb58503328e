import Chaos
import Oracles
import SimulationRuntime
import TestEnvironment

/// Carries plans out in the simulation. A value without state: runs on several threads do not meet.
public struct SimulatedChaosExecutor: ChaosExecutor {
  public let profile: Profile

  public init(profile: Profile = .contract) { self.profile = profile }

  public func run(_ plan: ChaosPlan, _ options: ExecutionOptions) -> ChaosOutcome {
    var outcome = ChaosOutcome(plan: plan, profile: profile.name)
    guard let strategy = Strategy(options.strategy) else {
      outcome.problems = ["'\(options.strategy)' is no strategy: there are random, fifo and pct(N)"]
      return outcome
    }
    let engine = ChaosEngine(plan)
    var request = CaseRequest(
      testCase: engine.testCase, variant: engine.variant, seed: plan.seed, profile: profile, strategy: strategy)
    request.follow(options)
    let told = CaseRunner.carryOut(request, everything: options.keepsEvents)
    outcome.take(told.run, problems: told.problems, log: engine.log)
    if options.keepsObservations { outcome.observations = told.run.observations }
    outcome.decisions = told.decisions.map { RecordedDecisions($0) }
    outcome.events = told.events.map { CausalEvent($0) }
    return outcome
  }
}

extension ChaosPlan {
  /// The plan that a seed draws, with the simulation's own source of decisions.
  public init(swarm seed: UInt64) {
    let decisions = Decisions(seed: seed)
    self.init(swarm: seed) { decisions.choose(decisions.stream("swarm.\($0)"), $1) }
  }
}

extension DecisionLog {
  init(_ recorded: RecordedDecisions) {
    self.init(streams: recorded.streams.map { .init(name: $0.name, answers: $0.answers, rest: $0.rest) })
  }
}

extension RecordedDecisions {
  init(_ log: DecisionLog) {
    self.init(streams: log.streams.map { .init(name: $0.name, answers: $0.answers, rest: $0.rest) })
  }
}
