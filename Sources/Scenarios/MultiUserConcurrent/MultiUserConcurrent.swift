import TestEnvironment

/// Scenario 6: many users (spec/06 §6).
public enum MultiUserConcurrent {
  /// MU-01 … MU-16.
  public static let cases: [TestCase] = []
}
