import ArgumentParser
import SimulatedEnvironment
import StreamSpaceProtocol
import TestEnvironment

/// `./sim list`: every case, with what it needs; with `--defects` every defect, with the cases that catch it.
struct ListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "Lists the cases with their scenario, title and required capabilities, or the defects.",
    discussion: "Example: ./sim list ha-multi-pod-api --json, ./sim list --defects HA-LE")

  @Argument(help: "Scenarios, case ids or id prefixes (default: all).")
  var selection: [String] = []

  @Flag(help: "The defects that can be switched on, with the cases that catch them.")
  var defects = false

  @Flag(help: "One JSON object on standard output.")
  var json = false

  func run() throws {
    if defects { return try listDefects() }
    let cases = try Selection.cases(selection)
    guard !json else {
      let items = cases.map { testCase -> JSONValue in
        var item = JSONObject()
        item["id"] = .string(testCase.id)
        item["scenario"] = .string(testCase.scenario.rawValue)
        item["title"] = .string(testCase.title)
        item["capabilities"] = .array(testCase.capabilities.map { .string($0) })
        if testCase.hasDatabaseHalf {
          item["engines"] = .array(DatabaseEngineName.allCases.map { .string($0.rawValue) })
        }
        return .object(item)
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
      let engines = testCase.hasDatabaseHalf ? " (\(DatabaseEngineName.allNames))" : ""
      Output.print("  \(testCase.id.padded(to: 12)) \(live)  \(testCase.title)\(engines)")
    }
  }
}

extension ListCommand {
  /// All defects, or those that the chosen cases must catch.
  private func listDefects() throws {
    let cases = try Selection.cases(selection).map(\.id)
    let chosen = DefectCatalogue.all.filter { selection.isEmpty || $0.cases.contains(where: cases.contains) }
    guard !json else {
      let items = chosen.map { defect -> JSONValue in
        [
          "id": .string(defect.id), "slug": .string(defect.slug), "component": .string(defect.component),
          "mechanism": .string(defect.mechanism), "origin": .string(defect.origin),
          "invariants": .array(defect.invariants.map { .string($0) }),
          "cases": .array(defect.cases.map { .string($0) }),
        ]
      }
      return Output.print(JSONText.of(["defects": .array(items)]))
    }
    let slugs = chosen.map(\.slug.count).max() ?? 0
    let components = chosen.map(\.component.count).max() ?? 0
    for defect in chosen {
      let columns = [defect.id, defect.slug.padded(to: slugs), defect.component.padded(to: components)]
      Output.print("\(columns.joined(separator: "  "))  \(defect.cases.joined(separator: " "))")
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
