import TestEnvironment

/// Scenario 7: throughput, resources, load (spec/06 §7).
public enum PerformanceLoad {
  /// PERF-THR-01 … PERF-LOAD-06.
  public static let cases: [TestCase] = throughputCases + resourceCases + loadCases

  /// The scenario of every case here.
  static let scenario = ScenarioName.performanceLoad
}
