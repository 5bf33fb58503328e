/// How much likelier a run fails with a trait than without it (feature U5): what failures have in common, by counting.
package struct RiskRatio: Sendable, Equatable {
  package var trait: String
  package var runsWith: Int
  package var failingWith: Int
  package var runsWithout: Int
  package var failingWithout: Int

  /// Hundredths of the ratio and of the bounds of its 95 % interval (Katz; half a run is added where none failed).
  /// Figures for a reader: nothing is decided by them.
  package var hundredths: (ratio: Int, low: Int, high: Int) {
    let isBare = failingWith == 0 || failingWithout == 0
    let addition = isBare ? 0.5 : 0
    let (with, without) = (Double(failingWith) + addition, Double(failingWithout) + addition)
    let (allWith, allWithout) = (Double(runsWith) + 2 * addition, Double(runsWithout) + 2 * addition)
    let ratio = (with / allWith) / (without / allWithout)
    let variance = 1 / with - 1 / allWith + 1 / without - 1 / allWithout
    let factor = Self.exponential(1.96 * max(variance, 0).squareRoot())
    func hundredths(_ value: Double) -> Int { Int(min(value * 100, 9_999_900).rounded()) }
    return (hundredths(ratio), hundredths(ratio / factor), hundredths(ratio * factor))
  }

  /// Traits of a campaign that failed at all, those first whose lower bound is highest. Traits of every run, or of none
  /// but very few, tell nothing.
  package static func all(of tally: CampaignTally, fewest: Int = 5) -> [RiskRatio] {
    guard tally.failing > 0, tally.failing < tally.runs else { return [] }
    let ratios = tally.traits.keys.sorted().compactMap { name -> RiskRatio? in
      guard let trait = tally.traits[name], trait.runs >= fewest, tally.runs - trait.runs >= fewest else { return nil }
      return RiskRatio(
        trait: name, runsWith: trait.runs, failingWith: trait.failing, runsWithout: tally.runs - trait.runs,
        failingWithout: tally.failing - trait.failing)
    }
    return ratios.sorted { ($1.hundredths.low, $0.trait) < ($0.hundredths.low, $1.trait) }
  }

  /// e to a power from 0 on: the series of a small part of it, squared ten times.
  private static func exponential(_ power: Double) -> Double {
    let part = power / 1_024
    var value = 1 + part * (1 + part / 2 * (1 + part / 3 * (1 + part / 4)))
    for _ in 0..<10 { value *= value }
    return value
  }
}
