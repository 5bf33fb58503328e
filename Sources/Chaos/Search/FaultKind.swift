import TestEnvironment

/// What a fault is called in tables: `kill crash`, `kubernetes throttled`; without its target, times and figures.
package enum FaultKind {
  package static func name(of fault: ChaosFault) -> String {
    switch fault {
    case .kill(_, let death): "\(fault.kind) \(death.rawValue)"
    case .kubernetes(let trouble): "\(fault.kind) \(label(trouble))"
    case .docker(_, let trouble): "\(fault.kind) \(label(trouble))"
    case .killAtStep(_, _, let step, _): "\(fault.kind) \(step.rawValue)"
    default: fault.kind
    }
  }

  /// What it befalls: `leader`, `holder and redis`; nil when its kind tells.
  package static func role(of fault: ChaosFault) -> String? {
    switch fault {
    case .kill(let target, _), .pause(let target), .skew(let target, _), .drift(let target, _): role(of: target)
    case .cut(let first, let second), .reset(let first, let second), .slow(let first, let second, _):
      "\(role(of: first)) and \(role(of: second))"
    case .cutOneWay(let from, let to): "\(role(of: from)) to \(role(of: to))"
    case .halfOpen(let gone, let unaware): "\(role(of: gone)) gone, \(role(of: unaware)) unaware"
    default: nil
    }
  }

  private static func role(of target: ChaosTarget) -> String {
    switch target {
    case .replica: "replica"
    case .holder: "holder"
    case .agent: "agent"
    case .instance: "instance"
    case .leader: "leader"
    case .standby: "standby"
    case .redis: "Redis"
    case .database: "database"
    case .kubernetes: "Kubernetes"
    case .docker: "Docker"
    case .controlPlane: "control plane"
    }
  }

  private static func label(_ trouble: KubernetesTrouble) -> String {
    switch trouble {
    case .down: "down"
    case .refusing: "refusing"
    case .throttled: "throttled"
    case .conflicts: "conflicts"
    case .forbidden: "forbidden"
    case .slow: "slow"
    case .answersLost: "answers-lost"
    case .brownOut: "brown-out"
    case .unschedulable: "unschedulable"
    case .staleReads: "stale-reads"
    case .nodeNotReady: "node-not-ready"
    }
  }

  private static func label(_ trouble: DockerTrouble) -> String {
    switch trouble {
    case .down: "down"
    case .restart: "restart"
    case .createFails: "create-fails"
    case .startFails: "start-fails"
    case .slow: "slow"
    case .answersLost: "answers-lost"
    case .errors: "errors"
    }
  }
}
