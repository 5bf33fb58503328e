import AgentStreaming
import AgentTestSupport
import Kubernetes
import SimulationRuntime
import StreamSpaceProtocol
import Testing

@testable import KubernetesAgent

@Suite("Tunnels of the Kubernetes agent")
struct TunnelTests {
  /// A rig whose pods have desktops, as the environment gives them.
  private final class Rig {
    let base: AgentRig
    /// By pod name.
    var desktops: [String: SimulatedProcess] = [:]
    var streams: [Socket] = []

    init(
      seed: UInt64 = 1, replicas: Int = 1, hasElection: Bool = false, behaviour: AgentBehaviour = AgentBehaviour()
    ) throws {
      base = try AgentRig(seed: seed, replicas: replicas, hasElection: hasElection, behaviour: behaviour)
      let observe = base.cluster.observer
      base.cluster.observer = { [unowned self] event, time in
        observe?(event, time)
        switch event {
        case .containerStarted(_, let container):
          let name = "desktop-\(desktops.count)-\(container.pod)"
          let desktop = try? base.simulation.addProcess(name, on: base.simulation.host(container.address)) {
            GreetingDesktop($0) { [unowned self] in streams.append($0) }
          }
          desktops[container.pod] = desktop
          desktop?.start()
        case .containerEnded(_, let container, _): desktops[container.pod]?.crash()
        default: break
        }
      }
      try base.begin()
    }

    var record: ScriptedControlPlane.Record { base.record }

    func start(_ session: String = Command.session) throws {
      record.send(Command.start("start-\(session)", session))
      try #require(try base.run(until: { record.answered("start-\(session)") != nil }))
    }

    func open(_ number: Int = 1, _ session: String = Command.session) {
      record.send(.vncOpen(VNCOpen(sessionID: session, attachmentID: Self.id(number))))
    }

    static func id(_ number: Int) -> String { ScriptedControlPlane.Record.attachment(number) }

    var readies: [VNCReady] { record.readies }
    var errors: [String] { record.tunnelErrors }
    var closes: [String] { record.tunnelCloses }
    func bytes(_ attachment: String? = id(1)) -> [UInt8] { record.tunnelBytes(attachment) }
    var opened: Int { base.count { if case .tunnelOpened = $0 { true } else { false } } }
    var closed: [String] {
      base.events.compactMap { if case .tunnelClosed(_, _, _, let reason) = $0.event { reason } else { nil } }
    }
    /// Streams to desktops that are open at their end.
    var openStreams: Int { streams.count(where: \.isOpen) }
  }

  private static let greeting = GreetingDesktop.greeting

