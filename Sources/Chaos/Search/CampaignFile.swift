import StreamSpaceProtocol

/// A campaign as a file: what the next call goes on from, and what shards are joined from.
package struct CampaignFile: Sendable {
  /// Version of the format.
  package static let version = 1

  package var settings: CampaignSettings
  package var tally: CampaignTally
  package var corpus: [CoverageGuide.Entry]
  /// Whether it came to its end: then nothing is lost when another campaign takes its place.
  package var isFinished: Bool
  /// Real time spent, over all calls.
  package var wallMilliseconds: Int64

  package init(_ campaign: Campaign, isFinished: Bool, wallMilliseconds: Int64) {
    settings = campaign.settings
    tally = campaign.tally
    corpus = campaign.guide?.corpus ?? []
    self.isFinished = isFinished
    self.wallMilliseconds = wallMilliseconds
  }

  /// Seeds that were run, ascending.
  package var seeds: [UInt64] { (0..<tally.runs).map { settings.seed($0) } }

  package var text: String {
    let entries = corpus.map { entry -> JSONValue in
      [
        "seed": .seed(entry.seed), "features": .array(entry.features.map(JSONValue.feature)),
        "plan": .string(entry.plan.text),
      ]
    }
    let document: JSONValue = [
      "version": .int(Int64(Self.version)), "settings": settings.fileJSON, "finished": .bool(isFinished),
      "wallMilliseconds": .int(wallMilliseconds), "tally": tally.fileJSON, "corpus": .array(entries),
    ]
    return JSONWriter.text(of: document) + "\n"
  }

  /// Throws what is wrong with the bytes.
  package init(_ bytes: [UInt8]) throws(CampaignFileError) {
    let document: JSONValue
    do {
      document = try JSONParser.parse(bytes, limits: JSONLimits(maximumBytes: 1 << 30, maximumDepth: 16))
    } catch { throw CampaignFileError("it is no JSON: \(error)") }
    guard let version = document["version"]?.integer, document["tally"] != nil else {
      throw CampaignFileError("it is no file of a campaign")
    }
    guard version == Int64(Self.version) else {
      throw CampaignFileError("it has version \(version) of the format, not \(Self.version)")
    }
    let fields = CampaignFields(document)
    settings = try CampaignSettings(fields.inside("settings"))
    isFinished = try fields.flag("finished")
    wallMilliseconds = try Int64(fields.number("wallMilliseconds"))
    tally = try CampaignTally(fields.inside("tally"))
    corpus = []
    for entry in try fields.list("corpus") {
      let plan: ChaosPlan
      do { plan = try ChaosPlan(text: entry.text("plan")) } catch let error as ChaosPlanError {
        throw CampaignFileError("a plan of 'corpus': \(error.description)")
      } catch { throw CampaignFileError("'corpus' is malformed") }
      var features: [UInt64] = []
      for feature in try entry.texts("features") { features.append(try CampaignFields.feature(feature)) }
      corpus.append(CoverageGuide.Entry(seed: try entry.seed("seed"), plan: plan, features: features))
    }
    guard tally.runs <= settings.runs else { throw CampaignFileError("it has more runs than seeds") }
  }

  /// The campaign again, to go on with.
  package func campaign(draw: @escaping @Sendable (UInt64) -> ChaosPlan) -> Campaign {
    var campaign = Campaign(settings, draw: draw)
    campaign.tally = tally
    campaign.guide?.corpus = corpus
    campaign.guide?.weigh(by: tally.features)
    return campaign
  }
}

/// Why a file is no campaign, or does not fit.
package struct CampaignFileError: Error, Sendable, Equatable, CustomStringConvertible {
  package let description: String

  package init(_ description: String) { self.description = description }
}
