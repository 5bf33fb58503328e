import ArgumentParser
import Chaos
import Oracles
import Reporting
import Scenarios
import SimulatedEnvironment
import StreamSpaceProtocol
import TestEnvironment

/// `./sim explain`: what a case, a defect or an invariant is.
struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain", abstract: "Explains a case, a defect, an invariant or a failure.",
    discussion: """
      Examples:
        ./sim explain HA-API-10
        ./sim explain B-01
        ./sim explain I-ROUTE
        ./sim explain reports/failures/I-ROUTE-4711.small.json --reports reports

      Of a failure it tells what led to the violation, which faults and operations the failure needs, and how likely it
      had become in the course of the run. That takes up to --runs runs.
      """)

  @Argument(help: "A case id, a defect id or slug, an invariant, or a replay file.")
  var subject: String

  @Option(help: "Runs that the explanation of a failure may take.")
  var runs = 500

  @Option(help: "Runs made side by side (default: one per core).")
  var jobs: Int?

  @Option(help: "Folder where the explanation of a failure is written as Markdown, too.")
  var reports: String?

  @Flag(help: "One JSON object on standard output.")
  var json = false

  func run() throws {
    if subject.hasSuffix(".json") { return try explainFailure() }
    let wanted = subject.uppercased()
    let fields: [(String, [String])]
    if let testCase = Catalogue.cases.first(where: { $0.id == wanted }) {
      fields = Self.fields(of: testCase)
    } else if let defect = DefectCatalogue.defect(subject) {
      fields = Self.fields(of: defect)
    } else if let statement = Judge.catalogue.first(where: { $0.id == wanted })?.statement {
      fields = [
        ("invariant", [wanted]), ("statement", [statement]),
        ("checked in", Catalogue.cases.filter { $0.invariants.contains(wanted) }.map(\.id)),
        ("broken by", DefectCatalogue.all.filter { $0.invariants.contains(wanted) }.map { "\($0.id) \($0.slug)" }),
      ]
    } else {
      throw UsageError("'\(subject)' is no case, defect or invariant; ./sim list shows the cases")
    }
    if json {
      var object = JSONObject()
      for (name, values) in fields {
        object[name] = values.count == 1 ? .string(values[0]) : .array(values.map { .string($0) })
      }
      Output.print(JSONText.of(.object(object)))
    } else {
      for (name, values) in fields where !values.isEmpty {
        Output.print("\(name.padded(to: 14)) \(values.joined(separator: ", "))")
      }
    }
  }

  private func explainFailure() throws {
    guard (10...1_000_000).contains(runs) else { throw UsageError("--runs: '\(runs)' is not between 10 and 1000000") }
    let folder = try reports.map { try ReportFolder($0) }
    let output = try FailureExplanationOutput(
      subject, runs: runs, concurrency: try .threads(option: jobs), showsProgress: !json)
    try folder?.write([ReportFile("EXPLANATION.md", output.explanation.markdown)])
    if json {
      Output.print(JSONText.of(output.json))
    } else {
      for line in output.explanation.lines { Output.print(line) }
    }
  }

  private static func fields(of testCase: TestCase) -> [(String, [String])] {
    [
      ("case", [testCase.id]), ("title", [testCase.title]), ("scenario", [testCase.scenario.rawValue]),
      ("source", [testCase.source]),
      ("topology", testCase.hasDeployment ? testCase.variants.map(\.topology.name).uniqued : []),
      ("variants", testCase.variants.map(\.name).filter { !$0.isEmpty }), ("needs", testCase.capabilities),
      ("invariants", testCase.invariants), ("catches", testCase.kills),
      ("limits", testCase.limits.isEmpty ? [] : [testCase.limits]),
      ("engines", testCase.hasDatabaseHalf ? DatabaseEngineName.allCases.map(\.rawValue) : []),
      (
        "run it",
        ["./sim run \(testCase.id)"]
          + (testCase.hasDatabaseHalf ? ["./sim run \(testCase.id) --database-url URL"] : [])
      ),
    ]
  }

  private static func fields(of defect: Defect) -> [(String, [String])] {
    [
      ("defect", [defect.id]), ("slug", [defect.slug]), ("component", [defect.component]),
      ("mechanism", [defect.mechanism]), ("origin", [defect.origin]), ("breaks", defect.invariants),
      ("caught by", defect.cases),
      ("see it", defect.cases.prefix(1).map { "./sim run \($0) --profile contract+\(defect.id)" }),
    ]
  }
}

extension Array where Element: Hashable {
  /// Each element once, in the order of first occurrence.
  var uniqued: [Element] {
    var seen: Set<Element> = []
    return filter { seen.insert($0).inserted }
  }
}