  @Test("an attachment gets a stream to the session's pod, within seconds, and bytes go both ways", arguments: 1...5)
  func open(seed: UInt64) throws {
    let rig = try Rig(seed: seed)
    try rig.start()
    let begun = rig.base.now
    rig.open()
    #expect(try rig.base.run(until: { rig.bytes() == Self.greeting }, within: .seconds(5)))
    #expect(rig.base.now - begun < .seconds(4))
    let ready = try #require(rig.readies.first)
    #expect(ready.vncPort == 5900 && ready.podName == rig.record.statuses.last?.platformMetadata?.podName)
    var heard: [UInt8] = []
    rig.streams[0].onReceive = { heard += ($0 as? Bytes)?.bytes ?? [] }
    rig.record.send(
      .vncData(VNCData(sessionID: Command.session, attachmentID: Rig.id(1), data: VNCChunk(bytes: [1, 2, 3]))))
    try rig.base.run(.seconds(1))
    #expect(heard == [1, 2, 3])
    #expect(
      rig.base.events.contains {
        $0.event
          == .tunnelOpened(session: Command.session, attachment: Rig.id(1), connection: rig.streams[0].connection)
      })
    rig.record.send(
      .vncClose(VNCClose(sessionID: Command.session, attachmentID: Rig.id(1), reason: .clientDisconnect)))
    try rig.base.run(.seconds(1))
    #expect(rig.openStreams == 0 && rig.closed == ["client_disconnect"])
  }

  @Test("a session is viewed again and again, and two attachments have two streams")
  func again() throws {
    let rig = try Rig()
    try rig.start()
    for number in 1...4 { rig.open(number) }
    try rig.base.run(.seconds(5))
    #expect(rig.readies.count == 4 && rig.openStreams == 4)
    for number in 1...4 { #expect(rig.bytes(Rig.id(number)) == Self.greeting) }
  }

  @Test("a tunnel that may not be opened is an error at once, and works when the right is back (A-24)")
  func forbidden() throws {
    let rig = try Rig()
    try rig.start()
    let record = rig.base.cluster.begin(.forbidPortForward)
    rig.open()
    try rig.base.run(.seconds(2))
    #expect(rig.errors.count == 1)
    #expect(rig.errors.first?.hasPrefix("failed to start port-forward: pods \"") == true)
    rig.base.cluster.end(record)
    rig.open(2)
    try rig.base.run(.seconds(5))
    #expect(rig.readies.count == 1)
  }

  @Test("a pod that is not there or not ready is waited for, 10 s at most; every answer comes within 30 s")
  func waiting() throws {
    let rig = try Rig()
    rig.open(1, "nobody")
    try rig.base.run(.seconds(12))
    #expect(rig.errors == ["failed to find pod: no pod found for session nobody"])
    try rig.start()
    rig.base.cluster.crashPod(ofSession: Command.session)
    rig.open(2)
    try rig.base.run(.seconds(10))
    #expect(rig.readies.count == 1 && rig.bytes(Rig.id(2)) == Self.greeting)
    let silent = rig.base.cluster.begin(.down(.silent))
    rig.open(3)
    try rig.base.run(.seconds(30))
    #expect(rig.errors.count == 2)
    rig.base.cluster.end(silent)
    // A pod where nobody listens.
    for name in rig.desktops.keys.sorted() { rig.desktops[name]?.crash() }
    rig.open(4)
    try rig.base.run(.seconds(30))
    #expect(rig.errors.last?.hasPrefix("failed to connect to forwarded port: ") == true)
    #expect(rig.errors.last?.hasSuffix("connection refused") == true)
  }

  @Test("the end of the pod is told; the next attachment reaches the next pod", arguments: 1...3)
  func podEnd(seed: UInt64) throws {
    let rig = try Rig(seed: seed)
    try rig.start()
    rig.open()
    try rig.base.run(.seconds(5))
    rig.base.cluster.evictPod(ofSession: Command.session)
    try rig.base.run(.seconds(3))
    #expect(rig.errors == ["read: connection reset by peer"])
    try rig.base.run(.seconds(20))
    rig.open(2)
    try rig.base.run(.seconds(5))
    #expect(rig.bytes(Rig.id(2)) == Self.greeting)
    #expect(rig.openStreams == 1)
  }

  @Test("the pod that goes is not chosen while another comes (B-41)", arguments: [false, true])
  func terminatingPod(isDefect: Bool) throws {
    var behaviour = AgentBehaviour()
    if isDefect { behaviour.podChoice = .firstInList }
    let rig = try Rig(behaviour: behaviour)
    try rig.start()
    rig.base.cluster.evictPod(ofSession: Command.session)
    rig.open()
    try rig.base.run(.seconds(15))
    #expect(rig.openStreams == (isDefect ? 0 : 1))
    if !isDefect { #expect(rig.errors.isEmpty && rig.readies.count == 1) }
  }

  @Test(
    "stop and hibernation end the tunnels of their session, and say so",
    arguments: [AgentAction.stopSession, .hibernateSession])
  func sessionEnd(action: AgentAction) throws {
    let rig = try Rig()
    try rig.start()
    try rig.start("other")
    rig.open(1)
    rig.open(2, "other")
    try rig.base.run(.seconds(5))
    rig.record.send(Command.other(action, "cmd-end"))
    try rig.base.run(.seconds(10))
    #expect(rig.closes == ["session_ended"] && rig.closed == ["session_ended"])
    #expect(rig.openStreams == 1)
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
    let cut = rig.base.simulation.network.begin(NetworkFault(.cutOneWay, between: ["api"], and: ["agent-1"]))
    try rig.base.run(.seconds(15))
    #expect(rig.openStreams == 0 && rig.closed == ["agent_lost"] && rig.closes == ["agent_lost"])
    #expect(rig.record.ends == 0 && rig.record.connects.count == 1)
    rig.base.simulation.network.end(cut)
    rig.open(2)
    try rig.base.run(.seconds(5))
    #expect(rig.bytes(Rig.id(2)) == Self.greeting)
  }

  @Test("tunnels run beside the commands: a start that takes a minute delays none")
  func besideCommands() throws {
    let rig = try Rig()
    try rig.start()
    rig.base.cluster.begin(.imagePull(image: nil, .seconds(60)))
    for number in 1...6 { rig.record.send(Command.start("slow-\(number)", "s\(number)")) }
    try rig.base.run(.seconds(1))
    rig.open()
    try rig.base.run(.seconds(4))
    #expect(rig.bytes() == Self.greeting)
  }

  @Test("attachments end with the agent's connection; a new one begins afresh")
  func connectionLost() throws {
    let rig = try Rig()
    try rig.start()
    rig.open()
    try rig.base.run(.seconds(5))
    rig.record.socket?.reset()
    try rig.base.run(.seconds(1))
    #expect(rig.closed == ["agent_lost"] && rig.openStreams == 0)
    try rig.base.run(.seconds(10))
    rig.open()
    try rig.base.run(.seconds(5))
    #expect(rig.readies.count == 2 && rig.openStreams == 1)
    rig.base.agent.terminate()
    try rig.base.run(.seconds(3))
    #expect(rig.openStreams == 0)
  }

  @Test("only a leader tunnels: the end of a term ends its tunnels", arguments: 1...3)
  func leadership(seed: UInt64) throws {
    let rig = try Rig(seed: seed, replicas: 2, hasElection: true)
    #expect(try rig.base.run(until: { rig.record.sockets.count == 1 }))
    try rig.start()
    rig.open()
    try rig.base.run(.seconds(5))
    #expect(rig.openStreams == 1)
    rig.base.cluster.begin(.down(.silent), lasting: .seconds(20))
    try rig.base.run(.seconds(18))
    #expect(rig.openStreams == 0)
    #expect(rig.base.count { if case .leadershipEnded = $0 { true } else { false } } == 1)
  }

  @Test("heartbeats and answers go before data that waits", arguments: [false, true])
  func queues(isDefect: Bool) throws {
    var behaviour = AgentBehaviour()
    if isDefect { behaviour.tunnels.sendQueues = .shared }
    let rig = try Rig(behaviour: behaviour)
    try rig.start()
    rig.open()
    try rig.base.run(.seconds(5))
    let socket = try #require(rig.record.socket)
    // The control plane reads nothing for a moment: the socket fills, then the queue.
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
    // On the wire were at most a window and one frame.
    if isDefect { #expect(pong > 10) } else { #expect(pong <= 7) }
    if !isDefect { #expect(after.contains { if case .vncData = $0 { true } else { false } }) }
  }

  @Test(
    "without the contract's protocol the agent opens by itself 2 s after the start, and speaks of the session alone")
  func legacy() throws {
    let base = try Rig()
    base.base.agent.crash()
    base.record.protocolVersion = nil
    base.base.agent.start()
    try base.base.run(.seconds(10))
    try base.start()
    let started = base.base.now
    #expect(try base.base.run(until: { !base.readies.isEmpty }))
    #expect(base.base.now - started > .seconds(2) && base.base.now - started < .seconds(6))
    try base.base.run(.seconds(1))
    #expect(base.readies.first?.attachmentID == nil && base.bytes(nil) == Self.greeting)
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
