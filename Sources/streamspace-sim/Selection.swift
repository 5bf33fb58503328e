import Scenarios
import SimulatedEnvironment
import SimulationRuntime
import TestEnvironment

/// Reads what the user typed for cases, seeds and profiles; every error names the word it is about.
enum Selection {
  /// Cases for scenario names, case ids or id prefixes; all cases when none is given.
  static func cases(_ selectors: [String]) throws -> [TestCase] {
    guard !selectors.isEmpty else { return Catalogue.cases }
    var chosen: [TestCase] = []
    for selector in selectors {
      let found = Catalogue.cases(matching: selector)
      guard !found.isEmpty else {
        if ScenarioName(rawValue: selector) != nil {
          throw UsageError("scenario '\(selector)' has no cases yet; ./sim list shows what there is")
        }
        throw UsageError("no case or scenario is called '\(selector)'; ./sim list shows all")
      }
      for testCase in found where !chosen.contains(where: { $0.id == testCase.id }) { chosen.append(testCase) }
    }
    return chosen
  }

  /// `7` or `1..100`; at most a million seeds.
  static func seeds(_ text: String, flag: String) throws -> ClosedRange<UInt64> {
    if let seed = UInt64(text) { return seed...seed }
    let parts = text.components(between: "..")
    guard parts.count == 2, let first = UInt64(parts[0]), let last = UInt64(parts[1]) else {
      throw UsageError(
        "\(flag): '\(text)' is no seed: write a number from 0 to \(UInt64.max), or a range such as 1..20")
    }
    guard first <= last, last - first < 1_000_000 else {
      throw UsageError("\(flag): '\(text)' is no range of at most 1 000 000 seeds")
    }
    return first...last
  }

  static func strategy(_ text: String) throws -> Strategy {
    guard let strategy = Strategy(text) else {
      throw UsageError("--strategy: '\(text)' is none of random, fifo, pct(N)")
    }
    return strategy
  }

  /// As ``strategy(_:)``, by the name that plans are carried out with.
  static func order(_ text: String) throws -> String {
    guard let strategy = Strategy(text) else {
      throw UsageError("--strategy: '\(text)' is none of random, fifo, pct(N), coverage")
    }
    return strategy.description
  }

  static func defect(_ name: String, flag: String) throws -> Defect {
    guard let defect = DefectCatalogue.defect(name) else {
      throw UsageError("\(flag): '\(name)' is no defect; ./sim list --defects shows all")
    }
    return defect
  }

  static func profile(_ text: String) throws -> Profile {
    do { return try Profile(text) } catch { throw UsageError("--profile: \(error.description)") }
  }
}

extension String {
  /// The parts around each occurrence of `separator`.
  fileprivate func components(between separator: String) -> [String] {
    var parts: [String] = []
    var rest = self[...]
    while let range = rest.firstRange(of: separator) {
      parts.append(String(rest[..<range.lowerBound]))
      rest = rest[range.upperBound...]
    }
    return parts + [String(rest)]
  }
}
