import ArgumentParser

struct ServeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve", abstract: "Serves simulated parts on loopback sockets.",
    discussion: "Example: ./sim serve vnc --port 5901, then: vncviewer 127.0.0.1::5901",
    subcommands: [ServeVNCCommand.self])
}
