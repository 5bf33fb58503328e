/// How plans write a target: `replica 0`, `leader of agent 1`, `instance 2 of agent 0`, `redis`.
extension ChaosTarget {
  public var text: String {
    switch self {
    case .replica(let index): "replica \(index)"
    case .holder(let agent): "holder of agent \(agent)"
    case .agent(let index): "agent \(index)"
    case .instance(let agent, let index): "instance \(index) of agent \(agent)"
    case .leader(let agent): "leader of agent \(agent)"
    case .standby(let agent): "standby of agent \(agent)"
    case .redis: "redis"
    case .database: "database"
    case .kubernetes: "kubernetes"
    case .docker(let agent): "docker of agent \(agent)"
    case .controlPlane: "control plane"
    }
  }

  /// Reads what ``text`` writes; nil for anything else.
  public init?(_ text: String) {
    switch text {
    case "redis": self = .redis
    case "database": self = .database
    case "kubernetes": self = .kubernetes
    case "control plane": self = .controlPlane
    default:
      let words = text.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
      guard let index = words.last.flatMap(Self.index) else { return nil }
      switch words.dropLast() {
      case ["replica"]: self = .replica(index)
      case ["agent"]: self = .agent(index)
      case ["holder", "of", "agent"]: self = .holder(agent: index)
      case ["leader", "of", "agent"]: self = .leader(agent: index)
      case ["standby", "of", "agent"]: self = .standby(agent: index)
      case ["docker", "of", "agent"]: self = .docker(agent: index)
      default:
        guard words.count == 5, words[0] == "instance", words[2...3] == ["of", "agent"],
          let instance = Self.index(words[1])
        else { return nil }
        self = .instance(agent: index, instance)
      }
    }
  }

  private static func index(_ text: String) -> Int? {
    guard (1...3).contains(text.count), text.allSatisfy({ $0.isASCII && $0.isNumber }) else { return nil }
    return Int(text)
  }
}
