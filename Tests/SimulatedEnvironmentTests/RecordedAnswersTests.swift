import Foundation
import SimulationRuntime
import StreamSpaceProtocol
import TestEnvironment
import Testing

@testable import SimulatedEnvironment

/// What our control plane answers, against what the real one was recorded to answer (fixtures/recordings): same status,
/// same keys in the same order, same kinds, and the same texts where a text is no id, time or token.
@Suite("Recorded answers")
struct RecordedAnswersTests {
  /// One exchange: where it was, and the answer's body.
  struct Exchange {
    var key: String
    var body: JSONValue
  }

  @Test("every answer of ours that was recorded is the recorded one, field for field")
  func answers() throws {
    let recorded = try Self.recorded()
    let ours = try Self.ours()
    var compared: [String] = []
    for exchange in ours {
      guard let candidates = recorded[exchange.key] else {
        Issue.record("\(exchange.key) was never recorded")
        continue
      }
      compared.append(exchange.key)
      let shape = Self.shape(exchange.body)
      let shapes = candidates.map(Self.shape)
      #expect(shapes.contains(shape), "\(exchange.key):\n  ours     \(shape)\n  recorded \(shapes.first ?? "")")
    }
    // A comparison that finds nothing to compare proves nothing.
    #expect(Set(compared).count >= 18, "only \(Set(compared).sorted()) were compared")
  }

  // MARK: Ours

  private static func ours() throws -> [Exchange] {
    let simulation = Simulation(.init(seed: 1))
    defer { simulation.tearDown() }
    let topology = Topology.t1.with { $0.agents = [Topology.Agent("k8s-cap-1")] }
    let deployment = try Deployment(topology, behaviours: Behaviours(), in: simulation)
    try simulation.run(for: .seconds(10))
    let client = try deployment.client(for: "admin")
    var exchanges: [Exchange] = []
    var token: String?

    @discardableResult
    func ask(_ method: HTTPMethod, _ target: String, _ body: JSONValue? = nil) throws -> JSONValue {
      var headers = HTTPHeaders()
      headers[HTTPHeaderName.authorization] = token.map { "Bearer \($0)" }
      let request = HTTPRequest(method, target: target, headers: headers, body: body.map { .typed($0) } ?? .empty)
      var answer: HTTPResponse?
      simulation.network.open(
        from: client, to: Endpoint(host: "api-1", port: Deployment.replicaPort),
        hello: Frame(request, byteCount: request.byteCount)
      ) { outcome in
        if case .reply(let payload) = outcome { answer = (payload as? Frame<HTTPResponse>)?.value }
      }
      try simulation.run(for: .milliseconds(300))
      let response = try #require(answer, "\(method.rawValue) \(target) was not answered")
      let document = try JSONParser.parse(response.body.bytes)
      exchanges.append(Exchange(key: key(method.rawValue, target, response.status.rawValue), body: document))
      return document
    }

    try ask(.post, "/api/v1/auth/login", ["username": "admin", "password": "wrong"])
    try ask(.get, "/api/v1/sessions")
    let password = JSONValue.string(FixtureRows.password(of: "admin"))
    // The recorded administrator had logged in before.
    try ask(.post, "/api/v1/auth/login", ["username": "admin", "password": password])
    exchanges.removeLast()
    let login = try ask(.post, "/api/v1/auth/login", ["username": "admin", "password": password])
    token = try #require(login["token"]?.text)
    try ask(.get, "/api/v1/sessions")
    try ask(.post, "/api/v1/sessions", ["user": "admin", "template": "nope"])
    let created = try ask(
      .post, "/api/v1/sessions",
      [
        "user": "admin", "template": "xterm-vnc", "tags": ["x", "y"], "resources": ["cpu": "500m", "memory": "1Gi"],
        "persistentHome": false, "idleTimeout": "30m", "maxSessionDuration": "8h",
      ])
    let session = try #require(created["name"]?.text)
    try ask(.get, "/api/v1/sessions/\(session)")
    try ask(.put, "/api/v1/sessions/\(session)/hibernate")
    try ask(.put, "/api/v1/sessions/\(session)/wake")
    try simulation.run(for: .seconds(20))
    try ask(.get, "/api/v1/sessions/\(session)")
    try ask(.get, "/api/v1/sessions")
    try ask(.get, "/api/v1/sessions/\(session)/connect?user=admin")
    try ask(.patch, "/api/v1/sessions/\(session)", ["state": "sideways"])
    try ask(.put, "/api/v1/sessions/\(session)/hibernate")
    try simulation.run(for: .seconds(20))
    try ask(.put, "/api/v1/sessions/\(session)/wake")
    try simulation.run(for: .seconds(20))
    try ask(.delete, "/api/v1/sessions/\(session)")
    try ask(.delete, "/api/v1/sessions/\(session)")
    try ask(.delete, "/api/v1/sessions/admin-xterm-vnc-00000000")
    try ask(.get, "/api/v1/admin/agents")
    try ask(.get, "/api/v1/admin/agents/k8s-cap-1")
    try ask(.get, "/api/v1/templates")
    try ask(.get, "/health")
    return exchanges
  }

