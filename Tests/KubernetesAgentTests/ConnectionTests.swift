import Kubernetes
import SimulationRuntime
import StreamSpaceProtocol
import Testing

@testable import KubernetesAgent

@Suite("Connection to the control plane")
struct ConnectionTests {
  @Test("the agent registers with protocol, instance and inventory, then connects with its key")
  func registration() throws {
    let rig = try AgentRig()
    try rig.cluster.placeSession("s-running")
    try rig.cluster.placeSession("s-asleep", isRunning: false)
    try rig.cluster.placeSession("s-foreign", agent: "other")
    try rig.begin()
    let registration = try #require(rig.record.registrations.first)
    #expect(registration.key == AgentRig.issuedKey)
    #expect(registration.request.agentID == AgentRig.agentID)
    #expect(registration.request.platform == "kubernetes")
    let metadata = try #require(registration.request.metadata)
    #expect(metadata.protocolVersion == "2.1")
    #expect(metadata.instanceID == "agent-1")
    #expect(metadata.leaderTerm == nil)
    let pod = try #require(rig.cluster.workloads.first { $0.workload.session == "s-running" }?.pods.first?.name)
    #expect(
      metadata.sessions == [
        SessionInventoryItem(sessionID: "s-asleep", state: "hibernated", podName: ""),
        SessionInventoryItem(sessionID: "s-running", state: "running", podName: pod),
      ])
    let connect = try #require(rig.record.connects.first)
    #expect(connect.key == AgentRig.issuedKey)
    #expect(connect.query["agent_id"] == AgentRig.agentID)
    #expect(connect.query["term"] == nil)
  }

  @Test("an agent without sessions says so, one that cannot ask its cluster says nothing")
  func emptyAndUnknown() throws {
    let rig = try AgentRig()
    try rig.begin()
    #expect(rig.record.registrations.first?.request.metadata?.sessions == [])
    let blind = try AgentRig()
    blind.cluster.begin(.down(.silent))
    try blind.begin()
    try blind.run(.seconds(3))
    #expect(blind.record.registrations.count == 1)
    #expect(blind.record.registrations.first?.request.metadata?.sessions == nil)
  }

  @Test("a workload without ready pod is told as pending")
  func pendingInventory() throws {
    let rig = try AgentRig()
    try rig.cluster.placeSession(Command.session)
    rig.cluster.begin(.unschedulable)
    rig.cluster.evictPod(ofSession: Command.session)
    try rig.run(.seconds(10))
    try rig.begin()
    #expect(
      rig.record.registrations.first?.request.metadata?.sessions == [
        SessionInventoryItem(sessionID: Command.session, state: "pending", podName: "")
      ])
  }

  @Test("an idle agent sends a heartbeat every 30 s, a ping every 54 s, and nothing else happens")
  func idle() throws {
    let rig = try AgentRig()
    try rig.begin()
    let connected = rig.now
    let before = rig.simulation.eventsRun
    try rig.run(.seconds(600))
    #expect(rig.record.messages.allSatisfy { $0.message.type == "heartbeat" })
    #expect(rig.record.messages.count == 20)
    #expect(rig.record.pings.count == 11)
    #expect(rig.count { $0 == .connected } == 1)
    guard case .heartbeat(let beat)? = rig.record.messages.first?.message else {
      Issue.record("no heartbeat")
      return
    }
    #expect(beat.status == "online")
    #expect(beat.activeSessions == 0)
    #expect(beat.capacity?.stored.maxSessions == 100)
    #expect((rig.record.messages[0].time - connected) < .seconds(31))
    // Twenty beats and eleven pings with their pongs, each a timer and its hops: no work per second.
    #expect(rig.simulation.eventsRun - before < 250)
  }

  @Test("a heartbeat tells how many sessions run; an interval of nothing is 10 s")
  func heartbeats() throws {
    let rig = try AgentRig()
    try rig.cluster.placeSession("s1")
    try rig.cluster.placeSession("s2", isRunning: false)
    try rig.begin()
    try rig.run(.seconds(31))
    guard case .heartbeat(let beat)? = rig.record.messages.first?.message else {
      Issue.record("no heartbeat")
      return
    }
    #expect(beat.activeSessions == 1)
    var configuration = AgentConfiguration(
      agentID: "a", instanceID: "a-1", controlPlane: [], key: .issued("k"), heartbeatInterval: .zero)
    #expect(configuration.effectiveHeartbeat == .seconds(10))
    configuration.heartbeatInterval = .seconds(7)
    #expect(configuration.effectiveHeartbeat == .seconds(7))
  }

  @Test("after a reset it is back within the first bound: 1 to 2 s and one connect", arguments: 1...10)
  func reconnect(seed: Int) throws {
    let rig = try AgentRig(seed: UInt64(seed))
    try rig.begin()
    rig.record.socket?.reset()
    let cut = rig.now
    #expect(try rig.run(until: { rig.record.connects.count == 2 }))
    let span = rig.now - cut
    #expect(span >= .seconds(1))
    #expect(span <= .milliseconds(2_200))
    #expect(rig.record.registrations.count == 2)
  }

  @Test("while the control plane is away the attempts keep to their bounds, for ever")
  func attempts() throws {
    let rig = try AgentRig()
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

  @Test(
    "a refused registration is a failed attempt",
    arguments: [
      (HTTPStatus.tooManyRequests, ErrorBody.rateLimitExceeded), (.internalServerError, ErrorBody.databaseError),
      (.forbidden, ErrorBody.invalidAPIKey), (.conflict, ErrorBody.agentIDInUse),
    ])
  func refused(status: HTTPStatus, body: ErrorBody) throws {
    let rig = try AgentRig()
    rig.record.registration = .refused(status, body)
    try rig.begin()
    try rig.run(.seconds(10))
    #expect(rig.record.connects.isEmpty)
    #expect(rig.record.registrations.count >= 3)
    rig.record.registration = .registered
    try rig.run(.seconds(20))
    #expect(rig.record.connects.count == 1)
  }

  @Test("a registration that is not answered is given up after 10 s")
  func silentRegistration() throws {
    let rig = try AgentRig()
    rig.record.registration = .silent
    try rig.begin()
    rig.record.registration = .registered
    #expect(try rig.run(until: { rig.record.connects.count == 1 }, within: .seconds(20)))
    #expect(rig.now >= .start + .seconds(11))
  }

  @Test("a silent connection is given up 6 to 60 s after the last pong, and replaced")
  func readDeadline() throws {
    let rig = try AgentRig()
    try rig.begin()
    rig.record.answersPings = false
    let begun = rig.now
    #expect(try rig.run(until: { rig.record.connects.count == 2 }))
    let span = rig.now - begun
    #expect(span >= .seconds(59) && span <= .seconds(63), "\(span)")
    #expect(rig.count { $0 == .disconnected(reason: "read: i/o timeout") } == 1)
  }

  @Test("the old connection is closed; the leaking agent leaves it open (C-18)")
  func oldSocket() throws {
    for policy in [AgentBehaviour.OldSocket.closed, .leaked] {
      var behaviour = AgentBehaviour()
      behaviour.oldSocket = policy
      let rig = try AgentRig(behaviour: behaviour)
      try rig.begin()
      rig.record.answersPings = false
      try rig.run(.seconds(300))
      let open = rig.record.sockets.count(where: \.isOpen)
      #expect(rig.record.sockets.count >= 4)
      #expect(policy == .closed ? open == 1 : open == rig.record.sockets.count, "\(open) open")
      // What the agent itself holds counts, whatever the other end has closed.
      #expect(rig.count { $0 == .socketsHeld(rig.record.sockets.count) } == (policy == .leaked ? 1 : 0))
    }
  }

  @Test("a control plane that says goodbye is dialled again")
  func goodbye() throws {
    let rig = try AgentRig()
    try rig.begin()
    let frame = AgentSocketFrame.close(code: .goingAway, reason: "shutting down")
    rig.record.socket?.close(farewell: Frame(frame, byteCount: frame.byteCount))
    try rig.run(.seconds(3))
    #expect(rig.record.connects.count == 2)
    #expect(rig.count { $0 == .disconnected(reason: "close 1001 shutting down") } == 1)
  }

  @Test("SIGTERM closes in order with 1001")
  func terminate() throws {
    let rig = try AgentRig()
    try rig.begin()
    rig.agent.terminate()
    try rig.run(.seconds(1))
    #expect(rig.record.closes == [.goingAway])
    #expect(rig.ends == [.finished("terminated")])
    try rig.run(.seconds(100))
    #expect(rig.record.connects.count == 1)
  }

  @Test("a writer that dies with a failed write executes mutely for ever after (B-33)")
  func deadWriter() throws {
    for policy in [AgentBehaviour.Writer.survivesFailure, .diesOnFailure] {
      var behaviour = AgentBehaviour()
      behaviour.writer = policy
      let rig = try AgentRig(behaviour: behaviour)
      try rig.begin()
      // A start ends while there is no connection: its answer is the failing write.
      rig.record.send(Command.start("cmd-1", "s1"))
      try rig.run(.seconds(4))
      rig.controlPlane.crash()
      try rig.run(.seconds(6))
      rig.controlPlane.start()
      #expect(try rig.run(until: { rig.record.connects.count == 2 }))
      rig.record.send(Command.start("cmd-2", "s2"))
      try rig.run(.seconds(40))
      #expect(rig.workloadsMade == 2)
      let survives = policy == .survivesFailure
      #expect(rig.record.completions("cmd-2").count == (survives ? 1 : 0))
      #expect(rig.record.acks("cmd-2") == (survives ? 1 : 0))
    }
  }

  @Test("two writers on one socket end the process when ping and heartbeat meet at 270 s (A-03)")
  func twoWriters() throws {
    var behaviour = AgentBehaviour()
    behaviour.writers = .two
    let rig = try AgentRig(behaviour: behaviour)
    try rig.begin()
    let connected = try #require(rig.record.connects.first?.time)
    try rig.run(.seconds(265))
    #expect(rig.ends.isEmpty)
    try rig.run(.seconds(10))
    #expect(rig.ends == [.panicked("concurrent write to websocket connection")])
    #expect(rig.now - connected > .seconds(270))
  }

  @Test("documents joined in one message are all read; the shipped reader loses them (HZ-03)")
  func joinedDocuments() throws {
    for policy in [AgentBehaviour.JoinedDocuments.accepted, .dropped, .firstOnly] {
      var behaviour = AgentBehaviour()
      behaviour.joinedDocuments = policy
      let rig = try AgentRig(behaviour: behaviour)
      try rig.begin()
      rig.record.send(
        Command.other(.stopSession, "c1", "s1"), Command.other(.stopSession, "c2", "s2"))
      try rig.run(.seconds(2))
      #expect(rig.record.acks("c1") == (policy == .dropped ? 0 : 1))
      #expect(rig.record.acks("c2") == (policy == .accepted ? 1 : 0))
    }
  }

  @Test("bytes with newline-joined documents are read as the typed frames are")
  func joinedBytes() throws {
    let rig = try AgentRig()
    try rig.begin()
    let documents = ["c1", "c2"].map { id in
      ServerEnvelope(at: Timestamp(nanosecondsSince1970: 0), Command.other(.stopSession, id, "s-\(id)")).encoded
    }
    let frame = AgentSocketFrame.text(documents[0] + [UInt8(ascii: "\n")] + documents[1])
    rig.record.socket?.send(Frame(frame, byteCount: frame.byteCount))
    try rig.run(.seconds(2))
    #expect(rig.record.acks("c1") == 1)
    #expect(rig.record.acks("c2") == 1)
  }
}

