import ArgumentParser

/// The command line for real sockets (DESIGN §7): built with the package trait `Live`.
@main
struct StreamSpaceLive: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sim", abstract: "Serves simulated parts of StreamSpace on real sockets.",
    subcommands: [ServeCommand.self])
}
