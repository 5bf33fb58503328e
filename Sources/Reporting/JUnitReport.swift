import Oracles

/// `junit.xml`: one test case per run, for CI systems.
enum JUnitReport {
  static func text(_ suite: SuiteRun) -> String {
    var lines = ["<?xml version=\"1.0\" encoding=\"UTF-8\"?>", "<testsuites name=\"streamspace-simulation\">"]
    for (testCase, runs) in suite.cases {
      let failures = runs.count { $0.verdict == .failed }
      let skipped = runs.count { $0.verdict == .skipped }
      lines.append(
        "  <testsuite name=\"\(escaped(testCase.id))\" tests=\"\(runs.count)\" failures=\"\(failures)\" skipped=\"\(skipped)\">"
      )
      for run in runs {
        let name = [run.variant.name, "seed \(run.seed)", run.engine?.rawValue ?? ""].filter { !$0.isEmpty }
          .joined(separator: ", ")
        let time = run.virtualTime.secondsText.dropLast(2)
        let open =
          "    <testcase classname=\"\(escaped(testCase.scenario.rawValue)).\(escaped(testCase.id))\" name=\"\(escaped(name))\" time=\"\(time)\""
        switch run.verdict {
        case .passed: lines.append(open + "/>")
        case .failed:
          lines.append(open + ">")
          lines.append("      <failure message=\"\(escaped(run.reason))\">\(escaped(run.replayLine))</failure>")
          lines.append("    </testcase>")
        case .skipped:
          lines.append(open + "><skipped message=\"\(escaped(run.reason))\"/></testcase>")
        }
      }
      lines.append("  </testsuite>")
    }
    lines.append("</testsuites>")
    return lines.joined(separator: "\n") + "\n"
  }

  /// Text that may stand in XML; characters that XML forbids become blanks.
  static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "\n", "\t": result.unicodeScalars.append(scalar)
      case "\0"..." ", "\u{FFFE}", "\u{FFFF}": result += " "
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
