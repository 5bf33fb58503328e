import StreamSpaceProtocol
import Testing

/// Answers that no recording holds, above all those the contract adds (spec/00).
@Suite("Answers")
struct AnswerTests {
  private let time = Timestamp(nanosecondsSince1970: 1_795_391_772_000_000_000)

  private func text(_ value: some WireEncodable) -> String { JSONWriter.text(of: value.json) }

  private var agent: AgentRecord {
    AgentRecord(
      id: "5b0f1f0e-0f6d-4b0e-9a51-0f6a3c1f8e21", agentID: "k8s-1", platform: "kubernetes", status: "online",
      createdAt: time, updatedAt: time)
  }

  @Test("refusals of the contract read as its table writes them")
  func contractRefusals() {
    #expect(text(ErrorBody.agentNotApproved("a")) == #"{"agentId":"a","error":"Agent not approved"}"#)
    #expect(text(ErrorBody.agentIdentityMismatch) == #"{"error":"Agent identity mismatch"}"#)
    #expect(text(ErrorBody.agentPlatformMismatch) == #"{"error":"Agent platform mismatch"}"#)
    #expect(text(ErrorBody.staleLeaderTerm(current: 7)) == #"{"currentTerm":7,"error":"Stale leader term"}"#)
    #expect(text(ErrorBody.agentIDInUse) == #"{"error":"Agent id in use"}"#)
    #expect(text(ErrorBody.unsupportedAgentProtocol) == #"{"error":"Unsupported agent protocol"}"#)
    #expect(
      text(ErrorBody.noAgents(.allFull))
        == #"{"error":"No agents available","message":"No online agents are currently available: all agents are at capacity"}"#
    )
    #expect(
      text(HealthAnswer.starting(reason: "migrations"))
        == #"{"reason":"migrations","service":"streamspace-api","status":"starting"}"#)
    #expect(
      text(BatchAnswer(total: 3, errors: [.init(id: "s-2", error: "Session not found")]))
        == #"{"total":3,"succeeded":2,"failed":1,"errors":[{"id":"s-2","error":"Session not found"}]}"#)
  }

  @Test("every refusal reads back equal")
  func refusalsReadBack() throws {
    let refusals: [ErrorBody] = [
      .staleLeaderTerm(current: .max), .rateLimitExceeded, .agentNotConnected("a", status: "offline"),
      .validationFailed([.init(name: "agentid", text: "x"), .init(name: "region", text: "y")]), .deregisterRefused,
      .licenseLimitExceeded(limit: 20),
    ]
    for refusal in refusals { #expect(try ErrorBody(decoding: refusal.encoded) == refusal) }
  }

  @Test("the fields of a validation answer are in byte order")
  func fieldOrder() {
    let body = ErrorBody.validationFailed([.init(name: "region", text: "r"), .init(name: "agentid", text: "a")])
    #expect(text(body) == #"{"error":"Validation failed","fields":{"agentid":"a","region":"r"}}"#)
  }

  @Test("a registration answer says the protocol in both forms, and the key only where it is given")
  func registration() throws {
    let forms: [RegistrationAnswer] = [
      .registered(agent, protocolVersion: nil), .registered(agent, protocolVersion: "2.1"),
      .enrolment(.init(agent: agent, approvalStatus: .pending, protocolVersion: "2.1")),
      .enrolment(.init(agent: agent, approvalStatus: .approved, apiKey: String(repeating: "a", count: 64))),
      .enrolment(.init(agent: agent, approvalStatus: .rejected)),
    ]
    for form in forms { #expect(try RegistrationAnswer(decoding: form.encoded) == form) }
    #expect(forms[1].json["protocol"] == "2.1" && forms[0].json["protocol"] == nil)
    #expect(forms[2].json["protocol"] == "2.1" && forms[2].json["apiKey"] == nil)
    #expect(forms.map(\.protocolVersion) == [nil, "2.1", "2.1", nil, nil])
    let statuses = ApprovalStatus.allCases.map { RegistrationAnswer.Enrolment(agent: agent, approvalStatus: $0).status }
    #expect(statuses == [.accepted, .ok, .forbidden])
  }

  @Test("an unknown approval status is an error that names it")
  func unknownApproval() {
    var json = RegistrationAnswer.enrolment(.init(agent: agent, approvalStatus: .pending)).json.members
    json?["approvalStatus"] = "perhaps"
    #expect(throws: WireError.invalid(path: "approvalStatus", reason: "unknown status 'perhaps'")) {
      try RegistrationAnswer(json: (json ?? JSONObject()).json)
    }
  }

  @Test("the metadata of the contract is set, read and sent beside foreign keys")
  func metadata() throws {
    var metadata = AgentMetadata(JSONObject([.init(key: "namespace", value: "streamspace")]))
    #expect(!metadata.speaksContract)
    metadata.protocolVersion = AgentMetadata.contractProtocol
    metadata.instanceID = "agent-0"
    metadata.leaderTerm = 4
    metadata.sessions = [.init(sessionID: "s", state: "running", podName: "p")]
    let request = AgentRegistrationRequest(agentID: "k8s-1", platform: .kubernetes, metadata: metadata)
    let read = try AgentRegistrationRequest(decoding: request.encoded)
    #expect(read == request)
    #expect(read.metadata?.speaksContract == true)
    #expect(read.metadata?.leaderTerm == 4)
    #expect(read.metadata?.sessions == [.init(sessionID: "s", state: "running", podName: "p")])
    #expect(
      text(metadata)
        == #"{"namespace":"streamspace","protocol":"2.1","instanceId":"agent-0","leaderTerm":4,"sessions":[{"sessionId":"s","state":"running","podName":"p"}]}"#
    )
    metadata.fields["sessions"] = ["broken"]
    #expect(metadata.sessions == nil)
    metadata.sessions = nil
    #expect(metadata.fields["sessions"] == nil)
  }

  @Test(
    "connect says whether the session is ready (spec/02 §5.6)",
    arguments: [
      ("hibernated", "/u", false, "Connection established. Session is waking from hibernation - please wait."),
      ("pending", "", false, "Connection established. Session is starting up - please wait."),
      ("running", "", false, "Connection established. Waiting for session endpoint - please wait."),
      ("running", "/u", true, "Connection established."),
    ])
  func connect(_ state: String, _ url: String, _ ready: Bool, _ message: String) {
    let answer = ConnectAnswer(connectionID: "c", state: state, url: url)
    #expect(answer.ready == ready)
    #expect(answer.message == message)
  }

  @Test("the create answer names agent and command, and they are found again")
  func createAnswer() throws {
    let answer = CreateSessionAnswer(
      name: "u01-xterm-vnc-0a1b2c3d", user: "u01", template: "xterm-vnc",
      resources: ResourceAmounts(cpu: "250m", memory: "512Mi"), persistentHome: false, agentID: "k8s-1",
      commandID: "cmd-41d2aa90")
    #expect(answer.statusMessage == "Session provisioning in progress (agent: k8s-1, command: cmd-41d2aa90)")
    #expect(answer.agentID == "k8s-1" && answer.commandID == "cmd-41d2aa90")
    #expect(try CreateSessionAnswer(decoding: answer.encoded) == answer)
  }

  @Test("a docker agent's capacity is stored with empty texts")
  func storedCapacity() {
    let report = CapacityReport.shippedDocker(DockerCapacity(maxCPU: 100, maxMemory: 128, maxSessions: 100))
    #expect(text(report.stored) == #"{"maxSessions":100,"cpu":"","memory":""}"#)
  }

  @Test("the small answers read back equal")
  func readBack() throws {
    try same(DisconnectAnswer(activeConnections: 0))
    try same(BatchJobAnswer(jobID: "batchjob_1", message: "Batch termination initiated"))
    try same(BatchSessionsRequest(sessionIDs: ["a", "b"]))
    try same(BatchAnswer(total: 0, errors: []))
    try same(HTTPSessionPendingAnswer(sessionID: "s", streamingProtocol: "selkies", message: "m"))
    try same(HealthAnswer.draining(reason: "shutdown"))
    try same(UpdateSessionRequest(state: nil))
    try same(UpdateTagsRequest(tags: []))
    try same(BatchTagsRequest(sessionIDs: ["a"], tags: ["t"], operation: .add))
    try same(CreateUserRequest(username: "u01", email: "u01@example.org", fullName: "U", password: "x", role: "user"))
    try same(UpdateUserRequest(active: false))
    try same(UpdateQuotaRequest(username: "u01", maxSessions: 7))
    try same(CachedAnswer(HTTPResponse(.ok, MessageAnswer("x"))))
  }

  private func same<Model: WireCodable & Equatable>(_ model: Model) throws {
    #expect(try Model(decoding: model.encoded) == model)
  }

  @Test("a cached answer comes out with its headers and marked as a hit")
  func cachedAnswer() {
    let cached = CachedAnswer(HTTPResponse(.ok, MessageAnswer("x")))
    #expect(cached.response.status == .ok)
    #expect(cached.response.headers["x-cache"] == "HIT")
    #expect(cached.response.body.bytes == Array(#"{"message":"x"}"#.utf8))
  }

  @Test("estimated sizes of bodies lie within a factor of two of the truth")
  func estimates() {
    for exhibit in Exhibits.all() where exhibit.label.hasPrefix("answer ") {
      let json = exhibit.document
      let estimate: Int
      switch exhibit.label {
      case "answer GET /api/v1/sessions 200": estimate = (try? SessionList(json: json))?.estimatedByteCount ?? 0
      case "answer POST /api/v1/sessions 202":
        estimate = (try? CreateSessionAnswer(json: json))?.estimatedByteCount ?? 0
      case "answer GET /api/v1/admin/agents 200": estimate = (try? AgentList(json: json))?.estimatedByteCount ?? 0
      case "answer POST /api/v1/agents/register 200", "answer POST /api/v1/agents/register 202":
        estimate = (try? RegistrationAnswer(json: json))?.estimatedByteCount ?? 0
      case "answer GET /api/v1/templates 200": estimate = (try? TemplateList(json: json))?.estimatedByteCount ?? 0
      case "answer GET /health 200": estimate = (try? HealthAnswer(json: json))?.estimatedByteCount ?? 0
      default: continue
      }
      let truth = JSONWriter.bytes(of: json).count
      #expect(estimate <= 2 * truth && truth <= 2 * estimate, "\(exhibit.label): \(estimate) for \(truth)")
    }
  }

  @Test("the raw row of the tags routes reads as spec/02 §6.2 shows it, empty keys left out")
  func rawSession() throws {
    let shown =
      #"{"id":"mira-libreoffice-7c1e09ab","user_id":"mira","org_id":"default-org","template_name":"libreoffice","state":"running","app_type":"","active_connections":1,"url":"/api/v1/sessions/mira-libreoffice-7c1e09ab/vnc","namespace":"streamspace","platform":"kubernetes","agent_id":"k8s-east-1","cluster_id":"east","pod_name":"mira-libreoffice-7c1e09ab-5d9c7","memory":"2Gi","cpu":"1000m","persistent_home":true,"idle_timeout":"45m","tags":["blue","q3"],"created_at":"2031-03-04T09:15:02.118004Z","updated_at":"2031-03-04T09:20:00Z","last_activity":"2031-03-04T09:17:40Z","streaming_protocol":"vnc","streaming_port":5900}"#
    let row = try RawSession(decoding: Array(shown.utf8))
    #expect(text(row) == shown)
    var bare = row
    bare.podName = ""
    bare.tags = []
    #expect(bare.json["pod_name"] == nil && bare.json["tags"] == nil)
    #expect(text(SessionsByTagsAnswer(sessions: [], tags: ["x"])) == #"{"sessions":null,"tags":["x"],"total":0}"#)
    try same(SessionsByTagsAnswer(sessions: [row], tags: ["blue"]))
  }

  @Test(
    "answers read as the examples of spec/02 §6 show them",
    arguments: [
      (
        #"{"activeConnections":1,"createdAt":"2031-03-04T09:15:02.118004Z","idleTimeout":"45m","maxSessionDuration":"6h","name":"mira-libreoffice-7c1e09ab","namespace":"streamspace","persistentHome":true,"platform":"kubernetes","resources":{"cpu":"1000m","memory":"2Gi"},"state":"running","status":{"lastActivity":"2031-03-04T09:17:40Z","phase":"Running","podName":"mira-libreoffice-7c1e09ab-5d9c7","url":"/api/v1/sessions/mira-libreoffice-7c1e09ab/vnc"},"streamingPath":"","streamingPort":5900,"streamingProtocol":"vnc","template":"libreoffice","user":"mira"}"#,
        "session"
      ),
      (
        #"{"id":"5b0f1f0e-0f6d-4b0e-9a51-0f6a3c1f8e21","agentId":"k8s-east-1","platform":"kubernetes","region":"east","status":"online","capacity":{"maxSessions":40,"cpu":"32 cores","memory":"128Gi","storage":"1Ti"},"lastHeartbeat":"2031-03-04T09:20:30.5Z","metadata":{"version":"2.0"},"approvalStatus":"approved","approvedAt":"2031-03-01T10:00:00Z","approvedBy":"admin","createdAt":"2031-03-01T09:58:11Z","updatedAt":"2031-03-04T09:20:30.5Z"}"#,
        "agent"
      ),
      (
        #"{"id":"9d6e0d3c-7a0b-4a25-a3be-2c54d1c7f001","orgId":"","username":"mira","email":"mira@example.org","fullName":"Mira Olsen","role":"user","provider":"local","active":true,"createdAt":"2031-01-10T07:00:00Z","updatedAt":"2031-03-04T09:00:00Z","lastLogin":"2031-03-04T09:00:00Z","quota":{"userId":"9d6e0d3c-7a0b-4a25-a3be-2c54d1c7f001","username":"","maxSessions":5,"maxCpu":"4000m","maxMemory":"16Gi","maxStorage":"100Gi","usedSessions":0,"usedCpu":"0","usedMemory":"0","usedStorage":"0","createdAt":"2031-01-10T07:00:00Z","updatedAt":"2031-01-10T07:00:00Z"},"groups":["all-users"]}"#,
        "user"
      ),
    ])
  func examples(_ shown: String, _ kind: String) throws {
    let bytes = Array(shown.utf8)
    let again: any WireEncodable =
      switch kind {
      case "session": try Session(decoding: bytes)
      case "agent": try AgentRecord(decoding: bytes)
      default: try UserAccount(decoding: bytes)
      }
    #expect(JSONWriter.text(of: again.json) == shown)
  }
}
