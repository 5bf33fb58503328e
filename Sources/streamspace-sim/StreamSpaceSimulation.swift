import ArgumentParser

/// The hermetic command line (DESIGN §7).
@main
struct StreamSpaceSimulation: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sim",
    abstract: "Runs StreamSpace's integration scenarios in a deterministic simulation of the whole deployment.",
    discussion: """
      Examples:
        ./sim run                                  all scenarios, reports in reports/
        ./sim run HA-API-10 --profile contract+B-01
        ./sim replay --case HA-API-06 --seed 7
        ./sim explain I-ROUTE
        ./sim chaos --seeds 1..1000                random users and faults
        ./sim mutants                              which case catches which defect
      Exit codes: 0 all green, 1 a case or an invariant failed, 2 wrong usage, 3 the environment is unavailable.
      """,
    subcommands: [
      RunCommand.self, ChaosCommand.self, ShrinkCommand.self, ReplayCommand.self, ExplainCommand.self,
      MutantsCommand.self, ListCommand.self, BenchCommand.self,
    ])

  static func main() {
    MemoryAllocation.keepFreedMemory()
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch let failure as UsageError {
      Output.complain("error: \(failure.description)")
      exit(withStatus: .usage)
    } catch let status as ExitStatus {
      exit(withStatus: status)
    } catch {
      // The parser's own messages; help and version requests are not errors.
      let code = exitCode(for: error)
      if code == .success {
        print(fullMessage(for: error))
        exit(withStatus: .green)
      }
      Output.complain("error: \(message(for: error).split(separator: "\n").first.map(String.init) ?? "wrong usage")")
      exit(withStatus: .usage)
    }
  }

  private static func exit(withStatus status: ExitStatus) -> Never { Output.exit(status) }
}

/// How the command ends (DESIGN §7).
enum ExitStatus: Int32, Error {
  case green = 0
  case red = 1
  case usage = 2
  case unavailable = 3
  case interrupted = 130
}

/// Wrong usage or configuration: one clear line that names what was wrong.
struct UsageError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
