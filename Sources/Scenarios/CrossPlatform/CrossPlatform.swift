import TestEnvironment

/// Scenario 8: Kubernetes and Docker side by side (spec/06 §8).
public enum CrossPlatform {
  /// XP-01 … XP-14.
  public static let cases: [TestCase] =
    (parityCases + placementCases + failOverCases + identityCases + versionCases + timeCases + manifestCases
    + freshnessCases + wireCases).sorted { $0.id < $1.id }

  typealias Platform = Topology.Agent.Platform

  /// T1 of each platform: one replica without Redis would do for Kubernetes, two with Redis is what TD has.
  static func eachPlatform(_ change: @escaping (inout Topology) -> Void = { _ in }) -> [Variant] {
    [Variant("Kubernetes", Topology.t1.with(change)), Variant("Docker", Topology.td.with(change), parameter: 1)]
  }
}

extension Environment {
  /// The platform of the variant's first agent.
  var platform: Topology.Agent.Platform { variant.topology.agents[0].platform }

  /// What counts as the workload on the platform.
  var workloadKind: String { platform == .docker ? "container" : "deployment" }
}