@Suite("Enrolment")
struct EnrolmentTests {
  private func enrolling(seed: UInt64 = 1) throws -> AgentRig {
    try AgentRig(seed: seed, key: .bootstrap(AgentRig.bootstrapKey))
  }

  @Test("a pending agent asks every 30 s and does not connect; approved it stores its key and uses it")
  func approval() throws {
    let rig = try enrolling()
    rig.record.registration = .pending
    try rig.begin()
    try rig.run(.seconds(95))
    #expect(rig.record.registrations.count == 4)
    #expect(rig.record.connects.isEmpty)
    let gap = rig.record.registrations[1].time - rig.record.registrations[0].time
    #expect(gap >= .seconds(30) && gap < .seconds(31))
    rig.record.registration = .approved(key: "fresh-key")
    #expect(try rig.run(until: { rig.count { $0 == .keyReceived } == 1 }))
    rig.record.registration = .registered
    #expect(try rig.run(until: { rig.record.connects.count == 1 }))
    #expect(rig.record.connects.first?.key == "fresh-key")
    #expect(rig.record.registrations.last?.key == "fresh-key")
    let secret = try #require(rig.cluster.store.list(.secret).first?.secret)
    #expect(secret.metadata.name == "streamspace-agent-\(AgentRig.agentID)-key")
    #expect(secret.data["apiKey"] == "fresh-key")
  }

  @Test("a replica that starts and finds a stored key uses it")
  func storedKey() throws {
    let rig = try enrolling()
    rig.record.registration = .approved(key: "fresh-key")
    try rig.begin()
    rig.agent.crash()
    rig.record.registration = .registered
    rig.record.registrations.removeAll()
    rig.agent.start()
    try rig.run(.seconds(1))
    #expect(rig.record.registrations.map(\.key) == ["fresh-key"])
  }

  @Test("a key that cannot be stored is not used: the bootstrap poll would not be answered again")
  func keyNotStored() throws {
    let rig = try enrolling()
    rig.cluster.begin(.forbid(.create, .secret))
    rig.record.registration = .approved(key: "fresh-key")
    try rig.begin()
    try rig.run(.seconds(20))
    #expect(rig.record.registrations.allSatisfy { $0.key == AgentRig.bootstrapKey })
    #expect(rig.record.connects.isEmpty)
  }

  @Test("a rejected agent stops and says so")
  func rejection() throws {
    let rig = try enrolling()
    rig.record.registration = .rejected
    try rig.begin()
    try rig.run(.seconds(60))
    #expect(rig.record.registrations.count == 1)
    #expect(rig.ends == [.finished("agent registration was rejected by administrator")])
  }
}
