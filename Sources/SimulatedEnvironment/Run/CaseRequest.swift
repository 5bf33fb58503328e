import SimulationRuntime
import TestEnvironment

/// One run that was asked for.
public struct CaseRequest: Sendable {
  public var testCase: TestCase
  public var variant: Variant
  public var seed: UInt64
  public var profile: Profile
  public var depth: Depth
  public var strategy: Strategy
  /// Where the database half gets its databases in the simulation; nil: from SQLite in this process.
  package var makeLaboratory: (@Sendable () -> any DatabaseLaboratory)?
  /// Whether every decision is kept.
  var recordsDecisions = false
  /// Answers instead of the seed's, as far as they go.
  var replaying: DecisionLog?
  /// From an instant on everything is drawn from another seed.
  var reseed: Simulation.Configuration.Reseed?

  public init(
    testCase: TestCase, variant: Variant, seed: UInt64, profile: Profile = .contract, depth: Depth = .plain,
    strategy: Strategy = .random
  ) {
    self.testCase = testCase
    self.variant = variant
    self.seed = seed
    self.profile = profile
    self.depth = depth
    self.strategy = strategy
  }

  /// Which variants of a case a run from `seed` does: all, or in a plain run of a case that scans, the seed's one.
  ///
  /// `isOneOfMany`: the seed is one of a range of seeds that the same run goes through.
  public static func variants(
    of testCase: TestCase, seed: UInt64, depth: Depth, isOneOfMany: Bool = false
  ) -> [Variant] {
    guard depth == .plain else { return testCase.variants }
    switch testCase.plainVariants {
    case .all: return testCase.variants
    case .inTurn:
      return isOneOfMany
        ? [testCase.variants[Int(seed % UInt64(testCase.variants.count))]] : testCase.variants
    case .oneBySeed: break
    }
    var hash = TraceHash()
    hash.mix(seed)
    hash.mix(testCase.id)
    return [testCase.variants[Int(hash.value % UInt64(testCase.variants.count))]]
  }

  /// The seed of the simulation: different for each case and variant of one seed.
  var simulationSeed: UInt64 {
    var hash = TraceHash()
    hash.mix(seed)
    hash.mix(testCase.id)
    hash.mix(variant.name)
    return hash.value
  }
}
