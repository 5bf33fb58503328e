import ArgumentParser

struct ServeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve", abstract: "Serves simulated parts on loopback sockets; without a part, a whole deployment.",
    discussion: """
      Examples:
        ./sim serve --topology T3          a deployment (see: ./sim serve deployment --help)
        ./sim serve vnc --port 5901        then: vncviewer 127.0.0.1::5901
        ./sim serve redis --port 6379      then: redis-cli
        ./sim serve docker                 then: docker ps
      """,
    subcommands: [
      ServeDeploymentCommand.self, ServeVNCCommand.self, ServeRedisCommand.self, ServeDockerCommand.self,
      ServeAPICommand.self,
    ],
    defaultSubcommand: ServeDeploymentCommand.self)
}
