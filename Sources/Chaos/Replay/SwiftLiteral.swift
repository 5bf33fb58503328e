import TestEnvironment

/// Plans as Swift source, with the public interface of this module.
enum SwiftLiteral {
  static func of(_ span: Duration) -> String {
    let (seconds, attoseconds) = span.components
    if attoseconds == 0 { return ".seconds(\(seconds))" }
    if attoseconds % 1_000_000_000_000_000 == 0 {
      return ".milliseconds(\(seconds * 1_000 + attoseconds / 1_000_000_000_000_000))"
    }
    return ".nanoseconds(\(seconds * 1_000_000_000 + attoseconds / 1_000_000_000))"
  }

  static func of(_ text: String) -> String {
    var literal = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": literal += "\\\(scalar)"
      case "\n": literal += "\\n"
      default: literal += scalar.value < 32 ? "\\u{\(String(scalar.value, radix: 16))}" : String(scalar)
      }
    }
    return literal + "\""
  }

  static func of(_ operation: PlannedOperation) -> String {
    let session = operation.verb.session.map { "(\($0))" } ?? ""
    let replica = operation.replica.map { ", replica: \($0)" } ?? ""
    return
      "PlannedOperation(at: \(of(operation.at)), user: \(operation.user), .\(operation.verb.name)\(session)\(replica))"
  }

  static func of(_ fault: PlannedFault) -> String {
    let recipe = fault.recipe.isEmpty ? "" : ", recipe: \(of(fault.recipe))"
    return "PlannedFault(at: \(of(fault.at)), lasts: \(of(fault.lasts)), \(of(fault.what))\(recipe))"
  }

  static func of(_ agent: ChaosDeployment.Agent) -> String {
    "ChaosDeployment.Agent(platform: .\(agent.platform.rawValue), instances: \(agent.instances), "
      + "maxSessions: \(agent.maxSessions))"
  }

  static func of(_ fault: ChaosFault) -> String {
    switch fault {
    case .kill(let target, let death): ".kill(\(of(target)), .\(death.rawValue))"
    case .pause(let target): ".pause(\(of(target)))"
    case .cut(let a, let b): ".cut(\(of(a)), \(of(b)))"
    case .cutOneWay(let from, let to): ".cutOneWay(from: \(of(from)), to: \(of(to)))"
    case .halfOpen(let gone, let unaware): ".halfOpen(gone: \(of(gone)), unaware: \(of(unaware)))"
    case .reset(let a, let b): ".reset(\(of(a)), \(of(b)))"
    case .slow(let a, let b, let span): ".slow(\(of(a)), \(of(b)), by: \(of(span)))"
    case .redisDown: ".redisDown"
    case .redisRestartEmpty: ".redisRestartEmpty"
    case .redisEvictRoute(let agent): ".redisEvictRoute(agent: \(agent))"
    case .redisSlow(let span): ".redisSlow(by: \(of(span)))"
    case .redisLosePubSub: ".redisLosePubSub"
    case .databaseDown: ".databaseDown"
    case .databaseSlow(let span): ".databaseSlow(by: \(of(span)))"
    case .dispatcherSlow(let span): ".dispatcherSlow(by: \(of(span)))"
    case .databaseRequest(let replica, let number, let trouble):
      ".databaseRequest(replica: \(replica), number: \(number), \(of(trouble)))"
    case .kubernetes(let trouble): ".kubernetes(\(of(trouble)))"
    case .docker(let agent, let trouble): ".docker(agent: \(agent), \(of(trouble)))"
    case .skew(let target, let span): ".skew(\(of(target)), by: \(of(span)))"
    case .drift(let target, let ppm): ".drift(\(of(target)), ppm: \(ppm))"
    case .loseAck(let agent): ".loseAck(agent: \(agent))"
    case .killAtStep(let agent, let command, let step, let death):
      ".killAtStep(agent: \(agent), command: \(of(command)), .\(step.rawValue), .\(death.rawValue))"
    }
  }

  static func of(_ target: ChaosTarget) -> String {
    switch target {
    case .replica(let index): ".replica(\(index))"
    case .holder(let agent): ".holder(agent: \(agent))"
    case .agent(let index): ".agent(\(index))"
    case .instance(let agent, let index): ".instance(agent: \(agent), \(index))"
    case .leader(let agent): ".leader(agent: \(agent))"
    case .standby(let agent): ".standby(agent: \(agent))"
    case .redis: ".redis"
    case .database: ".database"
    case .kubernetes: ".kubernetes"
    case .docker(let agent): ".docker(agent: \(agent))"
    case .controlPlane: ".controlPlane"
    }
  }

  private static func of(_ trouble: DatabaseTrouble) -> String {
    switch trouble {
    case .crash: ".crash"
    case .error(let state): ".error(sqlState: \(of(state)))"
    case .answerLost(let done): ".answerLost(done: \(done.map { "\($0)" } ?? "nil"))"
    }
  }

  private static func of(_ trouble: KubernetesTrouble) -> String {
    switch trouble {
    case .down: ".down"
    case .refusing: ".refusing"
    case .throttled: ".throttled"
    case .conflicts(let resource, let percent): ".conflicts(resource: \(of(resource)), percent: \(percent))"
    case .forbidden(let verb, let resource):
      ".forbidden(verb: \(verb.map { of($0) } ?? "nil"), resource: \(of(resource)))"
    case .slow(let span): ".slow(by: \(of(span)))"
    case .answersLost(let percent): ".answersLost(percent: \(percent))"
    case .brownOut(let percent): ".brownOut(percent: \(percent))"
    case .unschedulable: ".unschedulable"
    case .staleReads(let span): ".staleReads(by: \(of(span)))"
    case .nodeNotReady: ".nodeNotReady"
    }
  }

  private static func of(_ trouble: DockerTrouble) -> String {
    switch trouble {
    case .down: ".down"
    case .restart: ".restart"
    case .createFails: ".createFails"
    case .startFails: ".startFails"
    case .slow(let span): ".slow(by: \(of(span)))"
    case .answersLost(let percent): ".answersLost(percent: \(percent))"
    case .errors(let percent): ".errors(percent: \(percent))"
    }
  }
}
