import TestEnvironment

/// Scenario 5: combined failures (spec/06 §5).
public enum HAChaos {
  /// CHAOS-01 … CHAOS-16.
  public static let cases: [TestCase] = []
}
