import Kubernetes
import SimulationRuntime
import StreamSpaceProtocol
import Testing

@testable import KubernetesAgent

@Suite("Commands of a session")
struct LifecycleTests {
  /// Milliseconds from the command to its answer, over `seeds` runs, in order.
  private func startTimes(_ seeds: Int, cluster: ClusterConfiguration = ClusterConfiguration()) throws -> [Int64] {
    try (1...seeds).map { seed in
      let rig = try AgentRig(seed: UInt64(seed), cluster: cluster)
      try rig.begin()
      let begun = rig.now
      rig.record.send(Command.start())
      try rig.run(.seconds(40))
      let answered = try #require(rig.record.answered("cmd-start"))
      #expect(rig.record.completions("cmd-start").count == 1)
      return (answered - begun).milliseconds
    }.sorted()
  }

  @Test("a warm start takes 5 to 8 s in the median and about 9 s at p99")
  func warmStart() throws {
    let times = try startTimes(200)
    #expect((5_000...8_000).contains(times[100]), "median \(times[100]) ms")
    #expect((8_000...10_000).contains(times[198]), "p99 \(times[198]) ms")
    #expect(times[199] <= 12_000)
  }

  @Test("a cold start takes about 17 s in the median and at most 25 s at p99")
  func coldStart() throws {
    let times = try startTimes(100, cluster: ClusterConfiguration(images: [Command.image: .cold]))
    #expect((14_500...19_500).contains(times[50]), "median \(times[50]) ms")
    #expect(times[99] <= 25_000, "p99 \(times[99]) ms")
  }

