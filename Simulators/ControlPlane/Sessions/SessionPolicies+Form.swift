import StreamSpaceProtocol

extension SessionPolicies.Manifest {
  /// The document as `start_session` carries it.
  func applied(to manifest: JSONValue) -> JSONValue {
    switch self {
    case .asStored: manifest
    case .fieldNames: Self.capitalised(manifest)
    case .omitted: .null
    }
  }

  /// Every key with its first letter in upper case, as a program writes a document whose fields carry no names.
  private static func capitalised(_ value: JSONValue) -> JSONValue {
    if let object = value.members {
      var result = JSONObject(reserving: object.members.count)
      for member in object.members {
        result.add(member.key.prefix(1).uppercased() + member.key.dropFirst(), capitalised(member.value))
      }
      return .object(result)
    }
    if let elements = value.elements { return .array(elements.map(capitalised)) }
    return value
  }
}

extension SessionPolicies.StateNames {
  /// The session as answers and pushes show it.
  func applied(to session: Session) -> Session {
    guard self == .swapped else { return session }
    var session = session
    session.status.phase = session.state
    session.state = GoText.phase(of: session.state)
    return session
  }
}
