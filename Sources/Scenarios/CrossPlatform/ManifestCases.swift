import TestEnvironment

extension CrossPlatform {
  /// Template documents, good and bad.
  static let manifestCases: [TestCase] = [templateManifest]

  private static let image = "example.invalid/xterm-vnc:1"

  /// A document and what becomes of a session made from it, on every platform alike.
  private struct Document {
    var name: String
    var manifest: String
    /// `running IMAGE PORTS`, `failed` or the status of a refusal.
    var outcome: String
  }

  private static func running(_ name: String, _ spec: String, ports: String, image: String = CrossPlatform.image)
    -> Document
  {
    Document(
      name: name, manifest: "{\"metadata\":{\"name\":\"\(name)\"},\"spec\":{\(spec)}}",
      outcome: "running \(image) \(ports)")
  }

  private static func failing(_ name: String, _ manifest: String) -> Document {
    Document(name: name, manifest: manifest, outcome: "failed")
  }

  private static let base = "\"baseImage\":\"\(image)\""
  private static let port = "\"ports\":[{\"name\":\"vnc\",\"containerPort\":5900,\"protocol\":\"TCP\"}]"

  private static let documents: [Document] = [
    running("plain", "\(base),\(port)", ports: "5900"),
    running("unknown keys", "\(base),\(port),\"colour\":\"blue\",\"nested\":{\"a\":[1,2]}", ports: "5900"),
    running("no ports but vnc", "\(base),\"vnc\":{\"enabled\":true,\"port\":5901}", ports: "5901"),
    running("vnc switched off", "\(base),\"vnc\":{\"enabled\":false,\"port\":5901}", ports: "3000"),
    running("no ports at all", base, ports: "3000"),
    running("empty list of ports", "\(base),\"ports\":[]", ports: "3000"),
    running(
      "two ports",
      "\(base),\"ports\":[{\"name\":\"vnc\",\"containerPort\":5900},{\"name\":\"web\",\"containerPort\":6080}]",
      ports: "5900,6080"),
    running("port without protocol", "\(base),\"ports\":[{\"name\":\"vnc\",\"containerPort\":5900}]", ports: "5900"),
    running(
      "port over UDP", "\(base),\"ports\":[{\"name\":\"audio\",\"containerPort\":4713,\"protocol\":\"UDP\"}]",
      ports: "4713"),
    running(
      "environment", "\(base),\(port),\"env\":[{\"name\":\"LANG\",\"value\":\"de_DE.UTF-8\"},{\"name\":\"EMPTY\"}]",
      ports: "5900"),
    running("volumes", "\(base),\(port),\"volumeMounts\":[{\"name\":\"data\",\"mountPath\":\"/data\"}]", ports: "5900"),
    running(
      "default resources", "\(base),\(port),\"defaultResources\":{\"memory\":\"1Gi\",\"cpu\":\"500m\"}", ports: "5900"),
    running("title of many letters", "\(base),\(port),\"displayName\":\"Schreibtisch – 作業場 🖥\"", ports: "5900"),
    Document(
      name: "no metadata", manifest: "{\"spec\":{\(base),\(port)}}", outcome: "running \(image) 5900"),
    failing("capital keys", "{\"Metadata\":{\"Name\":\"x\"},\"Spec\":{\"BaseImage\":\"\(image)\"}}"),
    failing("empty object", "{}"), failing("no spec", "{\"metadata\":{\"name\":\"x\"}}"),
    failing("spec is a text", "{\"metadata\":{\"name\":\"x\"},\"spec\":\"\(image)\"}"),
    failing("no image", "{\"metadata\":{\"name\":\"x\"},\"spec\":{\(port)}}"),
    failing("image is empty", "{\"metadata\":{\"name\":\"x\"},\"spec\":{\"baseImage\":\"\",\(port)}}"),
  ]

  static let templateManifest = TestCase(
    "XP-05", "Template manifest", in: .crossPlatform, source: "[P P0-MANIFEST-001, P0-RBAC-001]", live: true,
    variants: eachPlatform(), plain: .inTurn, needs: ["replicas:1", "k8s", "docker", "templates"],
    checks: ["I-CMD-TRUTH"],
    kills: ["A-28", "A-29"]
  ) { environment in
    try await environment.awaitAgents()
    for (index, document) in documents.enumerated() {
      try await environment.addTemplate("t-\(index)", manifest: document.manifest)
    }
    var sessions: [(document: Document, session: OwnedSession)] = []
    for (index, document) in documents.enumerated() {
      let session = try await environment.created(
        SessionRequest(template: "t-\(index)"), by: environment.owner(ofSession: index))
      sessions.append((document, session))
    }
    for (document, session) in sessions {
      var state = ""
      try await environment.expect("each has an outcome", within: .seconds(60), every: .milliseconds(500)) {
        state = try await environment.state(of: session.name)
        return state == "running" || state == "failed"
      }
      var outcome = state
      if state == "running", let limits = try await environment.limits(session: session.name) {
        outcome += " \(limits.image) \(limits.ports.map(String.init).joined(separator: ","))"
      }
      environment.expect(document.name, equals: document.outcome, outcome)
      environment.record.add(.parity("template: \(document.name)", environment.platform, .text(outcome)))
      if state == "failed" {
        let error = try await environment.command(of: session.name, action: "start_session")?.error ?? ""
        environment.expect("\(document.name): the failure has a text", equals: "yes", error.isEmpty ? "no" : "yes")
      }
    }
  }
}
