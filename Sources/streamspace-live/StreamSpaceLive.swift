import ArgumentParser
import Foundation

/// The command line for real sockets (DESIGN §7): built with the package trait `Live`.
@main
struct StreamSpaceLive: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sim",
    abstract: "Serves simulated parts of StreamSpace on real sockets, and looks at live environments.",
    subcommands: [ServeCommand.self, LiveCommand.self, DoctorCommand.self, RehearseCommand.self])

  static func main() {
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch let status as ExitCode {
      Foundation.exit(status.rawValue)
    } catch {
      // The parser's own messages; help is not an error.
      guard exitCode(for: error) != .success else { exit(withError: error) }
      let line = message(for: error).split(separator: "\n").first.map(String.init) ?? "wrong usage"
      FileHandle.standardError.write(Data("error: \(line)\n".utf8))
      // Wrong usage (DESIGN §7).
      Foundation.exit(2)
    }
  }
}
