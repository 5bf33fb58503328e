import StreamSpaceProtocol

/// A request line of a transcript and the models of its bodies.
struct RecordedRoute {
  /// Method and path with ids replaced: `PUT /api/v1/sessions/:id/hibernate`.
  let label: String

  init(_ line: String) {
    let words = line.split(separator: " ", maxSplits: 1).map(String.init)
    let method = HTTPMethod(rawValue: words[0]) ?? .get
    let segments = HTTPRequest(method, target: words.count > 1 ? words[1] : "/").segments
    var named: [String] = []
    for (index, segment) in segments.enumerated() {
      let parent = index > 0 ? segments[index - 1] : ""
      let isFixed = ["register", "connect"].contains(segment)
      switch parent {
      case "sessions" where !isFixed: named.append(":id")
      case "agents" where !isFixed: named.append(":agent_id")
      case "vnc": named.append(":sessionId")
      default: named.append(segment)
      }
    }
    label = "\(method.rawValue) /" + named.joined(separator: "/")
  }

  /// Decodes and encodes the body of a request.
  func request(_ json: JSONValue) throws -> JSONValue {
    switch label {
    case "POST /api/v1/auth/login": try LoginRequest(json: json).json
    case "POST /api/v1/auth/refresh": try RefreshRequest(json: json).json
    case "POST /api/v1/sessions": try CreateSessionRequest(json: json).json
    case "PATCH /api/v1/sessions/:id": try UpdateSessionRequest(json: json).json
    case "POST /api/v1/agents/register": try AgentRegistrationRequest(json: json).json
    case "POST /api/v1/agents/:agent_id/heartbeat": try AgentHeartbeatRequest(json: json).json
    case "POST /api/v1/admin/agents/:agent_id/command": try AdminCommandRequest(json: json).json
    case "POST /api/v1/auth/logout", "POST /api/v1/sessions/:id/heartbeat",
      "POST /api/v1/admin/agents/:agent_id/approve", "POST /api/v1/admin/agents/:agent_id/reject",
      "POST /api/v1/admin/agents/:agent_id/rotate-key", "POST /api/v1/admin/agents/:agent_id/generate-key":
      try EmptyBody(json: json).json
    default: throw WireError.invalid(path: label, reason: "no model for this request")
    }
  }

  /// Decodes and encodes the body of an answer.
  func answer(_ status: Int, _ json: JSONValue) throws -> JSONValue {
    if let text = json.text { return try RecordedRoute.textAnswer(status, text) }
    if status >= 400, json["error"] != nil { return try ErrorBody(json: json).json }
    switch label {
    case "GET /health": return try HealthAnswer(json: json).json
    case "GET /version": return try VersionAnswer(json: json).json
    case "POST /api/v1/auth/login", "POST /api/v1/auth/refresh": return try LoginAnswer(json: json).json
    case "POST /api/v1/auth/logout": return try MessageAnswer(json: json).json
    case "GET /api/v1/sessions": return try SessionList(json: json).json
    case "POST /api/v1/sessions": return try CreateSessionAnswer(json: json).json
    case "GET /api/v1/sessions/:id": return try Session(json: json).json
    case "PATCH /api/v1/sessions/:id": return try UpdateSessionAnswer(json: json).json
    case "DELETE /api/v1/sessions/:id", "PUT /api/v1/sessions/:id/hibernate", "PUT /api/v1/sessions/:id/wake":
      return try SessionCommandAnswer(json: json).json
    case "GET /api/v1/sessions/:id/connect": return try ConnectAnswer(json: json).json
    case "POST /api/v1/sessions/:id/heartbeat": return try SessionHeartbeatAnswer(json: json).json
    case "GET /api/v1/vnc/:sessionId": return try HTTPSessionAnswer(json: json).json
    case "GET /api/v1/templates": return try TemplateList(json: json).json
    case "POST /api/v1/agents/register": return try RegistrationAnswer(json: json).json
    case "POST /api/v1/agents/:agent_id/heartbeat": return try AgentHeartbeatAnswer(json: json).json
    case "GET /api/v1/admin/agents": return try AgentList(json: json).json
    case "GET /api/v1/admin/agents/:agent_id": return try AgentRecord(json: json).json
    case "DELETE /api/v1/admin/agents/:agent_id", "POST /api/v1/admin/agents/:agent_id/reject":
      return try AgentMessageAnswer(json: json).json
    case "POST /api/v1/admin/agents/:agent_id/approve": return try ApproveAgentAnswer(json: json).json
    case "POST /api/v1/admin/agents/:agent_id/rotate-key", "POST /api/v1/admin/agents/:agent_id/generate-key":
      return try AgentKeyAnswer(json: json).json
    case "POST /api/v1/admin/agents/:agent_id/command": return try CommandRecord(json: json).json
    default: throw WireError.invalid(path: label, reason: "no model for this answer")
    }
  }

  /// An answer whose body is no JSON: the refused WebSocket has none, the others are fixed texts.
  private static func textAnswer(_ status: Int, _ text: String) throws -> JSONValue {
    let known: [HTTPResponse] = [HTTPResponse(.unauthorized), .pageNotFound, .notAnUpgrade]
    guard let answer = known.first(where: { $0.status.rawValue == status }) else {
      throw WireError.invalid(path: "", reason: "no text answer with status \(status)")
    }
    return .string(String(decoding: answer.body.bytes, as: UTF8.self))
  }
}
