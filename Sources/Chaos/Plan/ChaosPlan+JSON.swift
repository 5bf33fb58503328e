import StreamSpaceProtocol
import TestEnvironment

/// Plans as text: what replay files, the regression corpus and people edit.
extension ChaosPlan {
  /// Version of the format.
  public static let formatVersion = 1

  /// The plan as JSON, one line for each operation and fault.
  public var text: String {
    func list(_ name: String, _ elements: [JSONObject]) -> String {
      guard !elements.isEmpty else { return "  \"\(name)\": []" }
      let lines = elements.map { "    " + JSONWriter.text(of: .object($0)) }
      return "  \"\(name)\": [\n\(lines.joined(separator: ",\n"))\n  ]"
    }
    let head = [
      "  \"version\": \(Self.formatVersion)", "  \"seed\": \"\(seed)\"",
      "  \"deployment\": \(JSONWriter.text(of: .object(deployment.json)))",
      "  \"phases\": \(JSONWriter.text(of: .object(phases.json)))",
    ]
    let lists = [list("operations", operations.map(\.planJSON)), list("faults", faults.map(\.planJSON))]
    return "{\n" + (head + lists).joined(separator: ",\n") + "\n}\n"
  }

  /// Reads what ``text`` writes, with any white space. Throws with the field that is wrong.
  public init(text: String) throws(ChaosPlanError) {
    let document: JSONValue
    do { document = try JSONParser.parse(text) } catch { throw ChaosPlanError("", "it is no JSON: \(error)") }
    let reader = try PlanReader(document, at: "")
    try reader.allow(["version", "seed", "deployment", "phases", "operations", "faults"])
    _ = try reader.number("version", in: Self.formatVersion...Self.formatVersion)
    guard let seed = UInt64(try reader.text("seed")) else {
      throw ChaosPlanError("seed", "it is no number from 0 to 2^64-1 in quotes")
    }
    self.init(
      seed: seed, deployment: try ChaosDeployment(reader.object("deployment")),
      phases: try Phases(reader.object("phases")))
    for operation in try reader.objects("operations", atMost: Self.mostElements) {
      operations.append(try PlannedOperation(operation))
    }
    for fault in try reader.objects("faults", atMost: Self.mostElements) { faults.append(try PlannedFault(fault)) }
  }

  /// A plan of a day with an operation a second would still fit.
  private static let mostElements = 100_000
}

extension ChaosPlan.Phases {
  fileprivate var json: JSONObject {
    var object = JSONObject()
    object.add("settle", SpanText.text(of: settle))
    object.add("load", SpanText.text(of: load))
    object.add("heal", SpanText.text(of: heal))
    return object
  }

  fileprivate init(_ reader: PlanReader) throws(ChaosPlanError) {
    try reader.allow(["settle", "load", "heal"])
    self.init(settle: try reader.span("settle"), load: try reader.span("load"), heal: try reader.span("heal"))
  }
}

extension ChaosDeployment {
  fileprivate var json: JSONObject {
    var object = JSONObject()
    object.add("replicas", replicas)
    object.add("redis", hasRedis)
    object.add("cache", cacheEnabled)
    object.add("agents", JSONValue.array(agents.map { .object($0.json) }))
    object.add("users", users)
    object.add("sessions", sessions)
    object.add("probes", probes)
    return object
  }

  fileprivate init(_ reader: PlanReader) throws(ChaosPlanError) {
    try reader.allow(["replicas", "redis", "cache", "agents", "users", "sessions", "probes"])
    var agents: [Agent] = []
    for agent in try reader.objects("agents", atMost: 50) { agents.append(try Agent(agent)) }
    guard !agents.isEmpty else { throw ChaosPlanError(reader.field("agents"), "there must be one") }
    self.init(
      replicas: try reader.number("replicas", in: 1...20), hasRedis: try reader.flag("redis"),
      cacheEnabled: try reader.flag("cache"), agents: agents, users: try reader.number("users", in: 1...99),
      sessions: try reader.number("sessions", in: 0...400), probes: try reader.number("probes", in: 0...100))
    if replicas > 1, !hasRedis { throw ChaosPlanError(reader.field("redis"), "several replicas need it") }
    if sessions > users * Self.sessionsOfUser {
      throw ChaosPlanError(reader.field("sessions"), "more than \(Self.sessionsOfUser) for each user")
    }
  }

  /// Sessions that a user may have (C15).
  static let sessionsOfUser = 5
}

extension ChaosDeployment.Agent {
  fileprivate var json: JSONObject {
    var object = JSONObject()
    object.add("platform", platform.rawValue)
    object.add("instances", instances)
    object.add("maxSessions", maxSessions)
    return object
  }

  fileprivate init(_ reader: PlanReader) throws(ChaosPlanError) {
    try reader.allow(["platform", "instances", "maxSessions"])
    guard let platform = Topology.Agent.Platform(rawValue: try reader.text("platform")) else {
      throw ChaosPlanError(reader.field("platform"), "it is neither kubernetes nor docker")
    }
    self.init(
      platform: platform, instances: try reader.number("instances", in: 1...9),
      maxSessions: try reader.number("maxSessions", in: 1...10_000))
  }
}
