import ArgumentParser
import Foundation
import ServedEnvironment
import SimulatedEnvironment
import SocketBridges
import StreamSpaceProtocol
import TestEnvironment

struct ServeDeploymentCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "deployment", abstract: "Serves a whole simulated deployment: what ./sim serve does without a part.",
    discussion: """
      Examples:
        ./sim serve --topology T3                    three replicas behind a balancer, Redis, an agent
        ./sim serve --topology TX --port 8000        with Docker engines on unix sockets
        ./sim serve --only redis --redis-port 6379   one part of it
        echo '{"fault":"redis.down","seconds":5}' | socat - UNIX-CONNECT:FOLDER/control.sock
      It prints addresses, credentials and the environment variables that StreamSpace's own programs want, and ends with
      Ctrl-C or {"stop":true} on the control socket.
      """)

  @Option(help: "T1, T2, T3, T3HA, T3m, TD, TDf, TDr, TDs, TX or TL (docs/live-mode.md).")
  var topology = "T3"

  @Option(help: "contract, or contract+ID with defects switched on.")
  var profile = "contract"

  @Option(help: "Parts to offer, separated by commas: api, redis, docker.")
  var only: String?

  @Flag(inversion: .prefixedNo, help: "Whether the simulated agents of the topology run.")
  var agents = true

  @Option(help: "The address to listen on.")
  var host = "127.0.0.1"

  @Option(help: "The port of the balancer; 0 takes any free one.")
  var port = 0

  @Option(help: "The port of Redis; 0 takes any free one.")
  var redisPort = 0

  @Option(help: "A folder for unix sockets; without it one is made, and removed at the end.")
  var folder: String?

  @Option(help: "Decides what chance decides.")
  var seed: UInt64 = 1

  @Flag(help: "Prints one JSON object on standard output once it listens.")
  var json = false

  func validate() throws {
    for (flag, value) in [("--port", port), ("--redis-port", redisPort)] where !(0...65_535).contains(value) {
      throw ValidationError("\(flag) must be 0 to 65535, not \(value)")
    }
    guard NamedTopology.named(topology) != nil else {
      let names = NamedTopology.all.map(\.name).joined(separator: ", ")
      throw ValidationError("--topology must be one of \(names), not '\(topology)'")
    }
    _ = try parts()
    do { _ = try Profile(profile) } catch { throw ValidationError("--profile: \(error)") }
  }

  private func parts() throws -> Set<ServedPart> {
    guard let only else { return Set(ServedPart.allCases) }
    return try Set(
      only.split(separator: ",", omittingEmptySubsequences: false).map { name in
        guard let part = ServedPart(rawValue: name.trimmingCharacters(in: .whitespaces)) else {
          let names = ServedPart.allCases.map(\.rawValue).joined(separator: ", ")
          throw ValidationError("--only must be of \(names), not '\(name)'")
        }
        return part
      })
  }

  func run() throws {
    #if Live
      let folder = try self.folder ?? Self.temporaryFolder()
      defer { if self.folder == nil { try? FileManager.default.removeItem(atPath: folder) } }
      var isFolder: ObjCBool = false
      guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder), isFolder.boolValue else {
        complain("error: --folder \(folder) is no folder")
        throw ExitCode(2)
      }
      var options = ServedDeployment.Options(folder: folder)
      options.topology = NamedTopology.named(topology) ?? .t3
      options.profile = try Profile(profile)
      options.seed = seed
      options.parts = try parts()
      options.startsAgents = agents
      options.host = host
      options.port = port
      options.redisPort = redisPort
      let interruption = Interruption()
      let served: ServedDeployment
      do {
        served = try ServedDeployment(options)
      } catch {
        complain("error: \(error)")
        throw ExitCode(3)
      }
      let report = DeploymentReport(served, topology: topology, profile: profile)
      say(json ? report.json : report.text)
      // The same way out as for Ctrl-C.
      served.whenStopAsked { kill(getpid(), SIGTERM) }
      interruption.wait()
      served.stop()
    #else
      complain("error: serve is built with the package trait Live: use ./sim serve")
      throw ExitCode(3)
    #endif
  }

  private static func temporaryFolder() throws -> String {
    // A unix socket's path has room for 107 bytes.
    let parent = FileManager.default.temporaryDirectory.path
    var template = Array("\(parent.utf8.count > 60 ? "/tmp" : parent)/streamspace-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else {
      complain("error: no temporary folder can be made; name one with --folder")
      throw ExitCode(3)
    }
    return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