  // MARK: Recorded

  private static func recorded() throws -> [String: [JSONValue]] {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("fixtures/recordings")
    var found: [String: [JSONValue]] = [:]
    for name in try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() where name.hasSuffix(".json")
    {
      let bytes = Array(try Data(contentsOf: folder.appendingPathComponent(name)))
      for event in try JSONParser.parse(bytes)["events"]?.elements ?? [] where event["kind"]?.text == "http" {
        guard let line = event["request"]?["line"]?.text, let status = event["response"]?["status"]?.integer,
          let body = event["response"]?["body"]
        else { continue }
        let words = line.split(separator: " ")
        guard words.count >= 2 else { continue }
        found[key(String(words[0]), String(words[1]), Int(status)), default: []].append(body)
      }
    }
    return found
  }

  // MARK: Shapes

  /// Method, route with ids replaced, status.
  private static func key(_ method: String, _ target: String, _ status: Int) -> String {
    let path = target.split(separator: "?")[0]
    let parts = path.split(separator: "/").map(String.init)
    let route = parts.enumerated().map { index, part in
      index > 0 && ["sessions", "agents"].contains(parts[index - 1]) && !part.isEmpty ? ":id" : part
    }
    return "\(method) /\(route.joined(separator: "/")) \(status)"
  }

  /// Keys in order and kinds; of texts, those that are the same in every run.
  private static func shape(_ value: JSONValue) -> String {
    switch value {
    case .object(let object):
      return "{" + object.members.map { "\($0.key):\(field($0.key, $0.value))" }.joined(separator: ",") + "}"
    case .array(let elements): return "[" + (elements.first.map(shape) ?? "") + "]"
    case .string(let text): return masked(text)
    default: return "\(value.kind)"
    }
  }

  /// Fields whose value belongs to the run and not to the program.
  private static let free: Set<String> = [
    "podName", "token", "id", "agentId", "region", "metadata", "capacity", "description", "display_name", "manifest",
    "tags", "name", "icon_url", "category", "categories", "filters", "email", "fullName", "orgId", "status_detail",
    "templates", "idleTimeout", "maxSessionDuration",
  ]

  private static func field(_ key: String, _ value: JSONValue) -> String {
    if free.contains(key) { return value == .null ? "null" : "*" }
    return shape(value)
  }

  private static func masked(_ text: String) -> String {
    var text = text
    for (pattern, mask) in [
      (#"[a-z0-9-]*-?(xterm-vnc|firefox-ls)-[0-9a-f]{8}"#, "<session>"), (#"cmd-[0-9a-f-]{8,36}"#, "<command>"),
      (#"\d{4}-\d\d-\d\dT[0-9:.]+Z"#, "<time>"), (#"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}"#, "<uuid>"),
      (#"k8s-[a-z0-9-]+"#, "<agent>"), (#"conn-[0-9a-f-]+"#, "<connection>"),
    ] {
      text = text.replacingOccurrences(of: pattern, with: mask, options: .regularExpression)
    }
    return "'\(text)'"
  }
}
