import TestEnvironment

/// Scenario 1: the multi-replica control plane (spec/06 §1).
public enum HAMultiPodAPI {
  /// HA-API-01 … HA-API-19.
  public static let cases: [TestCase] =
    routingCases + replicaLossCases + redisCases + agentMovementCases + commandCases + stalenessCases + startCases
}
