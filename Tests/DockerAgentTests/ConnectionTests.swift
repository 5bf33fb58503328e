import SimulationRuntime
import StreamSpaceProtocol
import Testing

@testable import DockerAgent

@Suite("Connection of the Docker agent")
struct ConnectionTests {
  private func beats(_ rig: DockerRig) -> [AgentHeartbeat] {
    rig.record.messages.compactMap { if case .heartbeat(let beat) = $0.message { beat } else { nil } }
  }

  @Test("it registers with protocol, instance and inventory, then connects with its key")
  func registration() throws {
    let rig = try DockerRig()
    rig.place("s-running")
    rig.place("s-asleep", status: .exited)
    rig.place("s-created", status: .created)
    rig.place("s-foreign", agent: "other")
    try rig.begin()
    let registration = try #require(rig.record.registrations.first)
    #expect(registration.key == DockerRig.issuedKey)
    #expect(registration.request.platform == "docker")
    #expect(
      registration.request.capacity
        == .standard(AgentCapacity(maxSessions: 100, cpu: "100 cores", memory: "128Gi")))
    let metadata = try #require(registration.request.metadata)
    #expect(metadata.fields["dockerHost"]?.text == "tcp://docker:2375")
    #expect(metadata.fields["networkName"]?.text == "streamspace")
    #expect(metadata.fields["volumeDriver"]?.text == "local")
    #expect(metadata.protocolVersion == "2.1")
    #expect(metadata.instanceID == "agent-1")
    #expect(metadata.leaderTerm == nil)
    #expect(
      metadata.sessions == [
        SessionInventoryItem(sessionID: "s-asleep", state: "hibernated", podName: ""),
        SessionInventoryItem(sessionID: "s-created", state: "pending", podName: ""),
        SessionInventoryItem(sessionID: "s-running", state: "running", podName: "streamspace-s-running"),
      ])
    let connect = try #require(rig.record.connects.first)
    #expect(connect.key == DockerRig.issuedKey)
    #expect(connect.query["agent_id"] == DockerRig.agentID)
    #expect(connect.query["instance"] == "agent-1")
    #expect(connect.query["term"] == nil)
  }

  @Test("an agent without sessions says so, one that cannot ask its daemon says nothing, and connects all the same")
  func emptyAndUnknown() throws {
    let rig = try DockerRig()
    try rig.begin()
    #expect(rig.record.registrations.first?.request.metadata?.sessions == [])
    let blind = try DockerRig()
    blind.daemon.crash()
    try blind.begin()
    try blind.run(.seconds(3))
    #expect(blind.record.connects.count == 1)
    #expect(blind.record.registrations.first?.request.metadata?.sessions == nil)
  }

  @Test("an idle agent beats every 30 s and pings every 54 s, and nothing else happens")
  func idle() throws {
    let rig = try DockerRig()
    try rig.begin()
    let before = rig.simulation.eventsRun
    try rig.run(.seconds(600))
    #expect(rig.record.messages.count == 20)
    #expect(beats(rig).count == 20)
    #expect(rig.record.pings.count == 11)
    #expect(rig.count { $0 == .connected } == 1)
    let beat = try #require(beats(rig).first)
    #expect(beat.status == "online")
    #expect(beat.activeSessions == 0)
    #expect(beat.capacity?.stored.cpu == "100 cores")
    #expect(rig.simulation.eventsRun - before < 250)
  }

  @Test("heartbeats keep to their interval; one of nothing is 10 s", arguments: [(0, 10), (10, 10), (30, 30)])
  func interval(configured: Int64, effective: Int64) throws {
    let rig = try DockerRig { $0.heartbeatInterval = .seconds(configured) }
    try rig.begin()
    try rig.run(.seconds(600))
    #expect(beats(rig).count == Int(600 / effective))
    #expect(rig.record.pings.count == 11)
    #expect(rig.ends.isEmpty)
  }

  @Test("an interval of nothing ends the process right after the connect where it is not replaced (A-52)")
  func zeroInterval() throws {
    var behaviour = DockerAgentBehaviour()
    behaviour.zeroInterval = .panics
    let rig = try DockerRig(behaviour: behaviour) { $0.heartbeatInterval = .zero }
    try rig.begin()
    #expect(rig.ends == [.panicked("non-positive interval for NewTicker")])
    let sound = try DockerRig(behaviour: behaviour)
    try sound.begin()
    #expect(sound.ends.isEmpty)
  }

  @Test("pings at the heartbeat interval are too seldom when it is long, and the connection dies of it (A-13)")
  func pingsAtHeartbeatRate() throws {
    for policy in [DockerAgentBehaviour.PingPeriod.fixed, .heartbeatInterval] {
      var behaviour = DockerAgentBehaviour()
      behaviour.pingPeriod = policy
      let rig = try DockerRig(behaviour: behaviour) { $0.heartbeatInterval = .seconds(90) }
      try rig.begin()
      try rig.run(.seconds(300))
      #expect((rig.record.connects.count == 1) == (policy == .fixed))
    }
  }

  @Test("two writers on one socket end the process when ping and heartbeat meet at 270 s (A-03)")
  func twoWriters() throws {
    var behaviour = DockerAgentBehaviour()
    behaviour.writers = .two
    let rig = try DockerRig(behaviour: behaviour)
    try rig.begin()
    try rig.run(.seconds(265))
    #expect(rig.ends.isEmpty)
    try rig.run(.seconds(10))
    #expect(rig.ends == [.panicked("concurrent write to websocket connection")])
  }

  @Test("the heartbeat's timestamp is a date, its fields lie in the payload (A-11, A-12)")
  func heartbeatShape() throws {
    for shape in [DockerAgentBehaviour.HeartbeatShape.contract, .epochTimestamp, .flat] {
      var behaviour = DockerAgentBehaviour()
      behaviour.heartbeatShape = shape
      let rig = try DockerRig(behaviour: behaviour)
      try rig.begin()
      try rig.run(.seconds(31))
      let frame = try #require(rig.record.frames.first)
      let bytes: [UInt8] =
        switch frame {
        case .fromAgent(let envelope): envelope.encoded
        case .text(let bytes): bytes
        default: []
        }
      // What a control plane makes of the bytes.
      let decoded = try? AgentEnvelope.decode(bytes)
      #expect((decoded != nil) == (shape == .contract))
      let document = try JSONParser.parse(bytes)
      #expect(document["type"]?.text == "heartbeat")
      #expect((document["payload"] != nil) == (shape != .flat))
      #expect((document["timestamp"]?.integer != nil) == (shape == .epochTimestamp))
      #expect((document["activeSessions"] != nil) == (shape == .flat))
    }
  }

  @Test("the capacity is told in the keys the control plane knows (A-49)")
  func capacityShape() throws {
    for shape in [DockerAgentBehaviour.CapacityShape.standard, .numbers] {
      var behaviour = DockerAgentBehaviour()
      behaviour.capacityShape = shape
      let rig = try DockerRig(behaviour: behaviour)
      try rig.begin()
      try rig.run(.seconds(31))
      let reports = [rig.record.registrations.first?.request.capacity, beats(rig).first?.capacity]
      #expect(reports.allSatisfy { $0?.stored.cpu == (shape == .standard ? "100 cores" : "") })
      #expect(reports.allSatisfy { $0?.stored.maxSessions == 100 })
    }
  }

  @Test("after a reset it is back within the first bound: 1 to 2 s and one connect", arguments: 1...10)
  func reconnect(seed: Int) throws {
    let rig = try DockerRig(seed: UInt64(seed))
    try rig.begin()
    rig.record.socket?.reset()
    let cut = rig.now
    #expect(try rig.run(until: { rig.record.connects.count == 2 }))
    #expect(rig.now - cut >= .seconds(1))
    #expect(rig.now - cut <= .milliseconds(2_200))
  }

  @Test("while the control plane is away the attempts keep to their bounds, for ever")
  func attempts() throws {
    let rig = try DockerRig()
    try rig.begin()
    rig.controlPlane.crash()
    try rig.run(.seconds(300))
    let waits = rig.events.compactMap { event -> Int64? in
      if case .attemptFailed(_, _, let wait) = event.event { wait.milliseconds } else { nil }
    }
    let bounds: [Int64] = [2_000, 4_000, 8_000, 16_000, 32_000]
    #expect(waits.count >= 10)
    for (number, wait) in waits.enumerated() {
      let bound = bounds[min(number, 4)]
      #expect((bound / 2...bound).contains(wait), "wait \(number + 1): \(wait) ms")
    }
    rig.controlPlane.start()
    let back = rig.now
    #expect(try rig.run(until: { rig.record.connects.count == 2 }))
    #expect(rig.now - back <= .milliseconds(32_500))
  }

  @Test("a step of the calendar moves neither waits nor deadlines, but the timestamps", arguments: [-40, 40])
  func calendarStep(seconds: Int64) throws {
    let rig = try DockerRig()
    try rig.begin()
    rig.agent.host.stepClock(by: .seconds(seconds))
    try rig.run(.seconds(300))
    #expect(rig.record.connects.count == 1)
    #expect(rig.record.pings.count == 5)
    guard case .fromAgent(let envelope)? = rig.record.frames.first, case .at(let time) = envelope.timestamp else {
      Issue.record("no heartbeat")
      return
    }
    let shown = time.nanosecondsSince1970 / 1_000_000_000 - Epoch.unixSeconds
    #expect((30 + seconds...31 + seconds).contains(shown))
  }

  @Test(
    "a refused registration is a failed attempt",
    arguments: [
      (HTTPStatus.tooManyRequests, ErrorBody.rateLimitExceeded), (.internalServerError, ErrorBody.databaseError),
      (.forbidden, ErrorBody.invalidAPIKey), (.conflict, ErrorBody.agentIDInUse),
    ])
  func refused(status: HTTPStatus, body: ErrorBody) throws {
    let rig = try DockerRig()
    rig.record.registration = .refused(status, body)
    try rig.begin()
    try rig.run(.seconds(10))
    #expect(rig.record.connects.isEmpty)
    #expect(rig.record.registrations.count >= 3)
    rig.record.registration = .registered
    try rig.run(.seconds(20))
    #expect(rig.record.connects.count == 1)
  }

  @Test("a silent connection is given up 60 s after the last pong, and replaced")
  func readDeadline() throws {
    let rig = try DockerRig()
    try rig.begin()
    rig.record.answersPings = false
    let begun = rig.now
    #expect(try rig.run(until: { rig.record.connects.count == 2 }))
    let span = rig.now - begun
    #expect(span >= .seconds(59) && span <= .seconds(63), "\(span)")
    #expect(rig.count { $0 == .disconnected(reason: "read: i/o timeout") } == 1)
    #expect(rig.record.sockets.count(where: \.isOpen) == 1)
  }

  @Test("SIGTERM closes in order with 1001 and ends")
  func terminate() throws {
    let rig = try DockerRig()
    try rig.begin()
    rig.agent.terminate()
    try rig.run(.seconds(1))
    #expect(rig.record.closes == [.goingAway])
    #expect(rig.ends == [.finished("terminated")])
    try rig.run(.seconds(100))
    #expect(rig.record.connects.count == 1)
  }

  @Test("the shipped agent is over with its reader, idles, and panics when it is stopped (B-46)")
  func neverReconnects() throws {
    var behaviour = DockerAgentBehaviour()
    behaviour.reconnection = .never
    let rig = try DockerRig(behaviour: behaviour)
    rig.place()
    try rig.begin()
    rig.record.socket?.reset()
    try rig.run(.seconds(600))
    #expect(rig.record.connects.count == 1)
    #expect(rig.record.messages.isEmpty)
    #expect(rig.ends.isEmpty)
    #expect(rig.count { if case .gaveUp = $0 { true } else { false } } == 1)
    rig.agent.terminate()
    try rig.run(.seconds(1))
    #expect(rig.ends == [.panicked("close of closed channel")])
  }

  @Test("the shipped agent that finds no control plane at its start idles for ever and ends well (HZ-21)")
  func noFirstConnect() throws {
    var behaviour = DockerAgentBehaviour()
    behaviour.reconnection = .never
    let rig = try DockerRig(behaviour: behaviour)
    rig.controlPlane.crash()
    try rig.begin()
    rig.controlPlane.start()
    try rig.run(.seconds(300))
    #expect(rig.record.registrations.isEmpty)
    rig.agent.terminate()
    try rig.run(.seconds(1))
    #expect(rig.ends == [.finished("terminated")])
  }

  @Test("messages of kinds this agent does not handle are told and change nothing")
  func ignored() throws {
    var behaviour = DockerAgentBehaviour()
    behaviour.streaming = .unsupported
    let rig = try DockerRig(behaviour: behaviour)
    try rig.begin()
    rig.record.send(.vncOpen(VNCOpen(sessionID: "s", attachmentID: "att-0")))
    rig.record.send(.shutdown(reason: "x"))
    rig.record.send(.ping)
    try rig.run(.seconds(1))
    #expect(rig.count { $0 == .ignored(type: "vnc_open") } == 1)
    #expect(rig.count { $0 == .ignored(type: "shutdown") } == 1)
    #expect(rig.record.messages.map(\.message) == [.pong(agentID: nil)])
  }

  @Test("documents joined in one message are all read; the shipped reader loses them (HZ-03)")
  func joinedDocuments() throws {
    for policy in [DockerAgentBehaviour.JoinedDocuments.accepted, .dropped] {
      var behaviour = DockerAgentBehaviour()
      behaviour.joinedDocuments = policy
      let rig = try DockerRig(behaviour: behaviour)
      try rig.begin()
      let messages = [Command.other(.stopSession, "c1", "s1"), Command.other(.stopSession, "c2", "s2")]
      rig.record.send(messages[0], messages[1])
      let documents = messages.map { ServerEnvelope(at: Timestamp(nanosecondsSince1970: 0), $0).encoded }
      let frame = AgentSocketFrame.text(documents[0] + [UInt8(ascii: "\n")] + documents[1])
      rig.record.socket?.send(Frame(frame, byteCount: frame.byteCount))
      try rig.run(.seconds(2))
      let expected = policy == .accepted ? 2 : 0
      #expect(rig.record.acks("c1") == expected)
      #expect(rig.record.acks("c2") == expected)
    }
  }
}

