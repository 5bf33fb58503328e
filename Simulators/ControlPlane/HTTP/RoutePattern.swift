/// A path pattern such as `/api/v1/agents/:agent_id/heartbeat`; a last part `*name` takes the rest of the path.
struct RoutePattern {
  enum Part: Equatable {
    case literal(String)
    case parameter(String)
    case rest(String)
  }

  let parts: [Part]

  init(_ text: String) {
    parts = text.utf8.split(separator: UInt8(ascii: "/")).map { part in
      switch part.first {
      case UInt8(ascii: ":"): .parameter(String(Substring(part.dropFirst())))
      case UInt8(ascii: "*"): .rest(String(Substring(part.dropFirst())))
      default: .literal(String(Substring(part)))
      }
    }
  }

  /// The parameters if `segments` fit, else nil.
  func match(_ segments: [String]) -> [(name: String, value: String)]? {
    var parameters: [(name: String, value: String)] = []
    for (index, part) in parts.enumerated() {
      if case .rest(let name) = part {
        parameters.append((name, segments.dropFirst(index).joined(separator: "/")))
        return parameters
      }
      guard index < segments.count else { return nil }
      switch part {
      case .literal(let text): if text != segments[index] { return nil }
      case .parameter(let name): parameters.append((name, segments[index]))
      case .rest: return nil
      }
    }
    return segments.count == parts.count ? parameters : nil
  }

  /// Whether this pattern is tried before `other`: literal parts go before parameters, those before rests.
  func precedes(_ other: RoutePattern) -> Bool {
    for (mine, theirs) in zip(parts, other.parts) {
      let (mine, theirs) = (Self.rank(mine), Self.rank(theirs))
      if mine != theirs { return mine < theirs }
    }
    return false
  }

  private static func rank(_ part: Part) -> Int {
    switch part {
    case .literal: 0
    case .parameter: 1
    case .rest: 2
    }
  }
}
