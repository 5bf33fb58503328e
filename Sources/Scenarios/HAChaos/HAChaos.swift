import TestEnvironment

/// Scenario 5: combined failures (spec/06 §5).
public enum HAChaos {
  /// CHAOS-01 … CHAOS-16.
  public static let cases: [TestCase] = [
    replicaAndRedis, leaderAndReplica, killLoop, redisFlapping, databaseOutage, controlPlaneSplit, controlPlaneAway,
    skewAndKills, scheduleFuzz, everythingRolls, reconnectStorm, killsDuringTransitions, crashPoints, soak,
    clusterBrownOut, zombieCensus,
  ]

  static let scenario = ScenarioName.haChaos
}
