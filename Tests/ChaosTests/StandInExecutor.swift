import StreamSpaceProtocol
import TestEnvironment

@testable import Chaos

/// A system that can be computed: what a plan reaches and whether it fails follows from its faults.
struct StandInExecutor: ChaosExecutor {
  /// Fails when a leader is killed so short after Redis goes down.
  var window: Duration = .seconds(30)
  var isGreen = false

  /// Faults so near each other make a chain; chains of up to four are features.
  private static let near = Duration.seconds(30)

  func run(_ plan: ChaosPlan, _ options: ExecutionOptions) -> ChaosOutcome {
    var outcome = ChaosOutcome(plan: plan, profile: "contract+X")
    var reached: Set<UInt64> = []
    var trail: [UInt64] = []
    for (index, fault) in plan.faults.enumerated() {
      let kind = Self.digest(FaultKind.name(of: fault.what)) % 1_000
      if index > 0, fault.at - plan.faults[index - 1].at > Self.near { trail = [] }
      trail.append(kind)
      reached.insert(trail.suffix(4).reduce(0) { $0 * 1_000 + $1 + 1 })
      let isInert = fault.what == .redisLosePubSub && plan.seed % 4 == 0
      outcome.faults.append(FaultEffect(name: "\(index)", fate: isInert ? .inert : .effective(touched: 3)))
    }
    outcome.coverage = reached.sorted()
    outcome.obligations = ["fail-over": plan.faults.count / 3, "never": 0]
    outcome.kernelEvents = 1_000 + plan.faults.count
    outcome.statements = plan.operations.count
    outcome.virtualTime = .seconds(600)
    outcome.fingerprint = String(
      Self.digest("\(plan.seed) \(plan.faults.map(\.at)) \(plan.operations.count) \(options.strategy)"), radix: 16)
    if !isGreen, fails(plan) {
      outcome.violations = [ChaosViolation(invariant: "I-LEADER", time: .seconds(90), message: "two leaders")]
    }
    return outcome
  }

  private func fails(_ plan: ChaosPlan) -> Bool {
    let downs = plan.faults.filter { $0.what == .redisDown }.map(\.at)
    return plan.faults.contains { fault in
      guard case .kill(.leader, _) = fault.what else { return false }
      return downs.contains { $0 <= fault.at && fault.at - $0 < window }
    }
  }

  static func digest(_ text: String) -> UInt64 {
    text.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3 }
  }

  /// Two to five faults of the kinds that a stand-in knows.
  @Sendable static func draw(_ seed: UInt64) -> ChaosPlan {
    var chance = SearchDraw(seed: seed, purpose: 1)
    var plan = ChaosPlan(seed: seed, deployment: ChaosDeployment())
    for _ in 0..<2 + chance.below(4) {
      let at = Duration.seconds(chance.below(460))
      plan.faults.append(PlannedFault(at: at, lasts: .seconds(10), fault(&chance)))
    }
    plan.faults.sort { $0.at < $1.at }
    for number in 0..<5 {
      plan.operations.append(PlannedOperation(at: .seconds(60 * number), user: number % 4, .create))
    }
    return plan
  }

  private static func fault(_ chance: inout SearchDraw) -> ChaosFault {
    switch chance.below(8) {
    case 0: .kill(.leader(agent: 0), .crash)
    case 1: .kill(.replica(chance.below(3)), .silent)
    case 2: .redisDown
    case 3: .redisLosePubSub
    case 4: .cut(.holder(agent: 0), .redis)
    case 5: .databaseSlow(by: .milliseconds(100))
    case 6: .skew(.instance(agent: 0, 1), by: .seconds(3))
    default: .pause(.standby(agent: 0))
    }
  }
}

extension Campaign {
  static let standIn = CampaignSettings(seeds: 1...200, profile: "contract+X", build: "b1")

  /// Counts rounds until the campaign is over, or so many are counted.
  mutating func go(
    _ executor: StandInExecutor = StandInExecutor(), _ limits: CampaignLimits = CampaignLimits(keepsGoing: true),
    rounds: Int = .max
  ) {
    for _ in 0..<rounds {
      guard end(limits) == nil else { return }
      count(nextRound.map { run(task($0), on: executor) })
    }
  }

  func run(_ assignment: Assignment, on executor: StandInExecutor) -> CampaignRun {
    CampaignRun(
      executor.run(assignment.plan, ExecutionOptions(strategy: settings.strategy)), seed: assignment.seed,
      isChanged: assignment.isChanged)
  }
}
