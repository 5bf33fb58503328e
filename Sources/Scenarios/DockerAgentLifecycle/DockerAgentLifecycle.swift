import TestEnvironment

/// Scenario 3: the Docker agent (spec/06 §3).
public enum DockerAgentLifecycle {
  /// DOCK-01 … DOCK-18.
  public static let cases: [TestCase] =
    lifeCycleCases + protocolCases + outageCases + stepCases + electionCases
    + enrolmentCases
}
