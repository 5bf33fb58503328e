import ArgumentParser
import Chaos
import Oracles
import Scenarios
import SimulatedEnvironment
import StreamSpaceProtocol
import Synchronization

/// `./sim mutants`: every defect, and the cases that turn red with it (DESIGN §4).
struct MutantsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "mutants",
    abstract: "Runs each case under the defects that it must catch and prints the kill matrix.",
    discussion: """
      Examples:
        ./sim mutants
        ./sim mutants --defect B-01 --defect C-03 --json
        ./sim mutants HA-API                       defects of the cases of a scenario
      A pair survives if the case stays green under the defect, or is red for something else. Survivors are a hole in the
      scenarios: the command then ends with 1.
      """)

  @Argument(help: "Scenarios, case ids or id prefixes (default: all).")
  var selection: [String] = []

  @Option(help: "A defect, for example B-01; may be given several times (default: all).")
  var defect: [String] = []

  @Option(help: "Runs side by side (default: one for each core).")
  var jobs: Int?

  @Flag(help: "One JSON object on standard output.")
  var json = false

  func run() throws {
    let cases = try Selection.cases(selection)
    let defects = try defect.isEmpty ? DefectCatalogue.all : defect.map { try Selection.defect($0, flag: "--defect") }
    let concurrency = try Concurrency.threads(option: jobs)
    let mutants = Mutant.all(of: defects, in: cases)
    let matrix = KillMatrix(
      defects: defects, mutants: mutants, exempt: Mutant.exempt(of: defects, in: cases),
      searches: try search(mutants, concurrency))
    if json {
      Output.print(JSONText.of(matrix.document))
    } else {
      for line in matrix.lines { Output.print(line) }
    }
    if !matrix.survivors.isEmpty { throw ExitStatus.red }
  }

  private func search(_ mutants: [Mutant], _ concurrency: Concurrency) throws -> [KillSearch] {
    Interruption.watch()
    let done = Atomic<Int>(0)
    // The long ones first, so that no thread is left alone with one at the end.
    let order = mutants.indices.sorted { (mutants[$1].weight, $0) < (mutants[$0].weight, $1) }
    let searches = concurrency.map(mutants.count) { turn in
      let search = mutants[order[turn]].search { Interruption.isRequested }
      if !json { Output.progress("\(done.wrappingAdd(1, ordering: .relaxed).newValue) of \(mutants.count) pairs") }
      return (index: order[turn], search: search)
    }
    if !json { Output.progress("") }
    try Interruption.endWithoutOutput()
    return searches.sorted { $0.index < $1.index }.map(\.search)
  }
}

extension Mutant {
  /// What its runs cost, roughly.
  fileprivate var weight: Int {
    if depth == .full { return 3 }
    if RunCosts.heavyCases.contains(testCase.id) { return 2 }
    return seeds.count > 5 ? 1 : 0
  }
}
