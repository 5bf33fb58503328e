import AgentStreaming
import AgentTestSupport
import DockerEngine
import SimulationRuntime
import StreamSpaceProtocol
import Testing

@testable import DockerAgent

@Suite("Tunnels of the Docker agent")
struct TunnelTests {
  /// A rig whose containers have desktops, as the environment gives them.
  private final class Rig {
    let base: EngineRig
    /// By container id.
    var desktops: [String: SimulatedProcess] = [:]
    var addresses: [String] = []
    var streams: [Socket] = []
    private var made = 0

    init(seed: UInt64 = 1, behaviour: DockerAgentBehaviour = DockerAgentBehaviour()) throws {
      base = try EngineRig(seed: seed, behaviour: behaviour)
      let observe = base.engine.observer
      base.engine.observer = { [unowned self] event, time in
        observe?(event, time)
        switch event {
        case .processStarted(let workload, let process):
          made += 1
          addresses.append(process.address)
          let host = base.simulation.host("\(workload.host)/\(process.address)")
          let desktop = try? base.simulation.addProcess("desktop-\(made)", on: host) {
            GreetingDesktop($0, port: process.vncPort) { [unowned self] in streams.append($0) }
          }
          desktops[workload.id] = desktop
          desktop?.start()
        case .processEnded(let workload, _): desktops[workload.id]?.crash()
        default: break
        }
      }
      base.agent.start()
      try base.run(.seconds(1))
    }

    var record: ScriptedControlPlane.Record { base.record }

    func start(_ session: String = Command.session, ports: JSONValue? = nil) throws {
      var message = Command.start("start-\(session)", session)
      if let ports {
        let manifest: JSONValue = [
          "metadata": ["name": "x"], "spec": ["baseImage": .string(Command.image), "ports": ports],
        ]
        message = Command.start("start-\(session)", session, manifest: manifest)
      }
      record.send(message)
      try #require(try base.run(until: { record.answered("start-\(session)") != nil }))
      try #require(record.failures("start-\(session)").isEmpty)
    }

    func open(_ number: Int = 1, _ session: String = Command.session) {
      record.send(.vncOpen(VNCOpen(sessionID: session, attachmentID: Self.id(number))))
    }

    static func id(_ number: Int) -> String { ScriptedControlPlane.Record.attachment(number) }

    var readies: [VNCReady] { record.readies }
    var errors: [String] { record.tunnelErrors }
    var closes: [String] { record.tunnelCloses }
    func bytes(_ number: Int = 1) -> [UInt8] { record.tunnelBytes(Self.id(number)) }
    var closed: [String] {
      base.events.compactMap { if case .tunnelClosed(_, _, _, let reason) = $0 { reason } else { nil } }
    }
    var openStreams: Int { streams.count(where: \.isOpen) }
  }

  private static let greeting = GreetingDesktop.greeting