@Suite("Enrolment of the Docker agent")
struct EnrolmentTests {
  private func enrolling(
    lock: DockerRig.Lock = .none, _ change: (inout DockerAgentBehaviour) -> Void = { _ in }
  ) throws -> DockerRig {
    var behaviour = DockerAgentBehaviour()
    change(&behaviour)
    return try DockerRig(lock: lock, key: .bootstrap(DockerRig.bootstrapKey), behaviour: behaviour)
  }

  @Test("a pending agent asks every 30 s and does not connect; approved it stores its key and uses it")
  func approval() throws {
    let rig = try enrolling()
    rig.record.registration = .pending
    try rig.begin()
    try rig.run(.seconds(95))
    #expect(rig.record.registrations.count == 4)
    #expect(rig.record.registrations.allSatisfy { $0.key == DockerRig.bootstrapKey })
    #expect(rig.record.connects.isEmpty)
    let gap = rig.record.registrations[1].time - rig.record.registrations[0].time
    #expect(gap >= .seconds(30) && gap < .seconds(31))
    rig.record.registration = .approved(key: "fresh-key")
    #expect(try rig.run(until: { rig.count { $0 == .keyReceived } == 1 }))
    rig.record.registration = .registered
    #expect(try rig.run(until: { rig.record.connects.count == 1 }))
    #expect(rig.record.connects.first?.key == "fresh-key")
    #expect(rig.record.registrations.last?.key == "fresh-key")
    let path = "/var/run/streamspace/docker-agent-\(DockerRig.agentID).key"
    #expect(rig.volume.content(of: path).map { String(decoding: $0, as: UTF8.self) } == "fresh-key")
    #expect(rig.volume.paths == [path])
  }

