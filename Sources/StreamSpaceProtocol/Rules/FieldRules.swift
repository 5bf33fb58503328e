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

  /// Body of the route that makes users.
  package static func user(_ request: CreateUserRequest) -> ErrorBody? {
    let missing = [("username", request.username), ("email", request.email), ("fullName", request.fullName)]
      .filter { $0.1.isEmpty }
      .map { GoBinding.failure(structName: "CreateUserRequest", key: $0.0, tag: "required") }
    if !missing.isEmpty { return .invalidRequestFormat(missing.joined(separator: "\n")) }
    var fields: [ErrorBody.Field] = []
    if !isUsername(request.username) {
      fields.append(
        ErrorBody.Field(
          name: "username",
          text: "Username must be 3-50 characters, alphanumeric with hyphens/underscores only"))
    }
    if !isEmail(request.email) { fields.append(ErrorBody.Field(name: "email", text: "Invalid email format")) }
    check(length: request.fullName, 1...200, "fullname", &fields)
    let provider = request.provider ?? "local"
    if let password = request.password, !isPassword(password) {
      fields.append(
        ErrorBody.Field(
          name: "password",
          text:
            "Password must be at least 8 characters with uppercase, lowercase, number, and special character"))
    } else if request.password == nil, provider == "local" {
      fields.append(ErrorBody.Field(name: "password", text: "password is required"))
    }
    if let role = request.role, UserRole(rawValue: role) == nil {
      fields.append(ErrorBody.Field(name: "role", text: "Must be one of: user admin operator"))
    }
    if !["local", "saml", "oidc"].contains(provider) {
      fields.append(ErrorBody.Field(name: "provider", text: "Must be one of: local saml oidc"))
    }
    return fields.isEmpty ? nil : .validationFailed(fields)
  }

  /// Eight characters or more with upper, lower, digit and a special one (spec/02 §2.10).
  package static func isPassword(_ password: String) -> Bool {
    let bytes = Array(password.utf8)
    return bytes.count >= 8 && bytes.contains { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }
      && bytes.contains { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) }
      && bytes.contains { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
      && bytes.contains { "!@#$%^&*()_+-=[]{}|;:,.<>?".utf8.contains($0) }
  }

  /// One `@` with something before it and a name with a dot behind it, no blanks.
  package static func isEmail(_ address: String) -> Bool {
    let parts = address.utf8.split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[0].isEmpty, !address.utf8.contains(where: { $0 <= 0x20 }) else { return false }
    let labels = parts[1].split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    return labels.count >= 2 && labels.allSatisfy { !$0.isEmpty }
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
