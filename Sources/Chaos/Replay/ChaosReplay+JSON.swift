import StreamSpaceProtocol

extension ChaosReplay {
  private static let fields = [
    "version", "kind", "profile", "strategy", "fingerprint", "signature", "violation", "harness", "reason", "origin",
    "greenUnder", "decisions", "plan",
  ]

  /// The file as JSON, ending with a line feed.
  public var text: String {
    var head = JSONObject()
    head.add("version", Self.version)
    head.add("kind", "chaos")
    head.add("profile", profile)
    head.add("strategy", trial.strategy)
    head.add("fingerprint", fingerprint)
    head.add("signature", signature)
    if let violation {
      var object = JSONObject()
      object.add("time", SpanText.text(of: violation.time))
      object.add("message", violation.message)
      head.add("violation", object)
    }
    head.add("harness", harness)
    head.add("reason", reason)
    head.add("origin", origin)
    head.addIfPresent("greenUnder", greenUnder)
    var lines = head.members.map { "\"\($0.key)\": \(JSONWriter.text(of: $0.value))" }
    if let decisions = trial.decisions {
      let streams = decisions.streams.map { "\n  " + JSONWriter.text(of: .object($0.json)) }
      lines.append("\"decisions\": [\(streams.joined(separator: ","))\n]")
    }
    // The plan is written as plans are, one line for each operation and fault.
    lines.append("\"plan\": " + trial.plan.text.trimmingLineFeed)
    return "{\n" + lines.joined(separator: ",\n") + "\n}\n"
  }

  /// Whether a document is of this kind, whatever else is wrong with it.
  package static func isChaos(_ document: JSONValue) -> Bool { document["kind"]?.text == "chaos" }

  /// Reads what ``text`` writes. Throws with the field that is wrong.
  public init(text: String) throws(ChaosPlanError) {
    let document: JSONValue
    do { document = try JSONParser.parse(text) } catch { throw ChaosPlanError("", "it is no JSON: \(error)") }
    let reader = try PlanReader(document, at: "")
    try reader.allow(Self.fields)
    _ = try reader.number("version", in: Self.version...Self.version)
    let kind = try reader.text("kind")
    guard kind == "chaos" else { throw ChaosPlanError("kind", "'\(kind)' is not chaos") }
    let planText = JSONWriter.text(of: try reader.value("plan"))
    let plan: ChaosPlan
    do { plan = try ChaosPlan(text: planText) } catch {
      throw ChaosPlanError(error.field.isEmpty ? "plan" : "plan.\(error.field)", error.problem)
    }
    trial = Trial(plan, strategy: try reader.text("strategy"), decisions: try Self.decisions(reader))
    profile = try reader.text("profile")
    fingerprint = try reader.text("fingerprint")
    signature = try reader.text("signature")
    harness = try reader.text("harness")
    reason = try reader.text("reason")
    origin = try reader.text("origin")
    greenUnder = reader.has("greenUnder") ? try reader.text("greenUnder") : nil
    if reader.has("violation") {
      let object = try reader.object("violation")
      violation = Violation(time: try object.span("time"), message: try object.text("message"))
    }
  }

  private static func decisions(_ reader: PlanReader) throws(ChaosPlanError) -> RecordedDecisions? {
    guard reader.has("decisions") else { return nil }
    var decisions = RecordedDecisions()
    for stream in try reader.objects("decisions", atMost: 10_000) {
      decisions.streams.append(try RecordedDecisions.Stream(stream))
    }
    return decisions
  }
}

extension RecordedDecisions.Stream {
  package var json: JSONObject {
    var object = JSONObject()
    object.add("stream", name)
    object.add("answers", DecisionsText.text(of: answers))
    object.addIfPresent("rest", rest.map { String($0) })
    return object
  }

  fileprivate init(_ reader: PlanReader) throws(ChaosPlanError) {
    try reader.allow(["stream", "answers", "rest"])
    guard let answers = DecisionsText.answers(of: try reader.text("answers")) else {
      throw ChaosPlanError(reader.field("answers"), "it is no list of numbers")
    }
    self.init(name: try reader.text("stream"), answers: answers)
    guard reader.has("rest") else { return }
    guard let rest = UInt64(try reader.text("rest")) else {
      throw ChaosPlanError(reader.field("rest"), "it is no number in quotes")
    }
    self.rest = rest
  }
}

extension RecordedDecisions {
  /// Reads the `decisions` of a replay file of a case.
  package init(json: JSONValue, at field: String) throws(ChaosPlanError) {
    guard let elements = json.elements else { throw ChaosPlanError(field, "it is no list") }
    var streams: [Stream] = []
    for (index, element) in elements.enumerated() {
      streams.append(try Stream(PlanReader(element, at: "\(field)[\(index)]")))
    }
    self.init(streams: streams)
  }

  package var json: JSONValue { .array(streams.map { .object($0.json) }) }
}

extension String {
  fileprivate var trimmingLineFeed: String { hasSuffix("\n") ? String(dropLast()) : self }
}