  @Test("a restarted replica uses the stored key, whatever the lock is", arguments: DockerRig.Lock.allCases)
  func storedKey(lock: DockerRig.Lock) throws {
    let rig = try enrolling(lock: lock)
    rig.record.registration = .approved(key: "fresh-key")
    rig.agent.start()
    #expect(try rig.run(until: { rig.count { $0 == .keyReceived } >= 1 }))
    rig.agent.crash()
    rig.record.registration = .registered
    rig.record.registrations.removeAll()
    rig.agent.start()
    #expect(try rig.run(until: { rig.record.connects.count >= 1 }))
    #expect(rig.record.registrations.map(\.key) == ["fresh-key"])
    #expect(rig.record.connects.map(\.key) == ["fresh-key"])
    if lock == .redis {
      #expect(rig.redis.value(of: "streamspace:agent:key:\(DockerRig.agentID)", database: 0) == "fresh-key")
    }
  }

  @Test("a key that cannot be stored is not used: the bootstrap poll would not be answered again")
  func keyNotStored() throws {
    let rig = try enrolling()
    rig.volume.begin(.readOnly)
    rig.record.registration = .approved(key: "fresh-key")
    try rig.begin()
    try rig.run(.seconds(10))
    #expect(rig.count { $0 == .keyReceived } == 0)
    #expect(rig.record.registrations.allSatisfy { $0.key == DockerRig.bootstrapKey })
    #expect(rig.record.registrations.count >= 2)
  }

