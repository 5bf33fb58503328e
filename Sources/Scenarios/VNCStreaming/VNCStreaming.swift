import TestEnvironment

/// Scenario 4: a desktop from the container to the viewer and back (spec/06 §4).
public enum VNCStreaming {
  /// VNC-K-01 … VNC-K-17 on Kubernetes, VNC-D-01 … VNC-D-07 on Docker, in this order.
  public static let cases: [TestCase] =
    (openCases + byteCases + stayCases + interruptionCases + refusalCases + loadCases)
    .sorted { rank($0.id) < rank($1.id) }

  private static func rank(_ id: String) -> String { (id.hasPrefix("VNC-K") ? "0" : "1") + id }

  /// The scenario of every case here.
  static let scenario = ScenarioName.vncStreaming

  /// T1 whose agent is on Docker: the same deployment on the other platform (VNC-D-07).
  static let dockerT1 = Topology.td.with {
    $0.name = "T1 on Docker"
    $0.replicas = 1
    $0.hasRedis = false
  }
}
