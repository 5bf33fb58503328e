import Oracles
import TestEnvironment

/// The expectations of one name over all runs of a case, as one line of the result table.
struct ExpectationLine {
  var name: String
  var target: String
  var measured: String
  var verdict: String
  var worstSeed: String

  /// In the order in which the first run recorded them; later runs append what is new.
  static func lines(of runs: [CaseRun]) -> [ExpectationLine] {
    var order: [String] = []
    var groups: [String: [(run: CaseRun, expectation: Expectation)]] = [:]
    for run in runs {
      for expectation in run.expectations {
        let key = "\(expectation.name)\u{0}\(DurationText.of(expectation.target))"
        if groups[key] == nil { order.append(key) }
        groups[key, default: []].append((run, expectation))
      }
    }
    return order.compactMap { key in groups[key].map(line) }
  }

  private static func line(_ group: [(run: CaseRun, expectation: Expectation)]) -> ExpectationLine {
    let first = group[0].expectation
    let durations = group.compactMap { item -> Duration? in
      if case .duration(let duration) = item.expectation.measured { duration } else { nil }
    }
    let measured: String
    if durations.count == group.count {
      measured = Distribution(durations).text
    } else {
      var values: [String] = []
      for item in group {
        let text = DurationText.of(item.expectation.measured)
        if !values.contains(text) { values.append(text) }
      }
      measured = values.prefix(4).joined(separator: ", ") + (values.count > 4 ? ", …" : "")
    }
    let worst =
      group.first { !$0.expectation.isMet }?.run.seed
      ?? group.enumerated().max { a, b in Self.rank(a.element.expectation) < Self.rank(b.element.expectation) }?.element
      .run.seed
    let isMet = group.allSatisfy(\.expectation.isMet)
    return ExpectationLine(
      name: first.name, target: DurationText.of(first.target), measured: measured,
      verdict: first.target == .reported ? "reported" : isMet ? "met" : "**missed**",
      worstSeed: worst.map(String.init) ?? "")
  }

  private static func rank(_ expectation: Expectation) -> Int64 {
    switch expectation.measured {
    case .duration(let duration): duration.nanoseconds
    case .count(let count): Int64(count)
    case .text: 0
    }
  }
}
