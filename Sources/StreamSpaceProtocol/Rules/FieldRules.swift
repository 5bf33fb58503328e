/// The value rules of the core bodies (spec/02 §7.3): binding in step 1, lengths and lists in step 2. Each returns the
/// refusal, always 400, or nil.
package enum FieldRules {
  /// Body of the register route.
  package static func registration(_ request: AgentRegistrationRequest) -> ErrorBody? {
    let name = "AgentRegistrationRequest"
    var broken: [String] = []
    if request.agentID.isEmpty {
      broken.append(GoBinding.failure(structName: name, key: "agentId", tag: "required"))
    }
    if request.platform.isEmpty {
      broken.append(GoBinding.failure(structName: name, key: "platform", tag: "required"))
    } else if Platform(rawValue: request.platform) == nil {
      broken.append(GoBinding.failure(structName: name, key: "platform", tag: "oneof"))
    }
    if !broken.isEmpty { return .invalidRequestFormat(broken.joined(separator: "\n")) }
    var fields: [ErrorBody.Field] = []
    check(length: request.agentID, 3...100, "agentid", &fields)
    if let region = request.region, !region.isEmpty { check(length: region, 2...50, "region", &fields) }
    return fields.isEmpty ? nil : .validationFailed(fields)
  }

  /// Body of the HTTP heartbeat route.
  package static func heartbeat(_ request: AgentHeartbeatRequest) -> ErrorBody? {
    let name = "AgentHeartbeatRequest"
    if request.status.isEmpty {
      return .invalidRequestFormat(GoBinding.failure(structName: name, key: "status", tag: "required"))
    }
    if request.status != AgentStatus.online.rawValue, request.status != AgentStatus.draining.rawValue {
      return .invalidRequestFormat(GoBinding.failure(structName: name, key: "status", tag: "oneof"))
    }
    if request.activeSessions < 0 {
      return .validationFailed([
        ErrorBody.Field(name: "activesessions", text: "Must be greater than or equal to 0")
      ])
    }
    return nil
  }

  /// Body of the admin command route.
  package static func command(_ request: AdminCommandRequest) -> ErrorBody? {
    var fields: [ErrorBody.Field] = []
    if request.action.isEmpty {
      fields.append(ErrorBody.Field(name: "action", text: "action is required"))
    } else if AgentAction(rawValue: request.action) == nil {
      let actions = AgentAction.allCases.map(\.rawValue).joined(separator: " ")
      fields.append(ErrorBody.Field(name: "action", text: "Must be one of: \(actions)"))
    }
    if let session = request.sessionID, !session.isEmpty { check(length: session, 1...100, "sessionid", &fields) }
    return fields.isEmpty ? nil : .validationFailed(fields)
  }

  /// The key of an agent: exactly 64 hexadecimal characters; also tried on the bootstrap key, and before anything else
  /// (spec/01 §1.1).
  package static func agentKey(_ key: String) -> ErrorBody? {
    guard key.utf8.count == 64 else { return .invalidKeyFormat(length: key.utf8.count) }
    guard key.utf8.allSatisfy({ Hex.value(of: $0) != nil }) else { return .invalidKeyFormat(length: nil) }
    return nil
  }

  /// A user name: 3 to 50 letters, digits, hyphens, underscores.
  package static func isUsername(_ name: String) -> Bool {
    (3...50).contains(name.utf8.count)
      && name.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
          true
        default: false
        }
      }
  }

  private static func check(
    length text: String, _ range: ClosedRange<Int>, _ name: String, _ fields: inout [ErrorBody.Field]
  ) {
    let length = text.unicodeScalars.count
    if length < range.lowerBound {
      fields.append(ErrorBody.Field(name: name, text: "Must be at least \(range.lowerBound) characters"))
    } else if length > range.upperBound {
      fields.append(ErrorBody.Field(name: name, text: "Must be at most \(range.upperBound) characters"))
    }
  }
}
