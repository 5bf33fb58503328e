import ArgumentParser
import StreamSpaceProtocol
import TestEnvironment

/// `./sim list`: every case, with what it needs.
struct ListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Lists the cases with their scenario, title and required capabilities.",
    discussion: "Example: ./sim list ha-multi-pod-api --json")

  @Argument(help: "Scenarios, case ids or id prefixes (default: all).")
  var selection: [String] = []

  @Flag(help: "One JSON object on standard output.")
  var json = false

  func run() throws {
    let cases = try Selection.cases(selection)
    guard !json else {
      let items = cases.map { testCase -> JSONValue in
        [
          "id": .string(testCase.id), "scenario": .string(testCase.scenario.rawValue),
          "title": .string(testCase.title), "capabilities": .array(testCase.capabilities.map { .string($0) }),
        ]
      }
      Output.print(JSONText.of(["cases": .array(items)]))
      return
    }
    var scenario: ScenarioName?
    for testCase in cases {
      if testCase.scenario != scenario {
        scenario = testCase.scenario
        Output.print("\(testCase.scenario.rawValue)")
      }
      let live = testCase.isLive ? "L" : " "
      Output.print("  \(testCase.id.padded(to: 12)) \(live)  \(testCase.title)")
    }
  }
}

/// JSON on standard output.
enum JSONText {
  static func of(_ value: JSONValue) -> String { String(decoding: JSONWriter.bytes(of: value), as: UTF8.self) }
}

extension String {
  /// Filled with blanks up to `width` characters.
  func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
