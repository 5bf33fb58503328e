import TestEnvironment

extension ChaosDeployment {
  /// A deployment drawn from a seed: T3 of spec/06 §0.1 and its neighbours.
  init(_ draw: SwarmDraw) {
    let replicas = draw.weighted("replicas", [(1, 15), (2, 30), (3, 45), (4, 10)]) ?? 3
    self.init(
      replicas: replicas, hasRedis: replicas > 1 || draw.chance("redis", percent: 50),
      cacheEnabled: draw.chance("cache", percent: 20), agents: Self.agents(draw), users: 4, sessions: 6, probes: 3)
    if !hasRedis { cacheEnabled = false }
  }

  private static func agents(_ draw: SwarmDraw) -> [Agent] {
    let elected = Agent(instances: 3)
    let single = Agent()
    let docker = Agent(platform: .docker)
    let dockers = Agent(platform: .docker, instances: 3)
    return draw.weighted(
      "agents",
      [
        ([elected], 35), ([Agent(instances: 2)], 8), ([single], 10), ([docker], 8), ([dockers], 10),
        ([elected, docker], 9),
        ([single, single], 8), ([elected, single], 6), ([single, dockers], 6),
      ]) ?? [elected]
  }
}
