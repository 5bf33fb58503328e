import SimulationRuntime
import StreamSpaceProtocol
import Testing

@testable import DockerAgent

@Suite("Delivery of commands to the Docker agent")
struct DeliveryTests {
  private func begun(_ rig: DockerRig) -> Int {
    rig.count { if case .commandBegun = $0 { true } else { false } }
  }

  @Test("a command delivered twice is carried out once and answered twice with the first result", arguments: [1, 60])
  func duplicate(seconds: Int64) throws {
    let rig = try DockerRig()
    try rig.begin()
    rig.record.send(Command.start())
    try rig.run(.milliseconds(500))
    rig.record.send(Command.start())
    try rig.run(.seconds(seconds))
    try rig.run(.seconds(2))
    rig.record.send(Command.start())
    try rig.run(.seconds(1))
    #expect(rig.platform.containersMade == 1)
    #expect(begun(rig) == 1)
    #expect(rig.record.acks("cmd-start") == 3)
    let answers = rig.record.completions("cmd-start")
    #expect(answers.count == 2)
    #expect(answers.first == answers.last)
    #expect(rig.count { $0 == .duplicateSuppressed(commandID: "cmd-start", isAnswered: false) } == 1)
    #expect(rig.count { $0 == .duplicateSuppressed(commandID: "cmd-start", isAnswered: true) } == 1)
  }

  @Test("without a memory the repeat is carried out again (C-05)")
  func noMemory() throws {
    for history in [DockerAgentBehaviour.CommandHistory.kept, .none] {
      var behaviour = DockerAgentBehaviour()
      behaviour.commandHistory = history
      let rig = try DockerRig(behaviour: behaviour)
      rig.place()
      try rig.begin()
      for _ in 0..<2 {
        rig.record.send(Command.other(.stopSession, "cmd-s"))
        try rig.run(.seconds(10))
      }
      #expect(begun(rig) == (history == .kept ? 1 : 2))
      #expect(rig.record.completions("cmd-s").count == 2)
    }
  }

