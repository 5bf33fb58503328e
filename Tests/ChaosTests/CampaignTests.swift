import Testing

@testable import Chaos

@Suite("Campaigns")
struct CampaignTests {
  private func campaign(
    _ change: (inout CampaignSettings) -> Void = { _ in }
  ) -> Campaign {
    var settings = Campaign.standIn
    change(&settings)
    return Campaign(settings, draw: StandInExecutor.draw)
  }

  @Test("a campaign runs each seed once, in rounds")
  func seeds() {
    var campaign = campaign { $0.seeds = 5...44 }
    #expect(campaign.nextRound == 0..<16)
    var seen: [UInt64] = []
    while campaign.end(CampaignLimits(keepsGoing: true)) == nil {
      seen += campaign.nextRound.map { campaign.task($0).seed }
      campaign.go(rounds: 1)
    }
    #expect(seen == Array(5...44))
    #expect(campaign.tally.runs == 40)
    #expect(campaign.end(CampaignLimits()) == .allSeeds)
  }

  @Test("a violation ends it with the round, unless it keeps going")
  func violation() throws {
    var stopping = campaign { $0.seeds = 1...1_000 }
    stopping.go(StandInExecutor(), CampaignLimits())
    #expect(stopping.end(CampaignLimits()) == .violation)
    #expect(stopping.runsDone % Campaign.round == 0 && stopping.runsDone < 1_000)
    let first = try #require(stopping.tally.violations.first)
    #expect(first.invariant == "I-LEADER" && first.file == "failures/chaos-\(first.seed).json")
    #expect(Int(first.seed) > stopping.runsDone - Campaign.round)

    var going = campaign { $0.seeds = 1...1_000 }
    going.go()
    #expect(going.runsDone == 1_000)
    #expect(going.tally.violations.first == first)
    #expect(going.tally.violations.count == going.tally.failing)
    #expect(going.tally.violations.count > stopping.tally.violations.count)
  }

  @Test("of one invariant only the first failures get a file")
  func files() {
    var campaign = campaign { $0.seeds = 1...3_000 }
    campaign.go(StandInExecutor(window: .seconds(400)))
    #expect(campaign.tally.violations.count { $0.file != nil } == CampaignViolation.filesPerInvariant)
    #expect(campaign.tally.failing > CampaignViolation.filesPerInvariant)
  }

  @Test("it ends when so many runs reached nothing new")
  func plateau() {
    var campaign = campaign { $0.seeds = 1...100_000 }
    let limits = CampaignLimits(keepsGoing: true, plateau: 100)
    campaign.go(StandInExecutor(), limits)
    #expect(campaign.end(limits) == .plateau(100))
    #expect(campaign.runsDone - campaign.tally.runsAtLastFeature >= 100)
    #expect(campaign.runsDone - campaign.tally.runsAtLastFeature < 100 + Campaign.round)
  }

  @Test("runs can be made in any order and far ahead: they are counted alike", arguments: [false, true])
  func order(isGuided: Bool) {
    var one = campaign { $0.isGuided = isGuided }
    one.go()
    var other = campaign { $0.isGuided = isGuided }
    while other.end(CampaignLimits(keepsGoing: true)) == nil {
      let tasks = (other.runsDone..<other.horizon).map { ($0, other.task($0)) }
      let runs = tasks.reversed().map { (number: $0.0, run: other.run($0.1, on: StandInExecutor())) }
      for round in [other.nextRound] {
        other.count(round.compactMap { number in runs.first { $0.number == number }?.run })
      }
    }
    #expect(other.tally == one.tally)
    #expect(other.guide?.corpus == one.guide?.corpus)
  }

  @Test("fates of faults, obligations and traits are counted")
  func counts() throws {
    var campaign = campaign()
    campaign.go()
    let tally = campaign.tally
    let pubSub = try #require(tally.faults["redis-lose-pubsub"])
    #expect(pubSub.inert > 0 && pubSub.effective > 0 && pubSub.planned == pubSub.used)
    #expect(tally.faults["kill crash"]?.inert == 0)
    #expect(tally.obligations["never"] == CampaignTally.Obligation())
    let met = try #require(tally.obligations["fail-over"])
    #expect(met.runs > 0 && met.times >= met.runs && met.firstSeed != nil)
    #expect(tally.traits["kill crash: leader"] == tally.traits["kill crash"])
    #expect(tally.traits["with Redis"]?.runs == 200)
    #expect(tally.virtualSeconds == 200 * 600)
  }
}

@Suite("Demands on a campaign")
struct CampaignDemandsTests {
  private func tally(runs: Int, _ change: (inout CampaignTally) -> Void) -> CampaignTally {
    var tally = CampaignTally()
    tally.runs = runs
    change(&tally)
    return tally
  }

  @Test("a kind of fault that never had an effect fails the campaign, by its name")
  func inert() {
    let inert = tally(runs: 50) { $0.faults["pause"] = .init(planned: 14, effective: 0, inert: 12, withheld: 2) }
    #expect(CampaignDemands().failures(of: inert) == ["fault 'pause' was inert in all its 12 uses"])
    let seldom = tally(runs: 50) { $0.faults["pause"] = .init(planned: 9, inert: 9) }
    #expect(CampaignDemands().failures(of: seldom) == [])
    let withheld = tally(runs: 50) { $0.faults["pause"] = .init(planned: 90, withheld: 90) }
    #expect(CampaignDemands().failures(of: withheld) == [])
  }

  @Test("so does one that was inert more often than it may be", arguments: [(12, 0), (13, 1)])
  func share(inert: Int, failures: Int) {
    let tally = tally(runs: 50) { $0.faults["cut"] = .init(planned: 20, effective: 20 - inert, inert: inert) }
    #expect(CampaignDemands().failures(of: tally).count == failures)
    var lenient = tally
    lenient.faults["redis-lose-pubsub"] = lenient.faults.removeValue(forKey: "cut")
    #expect(CampaignDemands().failures(of: lenient).isEmpty)
  }

  @Test("an obligation that no run met fails it, once there are runs enough", arguments: [(999, 0), (1_000, 1)])
  func obligation(runs: Int, failures: Int) {
    let tally = tally(runs: runs) {
      $0.obligations["a leader changed"] = .init()
      $0.obligations["a viewer came back"] = .init(runs: 1, times: 1, firstSeed: 3)
    }
    let found = CampaignDemands().failures(of: tally)
    #expect(found.count == failures)
    #expect(found.allSatisfy { $0 == "obligation 'a leader changed' was met in none of 1000 runs" })
  }
}
