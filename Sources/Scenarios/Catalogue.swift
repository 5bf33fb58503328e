import TestEnvironment

/// Every case of the harness, in the order of spec/06.
public enum Catalogue {
  public static let cases: [TestCase] =
    HAMultiPodAPI.cases + HAKubernetesAgentLeaderElection.cases + DockerAgentLifecycle.cases + VNCStreaming.cases
    + HAChaos.cases + MultiUserConcurrent.cases + PerformanceLoad.cases + CrossPlatform.cases
    + DatabaseMigrations.cases

  /// The cases that `selector` names: a scenario, a case id, or the beginning of ids up to a hyphen (`HA-API`).
  /// Empty if nothing matches.
  public static func cases(matching selector: String) -> [TestCase] {
    if let scenario = ScenarioName(rawValue: selector) { return cases.filter { $0.scenario == scenario } }
    let wanted = selector.uppercased()
    if let exact = cases.first(where: { $0.id == wanted }) { return [exact] }
    return cases.filter { $0.id.hasPrefix(wanted + "-") }
  }

  /// Scenarios that have cases, in the order of spec/06.
  public static var scenarios: [ScenarioName] {
    ScenarioName.allCases.filter { scenario in cases.contains { $0.scenario == scenario } }
  }
}
