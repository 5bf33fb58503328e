import DockerEngine
import Foundation
import SimulationRuntime
import StreamSpaceProtocol

/// An engine under the conformance suite: the simulator or a real one. Both are talked to in HTTP.
protocol DockerArm: AnyObject {
  func exchange(_ request: HTTPRequest) throws -> HTTPResponse
  /// Opens the event stream, or empties it.
  func beginEvents() throws
  /// What the stream carried since ``beginEvents()``, as documents.
  func takeEvents() throws -> [JSONValue]
  /// Lets time pass.
  func advance(milliseconds: Int64) throws
  /// Makes the engine the one manager of a swarm.
  func beginSwarm() throws
  func endSwarm() throws
  /// Stops the daemon in order and starts it again.
  func restartDaemon() throws
}

/// The image of the suite and the programs in it.
enum TinyImage {
  static let reference = "tiny:1"

  /// What the programs of the image do, for the simulator.
  @Sendable static func process(_ specification: ContainerSpecification) -> ContainerProcess {
    let command = specification.command ?? []
    switch command.first {
    case "sleep":
      return ContainerProcess(
        termination: .ignored, ending: .exits(code: 0, after: .seconds(command.last.flatMap { Int64($0) } ?? 0)))
    case "sh":
      let script = command.last ?? ""
      if let code = script.split(separator: " ").last.flatMap({ Int($0) }), script.hasPrefix("exit") {
        return ContainerProcess(termination: .ignored, ending: .exits(code: code, after: .milliseconds(5)))
      }
      if script.hasPrefix("trap") {
        return ContainerProcess(termination: .exits(code: 143, after: .constant(.milliseconds(80))))
      }
      return ContainerProcess(termination: .ignored, ending: .outOfMemory(after: .milliseconds(30)))
    default:
      var process = ContainerProcess(termination: .ignored)
      process.isFound = false
      return process
    }
  }

  static let sleeps = ["sleep", "1000"]
  static let obeys = ["sh", "-c", "trap \"exit 143\" TERM; while :; do sleep 0.05; done"]
  static let fails = ["sh", "-c", "exit 7"]
  static let devoursMemory = ["sh", "-c", "tail /dev/zero"]
}

/// The simulator as an arm: requests go through the codec both ways, time is virtual.
final class SimulatedArm: DockerArm {
  private let rig: EngineRig
  private let swarm: Swarm
  private var events: [JSONValue] = []
  private var isStreaming = false

  init(seed: UInt64 = 1) throws {
    var configuration = EngineConfiguration(
      images: [TinyImage.reference: .cached], defaultImageClass: .unknown)
    configuration.hasDefaultBridge = false
    configuration.commandlessImages = [TinyImage.reference]
    configuration.process = TinyImage.process
    rig = try EngineRig(seed: seed, configurations: [configuration])
    swarm = Swarm(simulation: rig.simulation)
  }

  func exchange(_ request: HTTPRequest) throws -> HTTPResponse {
    let parsed: DockerRequest
    do throws(DockerFailure) {
      parsed = try DockerRequest(http: request)
    } catch {
      return error.http
    }
    guard case .reply(let payload)? = try rig.outcome(of: parsed),
      let response = (payload as? Frame<DockerResponse>)?.value
    else { return HTTPResponse(HTTPStatus(rawValue: 0)) }
    return response.http
  }

  func beginEvents() throws {
    if !isStreaming {
      try rig.openStream(
        ended: { [unowned self] in isStreaming = false },
        receive: { [unowned self] event in events.append(event.json) })
      isStreaming = true
    }
    events = []
  }

  func takeEvents() throws -> [JSONValue] {
    try rig.run(.milliseconds(100))
    return events
  }

  func advance(milliseconds: Int64) throws { try rig.run(.milliseconds(milliseconds)) }
  func beginSwarm() throws { swarm.join(rig.engine) }
  func endSwarm() throws { swarm.leave(rig.engine) }

  func restartDaemon() throws {
    rig.engine.begin(.daemonRestart, lasting: .seconds(1))
    try rig.run(.seconds(3))
  }
}