  @Test("an attachment gets a stream to the session's container, and bytes go both ways", arguments: 1...5)
  func open(seed: UInt64) throws {
    let rig = try Rig(seed: seed)
    try rig.start()
    rig.open()
    try rig.base.run(.seconds(1))
    #expect(rig.bytes() == Self.greeting)
    #expect(rig.readies.first?.vncPort == 5900)
    var heard: [UInt8] = []
    rig.streams[0].onReceive = { heard += ($0 as? Bytes)?.bytes ?? [] }
    rig.record.send(
      .vncData(VNCData(sessionID: Command.session, attachmentID: Rig.id(1), data: VNCChunk(bytes: [1, 2, 3]))))
    try rig.base.run(.seconds(1))
    #expect(heard == [1, 2, 3])
    #expect(
      rig.base.events.contains(
        .tunnelOpened(session: Command.session, attachment: Rig.id(1), connection: rig.streams[0].connection)))
    rig.record.send(
      .vncClose(VNCClose(sessionID: Command.session, attachmentID: Rig.id(1), reason: .clientDisconnect)))
    try rig.base.run(.seconds(1))
    #expect(rig.openStreams == 0 && rig.closed == ["client_disconnect"])
  }

  @Test("the port is the template's own, and the one that is reported (VNC-D-05)")
  func ports() throws {
    let rig = try Rig()
    let ports: [(JSONValue, Int)] = [
      ([["name": "vnc", "containerPort": 5900]], 5900), ([["name": "vnc", "containerPort": 3000]], 3000), ([], 3000),
      ([["name": "http", "containerPort": 8080], ["name": "vnc", "containerPort": 5901]], 5901),
    ]
    for (index, (list, port)) in ports.enumerated() {
      try rig.start("s\(index)", ports: list)
      #expect(rig.record.statuses.last?.vncPort == port)
      rig.open(index, "s\(index)")
      try rig.base.run(.seconds(2))
      #expect(rig.readies.last?.vncPort == port)
    }
    #expect(rig.errors.isEmpty)
  }

  @Test("the end of a container is told; after its restart the next attachment reaches it, where it is then")
  func restart() throws {
    let rig = try Rig()
    try rig.start()
    rig.open()
    try rig.base.run(.seconds(2))
    rig.base.engine.begin(.exit(session: Command.session, code: 1))
    try rig.base.run(.milliseconds(500))
    #expect(rig.errors == ["read: connection reset by peer"] && rig.openStreams == 0)
    try rig.base.run(.seconds(5))
    rig.open(2)
    try rig.base.run(.seconds(2))
    #expect(rig.bytes(2) == Self.greeting)
  }

  @Test("what is not there or does not run is waited for, 10 s at most")
  func waiting() throws {
    let rig = try Rig()
    rig.open(1, "nobody")
    try rig.base.run(.seconds(12))
    #expect(rig.errors.count == 1)
    #expect(rig.errors.first?.hasPrefix("failed to find container: ") == true)
    try rig.start()
    for id in rig.desktops.keys.sorted() { rig.desktops[id]?.crash() }
    rig.open(2)
    try rig.base.run(.seconds(15))
    #expect(rig.errors.last?.hasSuffix("connection refused") == true)
    rig.open(3, "nobody")
    rig.record.send(Command.start("late", "nobody"))
    try rig.base.run(.seconds(10))
    #expect(rig.readies.count == 1)
  }

  @Test(
    "stop and hibernation end the tunnels of their session", arguments: [AgentAction.stopSession, .hibernateSession])
  func sessionEnd(action: AgentAction) throws {
    let rig = try Rig()
    try rig.start()
    try rig.start("other")
    rig.open(1)
    rig.open(2, "other")
    try rig.base.run(.seconds(2))
    rig.record.send(Command.other(action, "cmd-end"))
    try rig.base.run(.seconds(15))
    #expect(rig.closes == ["session_ended"] && rig.closed == ["session_ended"] && rig.openStreams == 1)
  }

  @Test("attachments end with the agent's connection, and with the agent", arguments: [false, true])
  func connectionLost(byTermination: Bool) throws {
    let rig = try Rig()
    try rig.start()
    rig.open()
    try rig.base.run(.seconds(2))
    if byTermination { rig.base.agent.terminate() } else { rig.record.socket?.reset() }
    try rig.base.run(.seconds(1))
    #expect(rig.openStreams == 0)
    guard !byTermination else { return }
    try rig.base.run(.seconds(10))
    rig.open()
    try rig.base.run(.seconds(2))
    #expect(rig.readies.count == 2)
  }

  @Test("a container of another agent is not touched")
  func foreign() throws {
    let rig = try Rig()
    _ = try rig.base.engine.place(
      PlacedContainer(session: "foreign", agent: "somebody", command: "c", image: Command.image))
    rig.open(1, "foreign")
    try rig.base.run(.seconds(1))
    #expect(rig.errors == ["failed to find container: streamspace-foreign belongs to another agent"])
  }

  @Test("the shipped agent knows no tunnels: its peer hears nothing (B-49)")
  func unsupported() throws {
    var behaviour = DockerAgentBehaviour()
    behaviour.streaming = .unsupported
    let rig = try Rig(behaviour: behaviour)
    try rig.start()
    rig.open()
    try rig.base.run(.seconds(60))
    #expect(rig.readies.isEmpty && rig.errors.isEmpty && rig.streams.isEmpty)
    #expect(rig.base.events.contains(.ignored(type: "vnc_open")))
  }

  @Test("answers go before data that waits", arguments: [false, true])
  func queues(isDefect: Bool) throws {
    var behaviour = DockerAgentBehaviour()
    if isDefect { behaviour.tunnels.sendQueues = .shared }
    let rig = try Rig(behaviour: behaviour)
    try rig.start()
    rig.open()
    try rig.base.run(.seconds(2))
    let socket = try #require(rig.record.socket)
    socket.pauseReading()
    var sent = 0
    func flood() {
      while rig.streams[0].isWritable, sent < 100 {
        rig.streams[0].send(Bytes(Array(repeating: 9, count: 32_768)))
        sent += 1
      }
    }
    rig.streams[0].onWritable = { flood() }
    flood()
    try rig.base.run(.seconds(2))
    rig.record.send(.ping)
    try rig.base.run(.seconds(1))
    let before = rig.record.messages.count
    socket.resumeReading()
    try rig.base.run(.milliseconds(1))
    rig.record.send(
      .vncCredit(VNCCredit(sessionID: Command.session, attachmentID: Rig.id(1), bytes: 262_144)))
    try rig.base.run(.seconds(2))
    let after = rig.record.messages.dropFirst(before).map(\.message)
    let pong = try #require(after.firstIndex { $0 == .pong(agentID: nil) }) - before
    if isDefect { #expect(pong > 10) } else { #expect(pong <= 7) }
  }

  @Test("a close takes back what waited for the socket: nothing is stuck, and the connection stands")
  func withdrawal() throws {
    let rig = try Rig()
    try rig.start()
    rig.open()
    // A heartbeat that waits would be stuck for good reason: there are 30 s to the next.
    let beats = { rig.record.messages.count { if case .heartbeat = $0.message { true } else { false } } }
    let before = beats()
    #expect(try rig.base.run(until: { beats() > before }))
    // So would an answer to a ping.
    rig.record.keepsAlive = false
    let socket = try #require(rig.record.socket)
    socket.pauseReading()
    rig.record.send(
      .vncData(VNCData(sessionID: Command.session, attachmentID: Rig.id(1), data: VNCChunk(bytes: [1, 2, 3]))))
    for _ in 0..<12 { rig.streams[0].send(Bytes(Array(repeating: 9, count: 32_768))) }
    try rig.base.run(.milliseconds(50))
    rig.record.send(
      .vncData(VNCData(sessionID: Command.session, attachmentID: Rig.id(1), data: VNCChunk(bytes: [4, 5, 6]))))
    try rig.base.run(.seconds(2))
    rig.record.send(
      .vncClose(VNCClose(sessionID: Command.session, attachmentID: Rig.id(1), reason: .clientDisconnect)))
    try rig.base.run(.seconds(15))
    #expect(rig.record.ends == 0 && rig.record.sockets.count == 1)
    let said = rig.record.messages.count
    socket.resumeReading()
    try rig.base.run(.milliseconds(500))
    // What the socket held, and no credit that was withdrawn.
    let rest = rig.record.messages.dropFirst(said)
    #expect(!rest.isEmpty && rest.allSatisfy { if case .vncData = $0.message { true } else { false } })
  }

  @Test(
    "a control plane that falls silent ends the attachments within 15 s, and not the connection (C24)", arguments: 1...3
  )
  func silence(seed: UInt64) throws {
    let rig = try Rig(seed: seed)
    try rig.start()
    rig.open()
    try rig.base.run(.seconds(60))
    #expect(rig.openStreams == 1 && rig.closes.isEmpty)
    let cut = rig.base.simulation.network.begin(
      NetworkFault(.cutOneWay, between: ["api-1"], and: ["agent-1"]))
    try rig.base.run(.seconds(15))
    #expect(rig.openStreams == 0)
    #expect(rig.closed == ["agent_lost"])
    #expect(rig.closes == ["agent_lost"])
    #expect(rig.record.ends == 0 && rig.record.connects.count == 1)
    rig.base.simulation.network.end(cut)
    rig.open(2)
    try rig.base.run(.seconds(5))
    #expect(rig.bytes(2) == Self.greeting)
  }

  @Test("what waits for 10 s and is not taken back breaks the connection")
  func stuck() throws {
    let rig = try Rig()
    try rig.start()
    rig.open()
    try rig.base.run(.seconds(5))
    rig.record.socket?.pauseReading()
    for _ in 0..<12 { rig.streams[0].send(Bytes(Array(repeating: 9, count: 32_768))) }
    try rig.base.run(.milliseconds(9_900))
    #expect(rig.record.sockets.count == 1 && rig.openStreams == 1)
    try rig.base.run(.seconds(12))
    #expect(rig.record.sockets.count == 2 && rig.openStreams == 0)
  }
}
