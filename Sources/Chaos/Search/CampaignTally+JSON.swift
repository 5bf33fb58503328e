import StreamSpaceProtocol

/// Tables are lists of objects: there may be thousands of rows.
extension CampaignTally {
  var fileJSON: JSONValue {
    [
      "runs": .int(Int64(runs)), "failing": .int(Int64(failing)), "kernelEvents": .int(Int64(kernelEvents)),
      "statements": .int(Int64(statements)), "virtualSeconds": .int(virtualSeconds),
      "fingerprint": .feature(fingerprint), "runsAtLastFeature": .int(Int64(runsAtLastFeature)),
      "faults": rows(of: faults) {
        [
          ("planned", .int(Int64($0.planned))), ("effective", .int(Int64($0.effective))),
          ("inert", .int(Int64($0.inert))), ("withheld", .int(Int64($0.withheld))),
          ("impossible", .int(Int64($0.impossible))),
        ]
      },
      "traits": rows(of: traits) { [("runs", .int(Int64($0.runs))), ("failing", .int(Int64($0.failing)))] },
      "obligations": rows(of: obligations) {
        [
          ("runs", .int(Int64($0.runs))), ("times", .int(Int64($0.times))),
          ("firstSeed", $0.firstSeed.map(JSONValue.seed) ?? .null),
        ]
      },
      "features": .array(
        features.sorted { $0.key < $1.key }.map { feature, reached in
          [
            "feature": .feature(feature), "runs": .int(Int64(reached.runs)), "firstSeed": .seed(reached.firstSeed),
          ]
        }),
      "violations": .array(violations.map(\.fileJSON)),
    ]
  }

  private func rows<Row>(of table: [String: Row], _ members: (Row) -> [(String, JSONValue)]) -> JSONValue {
    .array(
      table.sorted { $0.key < $1.key }.map { name, row in
        .object(JSONObject(([("name", .string(name))] + members(row)).map { .init(key: $0.0, value: $0.1) }))
      })
  }

  init(_ fields: CampaignFields) throws(CampaignFileError) {
    self.init()
    runs = try fields.number("runs")
    failing = try fields.number("failing")
    kernelEvents = try fields.number("kernelEvents")
    statements = try fields.number("statements")
    virtualSeconds = try Int64(fields.number("virtualSeconds"))
    fingerprint = try CampaignFields.feature(fields.text("fingerprint"))
    runsAtLastFeature = try fields.number("runsAtLastFeature")
    for row in try fields.list("faults") {
      faults[try row.text("name")] = Faults(
        planned: try row.number("planned"), effective: try row.number("effective"), inert: try row.number("inert"),
        withheld: try row.number("withheld"), impossible: try row.number("impossible"))
    }
    for row in try fields.list("traits") {
      traits[try row.text("name")] = Trait(runs: try row.number("runs"), failing: try row.number("failing"))
    }
    for row in try fields.list("obligations") {
      obligations[try row.text("name")] = Obligation(
        runs: try row.number("runs"), times: try row.number("times"), firstSeed: try row.optionalSeed("firstSeed"))
    }
    for row in try fields.list("features") {
      features[try CampaignFields.feature(row.text("feature"))] = Feature(
        runs: try row.number("runs"), firstSeed: try row.seed("firstSeed"))
    }
    for row in try fields.list("violations") { violations.append(try CampaignViolation(row)) }
    guard violations.count == failing, failing <= runs else {
      throw CampaignFileError("its violations do not add up")
    }
  }
}

extension CampaignViolation {
  fileprivate var fileJSON: JSONValue {
    [
      "seed": .seed(seed), "invariant": .string(invariant), "message": .string(message),
      "milliseconds": .int(milliseconds), "fingerprint": .string(fingerprint), "faults": .int(Int64(faults)),
      "operations": .int(Int64(operations)), "kernelEvents": .int(Int64(kernelEvents)), "changed": .bool(isChanged),
      "file": file.map { .string($0) } ?? .null,
    ]
  }

  fileprivate init(_ row: CampaignFields) throws(CampaignFileError) {
    self.init(
      seed: try row.seed("seed"), invariant: try row.text("invariant"), message: try row.text("message"),
      milliseconds: try Int64(row.number("milliseconds")), fingerprint: try row.text("fingerprint"),
      faults: try row.number("faults"), operations: try row.number("operations"),
      kernelEvents: try row.number("kernelEvents"), isChanged: try row.flag("changed"),
      file: try row.optionalText("file"))
  }
}

extension CampaignSettings {
  var fileJSON: JSONValue {
    [
      "first": .seed(seeds.lowerBound), "last": .seed(seeds.upperBound), "shard": .string(shard.name),
      "profile": .string(profile), "strategy": .string(strategy), "guided": .bool(isGuided), "build": .string(build),
    ]
  }

  init(_ fields: CampaignFields) throws(CampaignFileError) {
    let (first, last) = (try fields.seed("first"), try fields.seed("last"))
    guard first <= last, last - first < UInt64(Int.max) else {
      throw CampaignFileError("its first seed is after its last")
    }
    guard let shard = Shard(try fields.text("shard")) else { throw CampaignFileError("field 'shard' is no shard") }
    self.init(
      seeds: first...last, shard: shard, profile: try fields.text("profile"), strategy: try fields.text("strategy"),
      isGuided: try fields.flag("guided"), build: try fields.text("build"))
  }
}
