import Testing

@testable import Chaos

@Suite("Campaigns as files")
struct CampaignFileTests {
  private func stored(_ campaign: Campaign) throws -> Campaign {
    let text = CampaignFile(campaign, isFinished: false, wallMilliseconds: 7).text
    return try CampaignFile(Array(text.utf8)).campaign(draw: StandInExecutor.draw)
  }

  @Test("a campaign that is stored after any round comes to the same end", arguments: [false, true], [1, 4, 9])
  func resumption(isGuided: Bool, rounds: Int) throws {
    var settings = Campaign.standIn
    settings.isGuided = isGuided
    var whole = Campaign(settings, draw: StandInExecutor.draw)
    whole.go()
    var first = Campaign(settings, draw: StandInExecutor.draw)
    first.go(rounds: rounds)
    var second = try stored(first)
    #expect(second.tally == first.tally)
    #expect(second.settings == first.settings)
    second.go()
    #expect(second.tally == whole.tally)
    #expect(second.guide?.corpus == whole.guide?.corpus)
    #expect(
      CampaignFile(second, isFinished: true, wallMilliseconds: 0).text
        == CampaignFile(whole, isFinished: true, wallMilliseconds: 0).text)
  }

  @Test("seeds beyond what JSON takes for a number survive")
  func largeSeeds() throws {
    var settings = Campaign.standIn
    settings.seeds = UInt64.max - 40...UInt64.max
    var campaign = Campaign(settings, draw: StandInExecutor.draw)
    campaign.go()
    #expect(try stored(campaign).tally == campaign.tally)
    #expect(campaign.tally.runs == 41)
  }

  @Test("what is no campaign is told apart")
  func malformed() {
    func error(_ text: String) -> String {
      do throws(CampaignFileError) {
        _ = try CampaignFile(Array(text.utf8))
        return ""
      } catch { return error.description }
    }
    let good = CampaignFile(
      Campaign(Campaign.standIn, draw: StandInExecutor.draw), isFinished: false, wallMilliseconds: 0
    )
    .text
    #expect(error(good) == "")
    #expect(error("").hasPrefix("it is no JSON"))
    #expect(error(String(good.dropLast(20))).hasPrefix("it is no JSON"))
    #expect(error("{}") == "it is no file of a campaign")
    #expect(error(good.replacing("\"version\":1", with: "\"version\":9")).contains("version 9"))
    #expect(error(good.replacing("\"0/1\"", with: "\"1/1\"")) == "field 'shard' is no shard")
    #expect(error(good.replacing("\"failing\":0", with: "\"failing\":2")) == "its violations do not add up")
    #expect(error(good.replacing("\"statements\"", with: "\"stat\"")).contains("'statements'"))
  }

  @Test("other settings are named", arguments: ["seeds", "shard", "profile", "order", "search", "build"])
  func differences(name: String) throws {
    var other = Campaign.standIn
    switch name {
    case "seeds": other.seeds = 1...201
    case "shard": other.shard = try #require(Shard("1/2"))
    case "profile": other.profile = "contract"
    case "order": other.strategy = "fifo"
    case "search": other.isGuided = true
    default: other.build = "b2"
    }
    let differences = Campaign.standIn.differences(from: other)
    #expect(differences.count == 1 && differences[0].hasPrefix(name))
    #expect(Campaign.standIn.differences(from: Campaign.standIn) == [])
  }
}

@Suite("Shards")
struct ShardTests {
  @Test("shards cover a range without overlap", arguments: [1, 2, 3, 7, 40])
  func cover(count: Int) throws {
    let seeds: ClosedRange<UInt64> = 10...39
    var all: [UInt64] = []
    for index in 0..<count {
      let shard = try #require(Shard("\(index)/\(count)"))
      all += (0..<shard.runs(in: seeds)).map { shard.seed($0, in: seeds) }
    }
    #expect(all.sorted() == Array(seeds))
  }

  @Test("what is no shard is refused", arguments: ["", "1", "1/1", "4/4", "-1/4", "0/0", "1/2/3", "a/b", "0/10001"])
  func malformed(text: String) { #expect(Shard(text) == nil) }

  private func parts(_ count: Int, _ change: (Int, inout CampaignSettings) -> Void = { _, _ in }) throws
    -> [(name: String, file: CampaignFile)]
  {
    try (0..<count).map { index in
      var settings = Campaign.standIn
      settings.shard = try #require(Shard("\(index)/\(count)"))
      change(index, &settings)
      var campaign = Campaign(settings, draw: StandInExecutor.draw)
      campaign.go()
      return ("part-\(index)", CampaignFile(campaign, isFinished: true, wallMilliseconds: 1_000))
    }
  }

  @Test("shards join to what one machine finds", arguments: [1, 3, 8])
  func merge(count: Int) throws {
    var whole = Campaign(Campaign.standIn, draw: StandInExecutor.draw)
    whole.go()
    let merged = try CampaignMerge(parts(count))
    #expect(merged.tally == whole.tally)
    #expect(merged.settings == whole.settings)
    #expect(merged.seeds == Array(1...200))
    #expect(merged.notes == [] && !merged.isMissingShards)
    #expect(
      CoverageGrowth(merged.tally, seeds: merged.seeds)
        == CoverageGrowth(whole.tally, seeds: (0..<whole.runsDone).map { whole.settings.seed($0) }))
  }

  @Test("a missing shard and seeds that were not run are told")
  func missing() throws {
    let parts = try parts(4)
    let merged = try CampaignMerge([parts[0], parts[3]])
    #expect(merged.isMissingShards)
    #expect(merged.notes == ["shard 1/4 is missing", "shard 2/4 is missing", "100 of 200 seeds were not run"])
  }

  @Test("a seed that was run twice is refused with the files that have it")
  func overlap() throws {
    let parts = try parts(2)
    let error = #expect(throws: CampaignFileError.self) { try CampaignMerge([parts[0], parts[1], parts[0]]) }
    #expect(error?.description == "seed 1 is in 'part-0' and in 'part-0'")
  }

  @Test("another campaign is refused, another build is told")
  func others() throws {
    let other = try parts(2) { if $0 == 1 { $1.profile = "contract" } }
    let error = #expect(throws: CampaignFileError.self) { try CampaignMerge(other) }
    #expect(error?.description == "'part-1' is of another campaign: profile contract+X, not contract")
    let built = try CampaignMerge(parts(2) { if $0 == 1 { $1.build = "b2" } })
    #expect(built.notes.count == 1 && built.notes[0].contains("'part-1' was run by another build"))
  }
}
