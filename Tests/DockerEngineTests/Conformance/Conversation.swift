import Foundation
import StreamSpaceProtocol
import Testing

/// Requests whose answers both engines must agree on.
struct Conversation: Sendable, CustomTestStringConvertible {
  let name: String
  let hold: @Sendable (Talk) throws -> Void

  init(_ name: String, _ hold: @escaping @Sendable (Talk) throws -> Void) {
    self.name = name
    self.hold = hold
  }

  var testDescription: String { name }

  static let all: [Conversation] =
    platformConversations + createConversations + lifeConversations + policyConversations + networkConversations
    + volumeConversations + listConversations + swarmConversations + daemonConversations

  /// Holds the conversation and returns what was said, masked.
  func transcript(with arm: any DockerArm) throws -> Transcript {
    let talk = Talk(arm)
    do {
      try hold(talk)
    } catch {
      talk.cleanUp()
      throw error
    }
    talk.cleanUp()
    return talk.transcript
  }
}

/// One conversation with one engine: it notes what was said, and cleans up what it has made.
final class Talk {
  let arm: any DockerArm
  private(set) var transcript = Transcript()
  private var masks = Masks()
  private var cleaning: [DockerRequest.Operation] = []

  init(_ arm: any DockerArm) { self.arm = arm }

  /// Asks and notes the answer.
  @discardableResult
  func say(_ operation: DockerRequest.Operation, withoutQuery: Bool = false) throws -> JSONValue {
    let request = DockerRequest(operation, caller: "")
    let response = try arm.exchange(request.http)
    let body = Self.body(of: response)
    learn(operation, body)
    let line = withoutQuery ? request.line.prefix { $0 != "?" } : request.line[...]
    note(String(line), response.status.rawValue, body)
    return body
  }

  /// Asks something the typed requests cannot say, and notes the answer.
  func say(_ method: HTTPMethod, _ target: String, body: String = "") throws {
    let response = try arm.exchange(
      HTTPRequest(
        method, target: target, headers: [HTTPHeaderName.contentType: "application/json"],
        body: body.isEmpty ? .empty : .text(body)))
    note("\(method.rawValue) \(target) \(body)", response.status.rawValue, Self.body(of: response))
  }

  /// Asks without noting the answer.
  @discardableResult
  func quietly(_ operation: DockerRequest.Operation) throws -> JSONValue {
    let body = Self.body(of: try arm.exchange(DockerRequest(operation, caller: "").http))
    learn(operation, body)
    return body
  }

  /// Notes something that was concluded from answers.
  func note(fact: String, _ holds: Bool) { note(fact, 0, .bool(holds)) }

  func create(_ name: String, _ specification: ContainerSpecification) throws {
    cleaning.append(.removeContainer(name, force: true, volumes: true))
    try say(.createContainer(name: name, specification))
  }

  func createNetwork(_ specification: NetworkSpecification) throws {
    cleaning.insert(.removeNetwork(specification.name), at: cleaning.count)
    try say(.createNetwork(specification))
  }

  func willRemove(volume: String) { cleaning.insert(.removeVolume(volume, force: true), at: 0) }

  func beginEvents() throws { try arm.beginEvents() }

  /// Notes what the stream has carried.
  func noteEvents() throws {
    for event in try arm.takeEvents() {
      note(
        "event", 0,
        [
          "Type": event["Type"] ?? .null, "Action": event["Action"] ?? .null, "Actor": event["Actor"] ?? .null,
          "scope": event["scope"] ?? .null,
        ])
    }
  }

  /// Waits until the restart policy has begun its wait number `count`: the fifth takes 1.6 s, time enough to ask.
  func waitForRestarts(of name: String, count: Int) throws {
    try wait(for: name) { $0["State"]?["Restarting"]?.flag == true && $0["RestartCount"]?.integer == Int64(count) }
  }

  /// Waits until the container has exited for good.
  func waitForEnd(of name: String) throws {
    try wait(for: name) { $0["State"]?["Status"]?.text == "exited" }
  }

  private func wait(for name: String, until holds: (JSONValue) -> Bool) throws {
    for _ in 0..<400 {
      if holds(try quietly(.inspectContainer(name))) { return }
      try wait(milliseconds: 50)
    }
    throw Impatience(container: name)
  }

  /// A state that did not come.
  struct Impatience: Error {
    let container: String
  }

  func wait(milliseconds: Int64) throws { try arm.advance(milliseconds: milliseconds) }

  /// Removes containers first, then networks, then volumes.
  fileprivate func cleanUp() {
    func rank(_ operation: DockerRequest.Operation) -> Int {
      switch operation {
      case .removeContainer: 0
      case .removeNetwork: 1
      default: 2
      }
    }
    for step in 0...2 { for operation in cleaning where rank(operation) == step { _ = try? quietly(operation) } }
  }

  private func note(_ title: String, _ status: Int, _ body: JSONValue) {
    transcript.lines.append(
      Transcript.Line(title: masks.text(title), status: status, body: masks.apply(to: body)))
  }

  private func learn(_ operation: DockerRequest.Operation, _ body: JSONValue) {
    switch operation {
    case .createContainer(let name, _): masks.learn(body["Id"]?.text ?? "", as: "container \(name ?? "")")
    case .createNetwork(let specification):
      masks.learn(body["Id"]?.text ?? "", as: "network \(specification.name)")
    case .createService(let specification):
      masks.learn(body["ID"]?.text ?? "", as: "service \(specification.name)")
    case .info: masks.learn(body["Swarm"]?["NodeID"]?.text ?? "", as: "node")
    case .listTasks:
      for task in body.elements ?? [] { masks.learn(task["ID"]?.text ?? "", as: "task") }
    default: break
    }
  }

  private static func body(of response: HTTPResponse) -> JSONValue {
    let bytes = response.body.bytes
    if bytes.isEmpty { return .null }
    if let json = try? JSONParser.parse(bytes) { return json }
    return .string(String(decoding: bytes, as: UTF8.self))
  }
}

extension ContainerSpecification {
  /// A container of the suite's image, in no network unless one is named.
  static func tiny(
    _ command: [String]? = TinyImage.sleeps, labels: Labels = Labels(), network: String = "none",
    policy: RestartPolicy = .no, memory: Int64 = 0, nanoCPUs: Int64 = 0, mounts: [HostConfig.Mount] = [],
    environment: [String] = [], ports: [PortBinding] = []
  ) -> ContainerSpecification {
    ContainerSpecification(
      image: TinyImage.reference, command: command, environment: environment, labels: labels,
      exposedPorts: ports.map(\.containerPort),
      host: HostConfig(
        memory: memory, nanoCPUs: nanoCPUs, restartPolicy: policy, portBindings: ports, mounts: mounts,
        networkMode: network))
  }
}
