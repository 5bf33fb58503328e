/// 200, 202 and 403 of `POST /api/v1/agents/register` (spec/02 §5.12).
package enum RegistrationAnswer: WireCodable, Hashable {
  /// 200 to the agent's own key: the bare object, with the extra key `protocol` under contract (C33).
  case registered(AgentRecord, protocolVersion: String?)
  /// 202 pending, 200 approved, 403 rejected to the bootstrap key.
  case enrolment(Enrolment)

  /// The wrapped form.
  package struct Enrolment: Sendable, Hashable {
    package var agent: AgentRecord
    package var approvalStatus: ApprovalStatus
    /// Only to a bootstrap poll after the approval, until the key is first used (contract, C7).
    package var apiKey: String?
    package var message: String
    /// `"2.1"` under contract (C33).
    package var protocolVersion: String?

    package init(
      agent: AgentRecord, approvalStatus: ApprovalStatus, apiKey: String? = nil, protocolVersion: String? = nil
    ) {
      self.agent = agent
      self.approvalStatus = approvalStatus
      self.apiKey = apiKey
      self.protocolVersion = protocolVersion
      message = Enrolment.message(approvalStatus)
    }

    /// The recorded texts [rec 02].
    package static func message(_ status: ApprovalStatus) -> String {
      switch status {
      case .pending:
        "Agent registration request received. Waiting for administrator approval. Please retry registration periodically."
      case .approved: "Agent approved. Use your configured API key for subsequent requests."
      case .rejected: "Agent registration has been rejected by administrator."
      }
    }

    /// 202, 200 or 403.
    package var status: HTTPStatus {
      switch approvalStatus {
      case .pending: .accepted
      case .approved: .ok
      case .rejected: .forbidden
      }
    }
  }

  /// The agent in either form.
  package var agent: AgentRecord {
    switch self {
    case .registered(let agent, _): agent
    case .enrolment(let enrolment): enrolment.agent
    }
  }

  /// The protocol the control plane offers, nil for a shipped one.
  package var protocolVersion: String? {
    switch self {
    case .registered(_, let version): version
    case .enrolment(let enrolment): enrolment.protocolVersion
    }
  }

  package init(json: JSONValue) throws(WireError) {
    let reader = try JSONReader(json)
    let version = try reader.optionalText("protocol")
    guard let agent = try reader.optional("agent", as: AgentRecord.self) else {
      self = .registered(try AgentRecord(json: json), protocolVersion: version)
      return
    }
    let text = try reader.text("approvalStatus")
    guard let status = ApprovalStatus(rawValue: text) else {
      throw .invalid(path: "approvalStatus", reason: "unknown status '\(text)'")
    }
    var enrolment = Enrolment(
      agent: agent, approvalStatus: status, apiKey: try reader.optionalText("apiKey"), protocolVersion: version)
    enrolment.message = try reader.text("message", default: "")
    self = .enrolment(enrolment)
  }

  package var json: JSONValue {
    switch self {
    case .registered(let agent, let version):
      guard let version, case .object(var object) = agent.json else { return agent.json }
      object.add("protocol", version)
      return .object(object)
    case .enrolment(let enrolment):
      var object = JSONObject(reserving: 5)
      object.add("agent", enrolment.agent)
      object.addIfPresent("apiKey", enrolment.apiKey)
      object.add("approvalStatus", enrolment.approvalStatus)
      object.add("message", enrolment.message)
      object.addIfPresent("protocol", enrolment.protocolVersion)
      return .object(object)
    }
  }

  package var estimatedByteCount: Int { 600 }
}
