import Oracles
import TestEnvironment

/// What real time may add to a measured duration before an expectation is red: a machine that does other things too, and
/// looks that come every 100 ms. Such a gate is reported with its figure, not judged.
package struct WallClockAllowance: Sendable {
  /// Above a target that is a highest duration.
  package var late: Duration = .seconds(1)
  /// Below a target that is a lowest duration: looks may come late at the beginning.
  package var early: Duration = .milliseconds(250)

  package init() {}

  /// The expectation, without a verdict where real time may explain what was missed.
  package func reported(_ expectation: Expectation) -> Expectation {
    guard !expectation.isMet, case .duration(let measured) = expectation.measured, isExcused(measured, expectation)
    else { return expectation }
    return Expectation(
      name: "\(expectation.name) (missed its target by less than real time allows)", target: .reported,
      measured: expectation.measured, time: expectation.time)
  }

  private func isExcused(_ measured: Duration, _ expectation: Expectation) -> Bool {
    switch expectation.target {
    case .atMost(.duration(let limit)): measured <= limit + late
    case .atLeast(.duration(let limit)): measured >= limit - early
    case .between(.duration(let low), .duration(let high)): measured >= low - early && measured <= high + late
    default: false
    }
  }
}
