import TestEnvironment

/// Scenario 3: the Docker agent (spec/06 §3).
public enum DockerAgentLifecycle {
  /// DOCK-01 … DOCK-18. Each writes an inventory of the platform's objects at its end.
  public static let cases: [TestCase] =
    (lifeCycleCases + protocolCases + outageCases + stepCases + electionCases + enrolmentCases)
    .sorted { $0.id < $1.id }.map(withInventory)

  private static func withInventory(_ testCase: TestCase) -> TestCase {
    var testCase = testCase
    let body = testCase.body
    let title = testCase.title
    testCase.body = { environment in
      try await body(environment)
      try await environment.recordInventory(of: title)
    }
    return testCase
  }
}
