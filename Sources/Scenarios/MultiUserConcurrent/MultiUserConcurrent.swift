import TestEnvironment

/// Scenario 6: many users (spec/06 §6).
public enum MultiUserConcurrent {
  /// MU-01 … MU-16.
  public static let cases: [TestCase] =
    startCases + isolationCases + quotaCases + endingCases + sharingCases

  static let scenario = ScenarioName.multiUserConcurrent
  /// The organisation beside the default one.
  static let otherOrganisation = "acme"
}
