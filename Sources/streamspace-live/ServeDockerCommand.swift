import ArgumentParser
import Foundation
import ServedEnvironment
import SocketBridges
import StreamSpaceProtocol

struct ServeDockerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "docker", abstract: "Serves the simulated Docker Engine (API 1.41) to Docker's own clients.",
    discussion: """
      Examples:
        ./sim serve docker --socket docker.sock
        DOCKER_HOST=unix://$PWD/docker.sock docker run -d --name web lscr.io/linuxserver/firefox
        ./sim serve docker --port 2375 --swarm --instant
      No container runs anywhere: what is shown is the model's. It ends with Ctrl-C.
      """)

  @Option(help: "The unix socket to listen on (default: streamspace-docker.sock in the folder for temporary files).")
  var socket: String?

  @Option(help: "Listens on this TCP port instead of a socket; 0 takes any free one. Whoever reaches it may do all.")
  var port: Int?

  @Option(help: "The address to listen on, with --port.")
  var host = "127.0.0.1"

  @Option(help: "Decides ids and latencies.")
  var seed: UInt64 = 1

  @Flag(help: "Makes the engine the manager of a swarm.")
  var swarm = false

  @Flag(help: "Answers at once instead of after the model's latencies (a container's start takes 0.5 s).")
  var instant = false

  @Flag(help: "Prints one JSON object on standard output once it listens.")
  var json = false

  /// Longest path of a unix socket that SwiftNIO takes on every system; Linux alone has room for 107 bytes.
  private static let longestPath = 103

  func validate() throws {
    if let port {
      guard socket == nil else { throw ValidationError("--socket and --port exclude each other") }
      guard (0...65_535).contains(port) else { throw ValidationError("--port must be 0 to 65535, not \(port)") }
    }
    guard socket != "" else { throw ValidationError("--socket must name a path") }
    let length = path.utf8.count
    guard length <= Self.longestPath else {
      throw ValidationError(
        "--socket: the path has \(length) bytes, of a unix socket at most \(Self.longestPath) are taken: \(path)")
    }
  }

  private var path: String {
    URL(fileURLWithPath: socket ?? FileManager.default.temporaryDirectory.path + "/streamspace-docker.sock").path
  }

  func run() throws {
    #if Live
      let served: ServedDocker
      do {
        var options = try ServedDocker.Options()
        options.seed = seed
        options.isSwarmManager = swarm
        if instant { options.answerAtOnce() }
        served = try ServedDocker(on: port.map { .tcp(host: host, port: $0) } ?? .unix(path: path), options)
      } catch let error as GatewayError {
        complain("error: \(port == nil ? "--socket" : "--host, --port"): \(error)")
        throw ExitCode(3)
      }
      let interruption = Interruption()
      if json {
        say(
          JSONWriter.text(of: [
            "dockerHost": .string(served.dockerHost), "apiVersion": .string(DockerAPIVersion.engine.text),
            "swarm": .bool(swarm),
          ]))
      } else {
        say("DOCKER_HOST=\(served.dockerHost)")
      }
      interruption.wait()
      served.stop()
    #else
      complain("error: serve is built with the package trait Live: use ./sim serve")
      throw ExitCode(3)
    #endif
  }
}
