import Testing

@testable import Chaos

@Suite("Coverage-guided search")
struct CoverageGuideTests {
  private func features(isGuided: Bool, runs: UInt64, from first: UInt64) -> Int {
    var settings = Campaign.standIn
    settings.seeds = first...first + runs - 1
    settings.isGuided = isGuided
    var campaign = Campaign(settings, draw: StandInExecutor.draw)
    campaign.go(StandInExecutor(isGreen: true))
    return campaign.tally.features.count
  }

  @Test("it keeps the plans that were first to reach something, and gives rare ones more energy")
  func energy() throws {
    var settings = Campaign.standIn
    settings.isGuided = true
    var campaign = Campaign(settings, draw: StandInExecutor.draw)
    campaign.go()
    let corpus = try #require(campaign.guide?.corpus)
    #expect(corpus.count > 10 && corpus.count <= CoverageGuide.capacity)
    let known = corpus.flatMap(\.features)
    #expect(Set(known).count == known.count, "a feature is first reached once")
    for entry in corpus {
      #expect(
        entry.energy == entry.features.reduce(1) { $0 + 1_000_000 / UInt64(campaign.tally.features[$1]?.runs ?? 1) })
    }
  }

  @Test("most runs of a guided campaign are changed plans, some are new ones")
  func mixture() {
    var settings = Campaign.standIn
    settings.isGuided = true
    var campaign = Campaign(settings, draw: StandInExecutor.draw)
    campaign.go(rounds: 4)
    let tasks = campaign.nextRound.map { campaign.task($0) }
    let changed = tasks.count { $0.isChanged }
    #expect(changed > 4 && changed < 16)
    #expect(tasks.allSatisfy { $0.plan.seed == $0.seed })
  }

  @Test("where rare features are near each other it reaches more than fresh plans do")
  func gain() {
    let pairs = (0..<5).map { number -> (guided: Int, fresh: Int) in
      let first = UInt64(1 + number * 1_000)
      return (features(isGuided: true, runs: 160, from: first), features(isGuided: false, runs: 160, from: first))
    }
    #expect(pairs.count { $0.guided > $0.fresh } >= 4, "\(pairs)")
  }
}

@Suite("Changing plans")
struct PlanMutationTests {
  @Test("a changed plan stays inside the deployment and its phases", arguments: UInt64(1)...40)
  func bounds(seed: UInt64) {
    var plan = StandInExecutor.draw(seed)
    plan.deployment.replicas = 2
    for step in 0..<20 {
      let donor = StandInExecutor.draw(seed * 100 + UInt64(step))
      var mutation = PlanMutation(donor: donor, chance: SearchDraw(seed: seed, purpose: UInt64(step)))
      plan = mutation.change(plan)
      #expect(plan.faults.count <= PlanMutation.mostFaults && plan.operations.count <= PlanMutation.mostOperations)
      for fault in plan.faults {
        #expect(fault.at >= .zero && fault.at < plan.phases.load)
        #expect(fault.lasts >= .zero && fault.at + fault.lasts <= plan.phases.load)
        if case .kill(.replica(let index), _) = fault.what { #expect(index < 2) }
        if case .cut(.holder(let agent), _) = fault.what { #expect(agent == 0) }
      }
      #expect(plan.faults.map(\.at) == plan.faults.map(\.at).sorted())
      #expect(plan.operations.map(\.at) == plan.operations.map(\.at).sorted())
    }
  }

  @Test("the same draw makes the same change, another one another")
  func determinism() {
    func changed(_ seed: UInt64) -> ChaosPlan {
      var mutation = PlanMutation(donor: StandInExecutor.draw(8), chance: SearchDraw(seed: seed, purpose: 2))
      return mutation.change(StandInExecutor.draw(9))
    }
    #expect(changed(1) == changed(1))
    #expect(Set((1...20).map { changed($0).text }).count > 10)
  }
}

@Suite("Risk ratios")
struct RiskRatioTests {
  /// 15 of 20 against 5 of 40: 6.00, and Katz' interval from 2.54 to 14.15.
  @Test("the ratio and its interval are those of the textbook")
  func textbook() {
    let ratio = RiskRatio(trait: "x", runsWith: 20, failingWith: 15, runsWithout: 40, failingWithout: 5)
    #expect(ratio.hundredths == (600, 254, 1_415))
  }

  @Test("what fails is found by counting")
  func counting() throws {
    var settings = Campaign.standIn
    settings.seeds = 1...2_000
    var campaign = Campaign(settings, draw: StandInExecutor.draw)
    campaign.go(StandInExecutor(window: .seconds(100)))
    let ratios = RiskRatio.all(of: campaign.tally)
    #expect(Set(ratios.prefix(3).map(\.trait)) == ["redis-down", "kill crash", "kill crash: leader"])
    #expect(ratios.allSatisfy { $0.runsWith + $0.runsWithout == 2_000 })
    #expect(ratios[0].failingWithout == 0)
  }

  @Test("a green campaign has none")
  func green() {
    var campaign = Campaign(Campaign.standIn, draw: StandInExecutor.draw)
    campaign.go(StandInExecutor(isGreen: true))
    #expect(RiskRatio.all(of: campaign.tally).isEmpty)
  }

  @Test("seeds to find is the median distance between seeds that fail")
  func seedsToFind() {
    var tally = CampaignTally()
    for seed in [UInt64(14), 15, 22, 60] {
      var outcome = ChaosOutcome(plan: StandInExecutor.draw(seed), profile: "p")
      outcome.problems = ["stuck"]
      tally.add(CampaignRun(outcome, seed: seed))
    }
    let found = SeedsToFind(tally, firstSeed: 10)
    #expect(found.searches == [5, 1, 7, 38])
    #expect(found.median == 5)
    #expect(found.invariants.map(\.name) == ["run"])
  }
}