  @Test("a start is acknowledged on arrival, tells its state and is complete when its pod is ready")
  func start() throws {
    let rig = try AgentRig()
    try rig.begin()
    rig.record.send(Command.start(persistentHome: true))
    try rig.run(.milliseconds(100))
    #expect(rig.record.acks("cmd-start") == 1)
    try rig.run(.seconds(20))
    let kinds = rig.record.messages.map(\.message.type)
    #expect(kinds == ["ack", "status", "complete"])
    let pod = try #require(rig.cluster.workloads.first?.readyPods.first?.name)
    let status = try #require(rig.record.statuses.first)
    #expect(status.sessionState == .running)
    #expect(status.vncReady == true)
    #expect(status.platformMetadata?.podName == pod)
    let result = try #require(rig.record.completions("cmd-start").first?.result)
    #expect(result.podName == pod)
    #expect(result.state == "running")
    #expect(result.pvc == "\(Command.session)-home")
    #expect(result.vncPort == 5900)
    #expect(
      rig.belongings(Command.session) == [
        "deployments/\(Command.session)", "pods/\(pod)", "services/\(Command.session)",
        "persistentvolumeclaims/\(Command.session)-home", "sessions/\(Command.session)",
      ])
    let labels = try #require(rig.cluster.store.list(.deployment).first?.metadata.labels)
    #expect(labels[SessionLabel.agent] == AgentRig.agentID)
    #expect(labels[SessionLabel.command] == "cmd-start")
    #expect(labels[SessionLabel.app] == "streamspace-session")
  }

  @Test("hibernate leaves the definition without instance, wake brings a new pod, stop removes all but the home")
  func wholeLife() throws {
    let rig = try AgentRig()
    try rig.begin()
    rig.record.send(Command.start(persistentHome: true))
    try rig.run(.seconds(15))
    let first = try #require(rig.cluster.workloads.first?.readyPods.first?.name)
    rig.record.send(Command.other(.hibernateSession, "cmd-h"))
    try rig.run(.seconds(10))
    #expect(rig.record.completions("cmd-h").first?.result?.state == "hibernated")
    #expect(rig.cluster.workloads.map(\.replicas) == [0])
    #expect(rig.cluster.workloads.first?.pods == [])
    rig.record.send(Command.other(.wakeSession, "cmd-w"))
    try rig.run(.seconds(15))
    let second = try #require(rig.record.completions("cmd-w").first?.result?.podName)
    #expect(second != first)
    let begun = rig.now
    rig.record.send(Command.other(.stopSession, "cmd-s"))
    try rig.run(.seconds(10))
    #expect(rig.record.completions("cmd-s").first?.result?.state == "terminated")
    #expect(rig.belongings(Command.session) == ["persistentvolumeclaims/\(Command.session)-home"])
    let stopped = try #require(rig.record.answered("cmd-s"))
    #expect((stopped - begun) < .seconds(6))
    #expect(rig.record.statuses.map(\.state) == ["running", "hibernated", "running", "terminated"])
  }

  @Test("a stop of 200 seeds takes about 1.5 s in the median: stops share four places with starts")
  func stopTime() throws {
    var times: [Int64] = []
    for seed in 1...60 {
      let rig = try AgentRig(seed: UInt64(seed))
      try rig.cluster.placeSession(Command.session)
      try rig.begin()
      let begun = rig.now
      rig.record.send(Command.other(.stopSession, "cmd-s"))
      try rig.run(.seconds(10))
      times.append((try #require(rig.record.answered("cmd-s")) - begun).milliseconds)
    }
    times.sort()
    #expect((700...2_100).contains(times[30]), "median \(times[30]) ms")
  }

  @Test("a stop of a session that is not there is complete")
  func stopOfNothing() throws {
    let rig = try AgentRig()
    try rig.begin()
    rig.record.send(Command.other(.stopSession, "cmd-s", "unknown"))
    try rig.run(.seconds(5))
    #expect(rig.record.completions("cmd-s").count == 1)
  }

  @Test("another agent's workload is neither stopped nor adopted")
  func foreignWorkload() throws {
    let rig = try AgentRig()
    try rig.cluster.placeSession(Command.session, agent: "other-agent")
    try rig.begin()
    rig.record.send(Command.other(.stopSession, "cmd-s"))
    try rig.run(.seconds(5))
    #expect(rig.record.failures("cmd-s").first?.contains("belongs to another agent") == true)
    rig.record.send(Command.start())
    try rig.run(.seconds(5))
    #expect(
      rig.record.failures("cmd-start") == [
        "failed to create deployment: deployments.apps \"\(Command.session)\" already exists"
      ])
    #expect(rig.cluster.workloads.map(\.workload.agent) == ["other-agent"])
  }

  @Test(
    "what cannot be carried out is failed with its recorded text",
    arguments: [
      (
        ServerMessage.command(AgentCommand(commandID: "c", actionName: "dance", payload: .none)),
        "unknown action: dance"
      ),
      (
        .command(AgentCommand(commandID: "c", action: .stopSession, payload: .none)), "missing or invalid sessionId"
      ),
      (Command.start("c", ""), "missing or invalid sessionId"),
      (
        Command.start("c", manifest: nil),
        "failed to get template xterm-vnc: templateManifest not found in payload"
      ),
      (
        Command.start("c", manifest: ["spec": [:]]),
        "failed to get template xterm-vnc: template missing baseImage"
      ),
      (
        Command.other(.hibernateSession, "c", "absent"),
        "failed to scale deployment: deployments.apps \"absent\" not found"
      ),
      (
        Command.other(.wakeSession, "c", "absent"),
        "failed to scale deployment: deployments.apps \"absent\" not found"
      ),
    ])
  func failures(message: ServerMessage, text: String) throws {
    let rig = try AgentRig()
    try rig.begin()
    rig.record.send(message)
    try rig.run(.seconds(2))
    #expect(rig.record.acks("c") == 1)
    #expect(rig.record.failures("c") == [text])
    #expect(rig.cluster.store.count(.deployment) == 0)
  }

  @Test("a start whose pod never becomes ready fails after 120 s and leaves nothing")
  func podNeverReady() throws {
    let rig = try AgentRig()
    try rig.begin()
    rig.cluster.begin(.unschedulable)
    rig.record.send(Command.start(persistentHome: true))
    try rig.run(.seconds(115))
    #expect(rig.record.answered("cmd-start") == nil)
    try rig.run(.seconds(15))
    #expect(rig.record.failures("cmd-start") == ["pod not ready: timeout waiting for pod to be ready"])
    #expect(rig.belongings(Command.session).isEmpty)
  }

  @Test("a start that may not create its service leaves no deployment; the shipped one does (B-40)")
  func partialProvision() throws {
    for policy in [AgentBehaviour.FailedStart.removesWhatItMade, .leavesIt] {
      var behaviour = AgentBehaviour()
      behaviour.failedStart = policy
      let rig = try AgentRig(behaviour: behaviour)
      try rig.begin()
      rig.cluster.begin(.forbid(.create, .service))
      rig.record.send(Command.start())
      try rig.run(.seconds(30))
      #expect(rig.record.failures("cmd-start").first?.hasPrefix("failed to create service: services ") == true)
      #expect(rig.cluster.workloads.isEmpty == (policy == .removesWhatItMade))
    }
  }

  @Test("a failed wake leaves the session hibernated")
  func failedWake() throws {
    let rig = try AgentRig()
    try rig.cluster.placeSession(Command.session, isRunning: false)
    try rig.begin()
    rig.cluster.begin(.unschedulable)
    rig.record.send(Command.other(.wakeSession, "cmd-w"))
    try rig.run(.seconds(110))
    #expect(rig.record.failures("cmd-w") == ["pod not ready after wake: timeout waiting for pod to be ready"])
    #expect(rig.cluster.workloads.map(\.replicas) == [0])
  }

  @Test("a scaling that meets conflicts is tried again; the shipped one fails (HZ-38)")
  func scaleConflict() throws {
    for policy in [AgentBehaviour.ScaleConflict.retried, .fails] {
      var behaviour = AgentBehaviour()
      behaviour.scaleConflict = policy
      let rig = try AgentRig(behaviour: behaviour)
      try rig.cluster.placeSession(Command.session)
      try rig.begin()
      rig.cluster.begin(.conflict(.deployment, .always), lasting: .seconds(2))
      rig.record.send(Command.other(.hibernateSession, "cmd-h"))
      try rig.run(.seconds(15))
      #expect(rig.record.completions("cmd-h").count == (policy == .retried ? 1 : 0))
      #expect(rig.record.failures("cmd-h").count == (policy == .retried ? 0 : 1))
    }
  }

  @Test("a stop during an outage of the API server is complete only when the workload is gone (B-42)")
  func stopDuringOutage() throws {
    for policy in [AgentBehaviour.StopErrors.reported, .hidden] {
      var behaviour = AgentBehaviour()
      behaviour.stopErrors = policy
      let rig = try AgentRig(behaviour: behaviour)
      try rig.cluster.placeSession(Command.session)
      try rig.begin()
      rig.cluster.begin(.down(.silent), lasting: .seconds(30))
      rig.record.send(Command.other(.stopSession, "cmd-s"))
      try rig.run(.seconds(60))
      #expect(rig.record.completions("cmd-s").count == 1)
      #expect(rig.cluster.workloads.isEmpty == (policy == .reported))
    }
  }

  @Test("a start goes on over a short outage of the API server")
  func startOverOutage() throws {
    let rig = try AgentRig()
    try rig.begin()
    rig.cluster.begin(.down(.refusing), lasting: .seconds(6))
    rig.record.send(Command.start())
    try rig.run(.seconds(40))
    #expect(rig.record.completions("cmd-start").count == 1)
    #expect(rig.workloadsMade == 1)
  }

  @Test("a write whose answer was lost is not made twice")
  func answerLost() throws {
    let rig = try AgentRig()
    try rig.begin()
    rig.cluster.begin(.answerLost(.create, nil, .init(1, in: 2)))
    rig.record.send(Command.start(persistentHome: true))
    try rig.run(.seconds(60))
    #expect(rig.record.completions("cmd-start").count == 1)
    #expect(rig.workloadsMade == 1)
  }
}

extension KubernetesCluster {
  /// A workload of the agent under test, as after a start.
  @discardableResult
  func placeSession(
    _ session: String, agent: String = AgentRig.agentID, isRunning: Bool = true
  ) throws -> Placement {
    try place(
      PlacedSession(
        session: session, user: "u01", templateName: "xterm-vnc", agent: agent, command: "cmd-placed",
        image: Command.image, isRunning: isRunning))
  }
}