  @Test(
    "a start of a session that has a container adopts it; shipped agents fail it (B-21, B-50)",
    arguments: [DockerAgentBehaviour.ExistingContainer.adopted, .adoptedIfRunning, .fails],
    [ContainerStatus.created, .exited, .running])
  func adoption(policy: DockerAgentBehaviour.ExistingContainer, status: ContainerStatus) throws {
    var behaviour = DockerAgentBehaviour()
    behaviour.existingContainer = policy
    let rig = try DockerRig(behaviour: behaviour)
    rig.place(status: status)
    let id = try #require(rig.platform.container(of: Command.session)?.id)
    try rig.begin()
    rig.record.send(Command.start("cmd-again"))
    try rig.run(.seconds(10))
    #expect(rig.platform.containersMade == 0)
    #expect(rig.platform.container(of: Command.session)?.id == id)
    let isAdopted = policy == .adopted || policy == .adoptedIfRunning && status == .running
    #expect(rig.record.completions("cmd-again").count == (isAdopted ? 1 : 0))
    #expect(rig.record.failures("cmd-again").count == (isAdopted ? 0 : 1))
    #expect(
      rig.count { $0 == .adopted(commandID: "cmd-again", container: "streamspace-\(Command.session)") }
        == (isAdopted ? 1 : 0))
    if isAdopted { #expect(rig.platform.container(of: Command.session)?.status == .running) }
    if !isAdopted {
      let conflict = DockerFailure.nameInUse("streamspace-\(Command.session)", by: id).clientText
      #expect(
        rig.record.failures("cmd-again")
          == ["Failed to create container: failed to create container: \(conflict)"])
    }
  }

  @Test("a dead container of the session is replaced")
  func deadContainer() throws {
    let rig = try DockerRig()
    rig.place(status: .dead)
    try rig.begin()
    rig.record.send(Command.start())
    try rig.run(.seconds(10))
    #expect(rig.record.completions("cmd-start").count == 1)
    #expect(rig.platform.containersMade == 1)
    #expect(rig.platform.container(of: Command.session)?.status == .running)
  }

  @Test("an adopted container of another command survives a start that fails")
  func adoptedSurvives() throws {
    let rig = try DockerRig()
    rig.place(status: .exited)
    try rig.begin()
    rig.platform.statusAfterStart = .exited
    rig.record.send(Command.start("cmd-again"))
    try rig.run(.seconds(10))
    #expect(rig.record.failures("cmd-again").count == 1)
    #expect(rig.platform.container(of: Command.session) != nil)
  }

  @Test("commands of one session take effect in the order they were sent", arguments: 1...8)
  func order(seed: Int) throws {
    let rig = try DockerRig(seed: UInt64(seed))
    try rig.begin()
    rig.record.send(Command.start("c1"))
    rig.record.send(Command.other(.hibernateSession, "c2"))
    rig.record.send(Command.other(.wakeSession, "c3"))
    rig.record.send(Command.other(.stopSession, "c4"))
    try rig.run(.seconds(60))
    let times = ["c1", "c2", "c3", "c4"].compactMap { rig.record.answered($0) }
    #expect(times.count == 4)
    #expect(times == times.sorted())
    #expect(rig.platform.containers.isEmpty)
    #expect((1...4).allSatisfy { rig.record.completions("c\($0)").count == 1 })
  }

  @Test("four sessions are served at a time, and all are acknowledged at once")
  func parallel() throws {
    let rig = try DockerRig()
    try rig.begin()
    for number in 1...8 { rig.record.send(Command.start("c\(number)", "s\(number)")) }
    try rig.run(.milliseconds(200))
    #expect((1...8).allSatisfy { rig.record.acks("c\($0)") == 1 })
    #expect(begun(rig) == 4)
    try rig.run(.seconds(20))
    #expect((1...8).allSatisfy { rig.record.completions("c\($0)").count == 1 })
    #expect(rig.platform.networks.count == 1)
  }

  @Test("a long pull holds up nothing; inside the read loop it costs the connection (HZ-23)")
  func slowStart() throws {
    for policy in [DockerAgentBehaviour.Handlers.parallel(4), .inReadLoop] {
      var behaviour = DockerAgentBehaviour()
      behaviour.handlers = policy
      let rig = try DockerRig(behaviour: behaviour)
      rig.place("other")
      try rig.begin()
      rig.platform.images = []
      rig.platform.script = { $0.call == .imagePull ? .late(.seconds(80)) : .usual }
      rig.record.send(Command.start())
      rig.record.send(Command.other(.stopSession, "cmd-s", "other"))
      try rig.run(.seconds(10))
      let isParallel = policy != .inReadLoop
      #expect(rig.record.acks("cmd-s") == (isParallel ? 1 : 0))
      #expect(rig.record.completions("cmd-s").count == (isParallel ? 1 : 0))
      try rig.run(.seconds(100))
      #expect(rig.record.connects.count == (isParallel ? 1 : 2))
    }
  }

  @Test("a start that ends during a reconnection is answered when it is delivered again")
  func answerAfterReconnect() throws {
    let rig = try DockerRig()
    try rig.begin()
    rig.record.send(Command.start())
    try rig.run(.milliseconds(500))
    rig.controlPlane.crash()
    try rig.run(.seconds(12))
    #expect(rig.platform.container(of: Command.session)?.status == .running)
    rig.controlPlane.start()
    #expect(try rig.run(until: { rig.record.connects.count == 2 }))
    rig.record.send(Command.start())
    try rig.run(.seconds(1))
    #expect(rig.record.completions("cmd-start").count == 1)
    #expect(rig.platform.containersMade == 1)
  }

  @Test("the agent that reads numbers for timestamps decodes no command of a real control plane (B-44)")
  func timestamps() throws {
    for rule in [EnvelopeTimestamp.Rule.dateString, .integer] {
      var behaviour = DockerAgentBehaviour()
      behaviour.inboundTimestamps = rule
      let rig = try DockerRig(behaviour: behaviour)
      try rig.begin()
      rig.record.send(Command.start())
      try rig.run(.seconds(10))
      #expect(rig.platform.containersMade == (rule == .dateString ? 1 : 0))
      #expect(rig.record.acks("cmd-start") == (rule == .dateString ? 1 : 0))
      #expect(rig.count { $0 == .undecodable(type: "command") } == (rule == .dateString ? 0 : 1))
      // With a number it is the other way round.
      let envelope = ServerEnvelope(timestamp: .unixSeconds(1), Command.start("c2", "s2"))
      let frame = AgentSocketFrame.fromServer(envelope)
      rig.record.socket?.send(Frame(frame, byteCount: frame.byteCount))
      try rig.run(.seconds(10))
      #expect(rig.record.acks("c2") == (rule == .integer ? 1 : 0))
    }
  }

  @Test("the answers outside the protocol are those recorded (B-45)")
  func replies() throws {
    var behaviour = DockerAgentBehaviour()
    behaviour.replies = .outsideProtocol
    behaviour.hibernation = .unsupported
    behaviour.missingContainer = .fails
    let rig = try DockerRig(behaviour: behaviour)
    try rig.begin()
    let messages = [
      Command.start(), Command.other(.hibernateSession, "cmd-h"), Command.other(.wakeSession, "cmd-w"),
      Command.other(.stopSession, "cmd-s"), Command.other(.stopSession, "cmd-n", "nope"),
      .command(AgentCommand(commandID: "cmd-x", actionName: "snapshot", payload: .none)), .ping,
    ]
    for message in messages {
      rig.record.send(message)
      try rig.run(.seconds(4))
    }
    let id = String(repeating: "a", count: 60) + "1001"
    #expect(
      rig.record.messages.map(\.message) == [
        .commandResponse(
          DockerCommandResponse(
            success: true, sessionID: Command.session, status: "running",
            container: .init(id: id, ip: "172.18.0.5"))),
        .commandError(
          DockerCommandError(
            commandID: "cmd-h", error: "command failed: hibernation not yet implemented for Docker agent")),
        .commandError(
          DockerCommandError(commandID: "cmd-w", error: "command failed: wake not yet implemented for Docker agent")),
        .commandResponse(
          DockerCommandResponse(success: true, sessionID: Command.session, status: "terminated")),
        .commandResponse(
          DockerCommandResponse(
            success: false, sessionID: "nope",
            error: "Container not found: container not found for session: nope")),
        .commandError(DockerCommandError(commandID: "cmd-x", error: "unknown command action: snapshot")),
        .pong(agentID: DockerRig.agentID),
      ])
    let timestamps = rig.record.frames.map { frame in
      if case .fromAgent(let envelope) = frame { envelope.timestamp } else { EnvelopeTimestamp.absent }
    }
    let numbers = timestamps.map { if case .unixSeconds = $0 { true } else { false } }
    #expect(numbers == [true, false, false, true, true, false, false])
    #expect(timestamps.count { $0 == .absent } == 4)
    // A control plane cannot use the ones with a number.
    if case .fromAgent(let envelope)? = rig.record.frames.first {
      #expect((try? AgentEnvelope.decode(envelope.encoded)) == nil)
    }
  }

  @Test("an agent that can neither hibernate nor wake says so at once, in the protocol (B-49)")
  func unsupported() throws {
    var behaviour = DockerAgentBehaviour()
    behaviour.hibernation = .unsupported
    let rig = try DockerRig(behaviour: behaviour)
    rig.place()
    try rig.begin()
    rig.record.send(Command.other(.hibernateSession, "cmd-h"))
    try rig.run(.seconds(1))
    #expect(
      rig.record.failures("cmd-h") == ["command failed: hibernation not yet implemented for Docker agent"])
    #expect(rig.platform.container(of: Command.session)?.status == .running)
  }

  @Test("a stop of a session without home leaves no volume; the shipped one leaves all (B-50)")
  func stoppedVolumes() throws {
    for policy in [DockerAgentBehaviour.StoppedVolumes.onlyHomeKept, .kept] {
      var behaviour = DockerAgentBehaviour()
      behaviour.stoppedVolumes = policy
      let rig = try DockerRig(behaviour: behaviour)
      try rig.begin()
      rig.record.send(
        Command.start(manifest: Command.manifest(mounts: [["name": "cache", "mountPath": "/cache"]])))
      try rig.run(.seconds(5))
      #expect(rig.platform.volumes.count == 1)
      rig.record.send(Command.other(.stopSession, "cmd-s"))
      try rig.run(.seconds(5))
      #expect(rig.platform.volumes.count == (policy == .kept ? 1 : 0))
    }
  }

  @Test("limits are those of the command; nested ones are never found (B-48)")
  func resources() throws {
    for policy in [DockerAgentBehaviour.Resources.flat, .nested] {
      var behaviour = DockerAgentBehaviour()
      behaviour.resources = policy
      let rig = try DockerRig(behaviour: behaviour)
      try rig.begin()
      rig.record.send(Command.start(memory: "2Gi", cpu: "1000m"))
      try rig.run(.seconds(5))
      let host = try #require(rig.platform.container(of: Command.session)?.specification.host)
      #expect(host.memory == (policy == .flat ? 2_147_483_648 : 536_870_912))
      #expect(host.nanoCPUs == (policy == .flat ? 1_000_000_000 : 250_000_000))
    }
  }

  @Test("the shipped agent names no protocol, decodes no command and is over after a reset")
  func shipped() throws {
    let rig = try DockerRig(behaviour: .shipped)
    rig.place("s-other")
    try rig.begin()
    let request = try #require(rig.record.registrations.first?.request)
    #expect(
      request.metadata?.fields.members.map(\.key) == ["dockerHost", "networkName", "volumeDriver"])
    #expect(request.capacity?.json["maxCpu"]?.integer == 100)
    #expect(rig.record.connects.first?.query["instance"] == nil)
    rig.record.send(Command.start())
    try rig.run(.seconds(29))
    #expect(rig.record.messages.isEmpty)
    #expect(rig.platform.calls.isEmpty)
    try rig.run(.seconds(30))
    #expect(rig.record.messages.map(\.message.type) == ["heartbeat"])
    rig.record.socket?.reset()
    try rig.run(.seconds(100))
    #expect(rig.record.connects.count == 1)
  }

  @Test("two runs of one seed are the same, another seed differs")
  func determinism() throws {
    func fingerprint(_ seed: UInt64) throws -> String {
      let rig = try DockerRig(seed: seed)
      try rig.begin()
      for number in 1...6 { rig.record.send(Command.start("c\(number)", "s\(number)")) }
      try rig.run(.seconds(2))
      rig.record.socket?.reset()
      try rig.run(.seconds(60))
      return rig.simulation.trace.fingerprint
    }
    #expect(try fingerprint(3) == fingerprint(3))
    #expect(try fingerprint(3) != fingerprint(4))
  }
}
