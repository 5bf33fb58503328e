import ArgumentParser
import Foundation
import ServedEnvironment
import SocketBridges

struct ServeRedisCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "redis", abstract: "Serves the simulated Redis to real clients.",
    discussion: """
      Examples:
        ./sim serve redis --port 6380                 then: redis-cli -p 6380
        ./sim serve redis --port 0 --json             any free port, told as one JSON object
        ./sim serve redis --socket redis.sock         then: redis-cli -s redis.sock
      It prints the variables a StreamSpace API server wants, starts empty, and ends with Ctrl-C.
      """)

  @Option(help: "The port to listen on; 0 takes any free one.")
  var port = 6_379

  @Option(help: "The address to listen on.")
  var host = "127.0.0.1"

  @Option(help: "Listens on a unix socket of this path instead of a port.")
  var socket: String?

  @Option(help: "Asks clients for this password.")
  var password: String?

  @Option(help: "The release whose answers are given where releases differ: 7.0 or 7.2.")
  var release = "7.2"

  @Option(help: "Decides what the server draws: digests, identifiers.")
  var seed: UInt64 = 1

  @Flag(help: "Prints one JSON object on standard output once it listens.")
  var json = false

  func validate() throws {
    guard (0...65_535).contains(port) else { throw ValidationError("--port must be 0 to 65535, not \(port)") }
    guard ["7.0", "7.2"].contains(release) else {
      throw ValidationError("--release must be 7.0 or 7.2, not \(release)")
    }
    guard password != "" else { throw ValidationError("--password must not be empty") }
    guard socket != "" else { throw ValidationError("--socket must not be empty") }
  }

  func run() throws {
    #if Live
      var configuration = ServedRedis.Configuration()
      configuration.password = password
      configuration.isRelease70 = release == "7.0"
      configuration.seed = seed
      let interruption = Interruption()
      let served: ServedRedis
      do {
        served = try ServedRedis(configuration, on: socket.map { .unix(path: $0) } ?? .tcp(host: host, port: port))
      } catch {
        complain("error: \(error) (\(socket == nil ? "--host, --port" : "--socket"))")
        throw ExitCode(3)
      }
      if json { say(try report(served)) } else { tell(served) }
      interruption.wait()
      served.stop()
    #else
      complain("error: serve is built with the package trait Live: use ./sim serve")
      throw ExitCode(3)
    #endif
  }

  #if Live
    /// The variables of an API server (spec/07 §1). It knows no unix sockets.
    private func variables(_ served: ServedRedis) -> [(name: String, value: String)] {
      guard let port = served.address.port else { return [] }
      var variables = [
        ("AGENTHUB_REDIS_ENABLED", "true"), ("CACHE_ENABLED", "true"), ("REDIS_HOST", host), ("REDIS_PORT", "\(port)"),
      ]
      if let password { variables.append(("REDIS_PASSWORD", password)) }
      return variables
    }

    private func tell(_ served: ServedRedis) {
      say("Redis \(release) (simulated) on \(served.address), until Ctrl-C")
      for variable in variables(served) { say("  export \(variable.name)=\(Self.quoted(variable.value))") }
    }

    private func report(_ served: ServedRedis) throws -> String {
      struct Report: Encodable {
        var host: String?
        var port: Int?
        var socket: String?
        var release: String
        var pid: Int32
        var environment: [String: String]
      }
      let report = Report(
        host: socket == nil ? host : nil, port: served.address.port, socket: socket, release: release, pid: getpid(),
        environment: Dictionary(uniqueKeysWithValues: variables(served).map { ($0.name, $0.value) }))
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      return String(decoding: try encoder.encode(report), as: UTF8.self)
    }

    /// For a shell.
    private static func quoted(_ value: String) -> String {
      let isPlain = value.utf8.allSatisfy {
        ($0 >= 0x30 && $0 <= 0x39) || ($0 >= 0x41 && $0 <= 0x5a) || ($0 >= 0x61 && $0 <= 0x7a)
          || ".:_-/".utf8.contains($0)
      }
      return isPlain ? value : "'" + value.replacing("'", with: #"'\''"#) + "'"
    }
  #endif
}