  @Test("a refused key is looked up again: another replica may have stored the new one")
  func refusedKey() throws {
    let rig = try enrolling()
    rig.record.registration = .refused(.forbidden, .invalidAPIKey)
    try rig.begin()
    FileKeyStore(
      rig.volume.files(for: try #require(rig.agent.current)),
      besides: "/var/run/streamspace/docker-agent-\(DockerRig.agentID).lock"
    )
    .write("fresh-key") { #expect($0) }
    try rig.run(.seconds(4))
    #expect(rig.record.registrations.last?.key == "fresh-key")
  }

  @Test("a rejected agent stops and reports")
  func rejected() throws {
    let rig = try enrolling()
    rig.record.registration = .rejected
    try rig.begin()
    try rig.run(.seconds(100))
    #expect(rig.record.registrations.count == 1)
    #expect(rig.ends == [.finished("agent registration was rejected by administrator")])
    #expect(rig.count { $0 == .gaveUp(reason: "agent registration was rejected by administrator") } == 1)
  }

  @Test("the agent that takes 202 for a failure never polls, the one that ignores its key never uses it (B-47, A-50)")
  func defects() throws {
    let impatient = try enrolling { $0.pendingApproval = .isFailure }
    impatient.record.registration = .pending
    try impatient.begin()
    try impatient.run(.seconds(20))
    #expect(impatient.count { $0 == .approvalPending } == 0)
    #expect(impatient.record.registrations.count >= 3)
    let ignorant = try enrolling { $0.issuedKey = .ignored }
    ignorant.record.registration = .approved(key: "fresh-key")
    try ignorant.begin()
    #expect(ignorant.record.connects.map(\.key) == [DockerRig.bootstrapKey])
    #expect(ignorant.volume.paths.isEmpty)
  }
}
