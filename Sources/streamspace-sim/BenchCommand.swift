import ArgumentParser
import Foundation
import SimulationRuntime
import StreamSpaceProtocol

/// `./sim bench`: the budgets of DESIGN §3, measured.
struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench", abstract: "Measures the programs that have a budget and prints both.",
    discussion: "Example: ./sim bench timers idle --json")

  @Argument(
    help:
      "Programs to run: timers, pingpong, sleeps, idle, cluster, sessions, chaos, soak, migrations, vnc (default: all)."
  )
  var programs: [String] = []

  @Option(help: "Runs of each program; the median counts.")
  var repeats = 5

  @Option(name: .customLong("database-url"), help: "A PostgreSQL server, where 'migrations' measures, too.")
  var databaseURL: String?

  @Flag(help: "One JSON object on standard output.")
  var json = false

  func run() throws {
    guard (1...100).contains(repeats) else { throw UsageError("--repeats: '\(repeats)' is not between 1 and 100") }
    let known = BenchmarkPrograms.all
    for name in programs where !known.contains(where: { $0.name == name }) {
      throw UsageError("no benchmark is called '\(name)': there are \(known.map(\.name).joined(separator: ", "))")
    }
    if databaseURL != nil, !programs.isEmpty, !programs.contains("migrations") {
      throw UsageError("--database-url: only 'migrations' has a use for a server")
    }
    let server = try databaseURL.map { try DatabaseServer(DatabaseAddress($0)) }
    var results: [JSONValue] = []
    var allMet = true
    for program in known where programs.isEmpty || programs.contains(program.name) {
      for figure in try program.measure(repeats, server) {
        allMet = allMet && figure.isMet
        results.append(figure.json)
        if !json { Output.print(figure.line) }
      }
    }
    if json { Output.print(JSONText.of(["programs": .array(results)])) }
    if !allMet { throw ExitStatus.red }
  }
}

extension Int64 {
  /// With blanks between groups of three digits.
  var grouped: String {
    var groups: [Substring] = []
    var digits = String(self)[...]
    while digits.count > 3 {
      groups.append(digits.suffix(3))
      digits = digits.dropLast(3)
    }
    return ([digits] + groups.reversed()).joined(separator: " ")
  }
}

extension String {
  /// Filled with blanks on the left up to `width` characters.
  func leftPadded(to width: Int) -> String { String(repeating: " ", count: max(0, width - count)) + self }
}
