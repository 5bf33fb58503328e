/// Kinds of faults that a drawn plan has or has not (lesson L12): each is switched on or off for a whole run.
enum FaultFamily: String, CaseIterable {
  case replicaKill, agentKill, pause, agentCut, dataCut, platformCut, halfOpen, reset, slow, redis, database
  case platform, clock, lostAck, step, statement, recipe

  /// Whether the deployment has what it befalls.
  func fits(_ deployment: ChaosDeployment) -> Bool {
    switch self {
    case .redis: deployment.hasRedis
    case .platformCut: deployment.agents.contains { $0.platform == .kubernetes }
    default: true
    }
  }

  /// How often it is drawn where it is on.
  var weight: Int {
    switch self {
    case .recipe: 15
    case .replicaKill, .agentKill: 6
    case .redis, .platform, .step: 4
    case .clock: 1
    default: 3
    }
  }
}
