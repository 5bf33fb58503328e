import SimulationRuntime
import StreamSpaceProtocol
import Testing

@testable import DockerAgent

@Suite("Commands of a Docker session")
struct LifecycleTests {
  @Test("a start is acknowledged on arrival, tells its state and is complete when its container runs")
  func start() throws {
    let rig = try DockerRig()
    try rig.begin()
    rig.record.send(Command.start(persistentHome: true))
    try rig.run(.milliseconds(100))
    #expect(rig.record.acks("cmd-start") == 1)
    try rig.run(.seconds(10))
    #expect(rig.record.messages.map(\.message.type) == ["ack", "status", "complete"])
    let name = "streamspace-\(Command.session)"
    let status = try #require(rig.record.statuses.first)
    #expect(status.sessionState == .running)
    #expect(status.vncReady == true)
    #expect(status.vncPort == 5900)
    #expect(status.platformMetadata == .init(podName: name, podIP: "172.18.0.5"))
    let result = try #require(rig.record.completions("cmd-start").first?.result)
    #expect(
      result
        == CommandResult(
          sessionID: Command.session, pvc: "\(name)-home", podName: name, podIP: "172.18.0.5", vncPort: 5900,
          state: "running"))
  }

  @Test("the calls of a start are those recorded, in their order")
  func calls() throws {
    let rig = try DockerRig()
    rig.platform.images = []
    try rig.begin()
    rig.platform.calls.removeAll()
    rig.record.send(Command.start(persistentHome: true))
    #expect(try rig.run(until: { rig.record.answered("cmd-start") != nil }))
    #expect(
      rig.platform.calls.map(\.call) == [
        .networkList, .networkCreate, .imageInspect, .imagePull, .volumeCreate, .containerCreate, .containerStart,
        .containerInspect,
      ])
    rig.platform.calls.removeAll()
    rig.record.send(Command.start("cmd-2", "s2"))
    #expect(try rig.run(until: { rig.record.answered("cmd-2") != nil }))
    #expect(
      rig.platform.calls.map(\.call) == [
        .networkList, .imageInspect, .containerCreate, .containerStart, .containerInspect,
      ])
    #expect(rig.platform.networks.count == 1)
  }

  @Test("the container is as recorded, with the labels of the contract and the limits of the command")
  func container() throws {
    let rig = try DockerRig()
    try rig.begin()
    rig.record.send(Command.start(persistentHome: nil))
    try rig.run(.seconds(5))
    let specification = try #require(rig.platform.container(of: Command.session)?.specification)
    let name = "streamspace-\(Command.session)"
    #expect(
      specification
        == ContainerSpecification(
          image: Command.image, environment: ["B=2", "A=1"],
          labels: [
            "app": "streamspace", "component": "session", "session-id": Command.session,
            "agent-id": DockerRig.agentID, "command-id": "cmd-start", "vnc-port": "5900",
          ], exposedPorts: ["5900/tcp"],
          host: HostConfig(
            memory: 1_073_741_824, nanoCPUs: 500_000_000, restartPolicy: .unlessStopped,
            portBindings: [.anyHostPort("5900/tcp")],
            mounts: [HostConfig.Mount(volume: "\(name)-home", target: "/home/streamspace")]),
          networks: ["streamspace"]))
    let network = try #require(rig.platform.networks.first)
    #expect(network.driver == "bridge")
    #expect(network.labels == ["app": "streamspace", "component": "session-network"])
    #expect(rig.platform.volumes["\(name)-home"]?[DockerLabel.agent] == DockerRig.agentID)
  }

  @Test("hibernate stops the container, wake starts it again, stop removes all but the home")
  func wholeLife() throws {
    let rig = try DockerRig()
    try rig.begin()
    let mounts: JSONValue = [["name": "cache", "mountPath": "/cache"]]
    rig.record.send(Command.start(persistentHome: true, manifest: Command.manifest(mounts: mounts)))
    try rig.run(.seconds(5))
    let id = try #require(rig.platform.container(of: Command.session)?.id)
    rig.record.send(Command.other(.hibernateSession, "cmd-h"))
    try rig.run(.seconds(5))
    #expect(rig.record.completions("cmd-h").first?.result?.state == "hibernated")
    #expect(rig.platform.container(of: Command.session)?.status == .exited)
    rig.record.send(Command.other(.wakeSession, "cmd-w"))
    try rig.run(.seconds(5))
    #expect(rig.record.completions("cmd-w").first?.result?.podName == "streamspace-\(Command.session)")
    #expect(rig.platform.container(of: Command.session)?.id == id)
    #expect(rig.platform.container(of: Command.session)?.status == .running)
    #expect(rig.platform.volumes.count == 2)
    rig.record.send(Command.other(.stopSession, "cmd-s"))
    try rig.run(.seconds(5))
    #expect(rig.record.completions("cmd-s").first?.result?.state == "terminated")
    #expect(rig.platform.containers.isEmpty)
    #expect(rig.platform.volumes.keys.sorted() == ["streamspace-\(Command.session)-home"])
    #expect(rig.record.statuses.map(\.state) == ["running", "hibernated", "running", "terminated"])
  }

  @Test("a stop that says so removes the home as well")
  func deletesHome() throws {
    let rig = try DockerRig()
    rig.place(home: true)
    try rig.begin()
    rig.record.send(Command.other(.stopSession, "cmd-s", deletePVC: true))
    try rig.run(.seconds(5))
    #expect(rig.record.completions("cmd-s").count == 1)
    #expect(rig.platform.volumes.isEmpty)
  }

  @Test("a stop of a session that is not there is complete; the shipped one fails")
  func stopOfNothing() throws {
    for policy in [DockerAgentBehaviour.MissingContainer.isStopped, .fails] {
      var behaviour = DockerAgentBehaviour()
      behaviour.missingContainer = policy
      let rig = try DockerRig(behaviour: behaviour)
      try rig.begin()
      rig.record.send(Command.other(.stopSession, "cmd-s", "nope"))
      try rig.run(.seconds(5))
      #expect(rig.record.completions("cmd-s").count == (policy == .isStopped ? 1 : 0))
      #expect(
        rig.record.failures("cmd-s")
          == (policy == .isStopped ? [] : ["Container not found: container not found for session: nope"]))
    }
  }

  @Test("another agent's container is neither stopped, hibernated nor adopted")
  func foreignContainer() throws {
    let rig = try DockerRig()
    rig.place(agent: "other-agent")
    try rig.begin()
    for (action, id) in [(AgentAction.stopSession, "s"), (.hibernateSession, "h"), (.wakeSession, "w")] {
      rig.record.send(Command.other(action, id))
      try rig.run(.seconds(2))
      #expect(rig.record.failures(id).first?.hasSuffix("belongs to another agent") == true)
    }
    rig.record.send(Command.start())
    try rig.run(.seconds(5))
    #expect(rig.record.failures("cmd-start").first?.contains("is already in use by container") == true)
    #expect(rig.platform.container(of: Command.session)?.status == .running)
  }

  @Test(
    "what cannot be carried out is failed with its recorded text, before anything is made",
    arguments: [
      (
        ServerMessage.command(AgentCommand(commandID: "c", actionName: "dance", payload: .none)),
        "unknown command action: dance"
      ),
      (
        .command(AgentCommand(commandID: "c", action: .stopSession, payload: .none)),
        "command failed: sessionId not found in payload"
      ),
      (Command.start("c", ""), "command failed: sessionId not found in payload"),
      (Command.start("c", user: ""), "command failed: user not found in payload"),
      (
        Command.start("c", manifest: .null),
        "command failed: failed to parse template: templateManifest not found in payload"
      ),
      (
        Command.start("c", manifest: ["metadata": [:]]),
        "command failed: failed to parse template: invalid template spec"
      ),
      (
        Command.start("c", memory: "much"),
        "Failed to create container: invalid memory value: \(ResourceQuantity.ParseError.format.rawValue)"
      ),
      (
        Command.start("c", cpu: "-1"),
        "Failed to create container: invalid CPU value: \(ResourceQuantity.ParseError.format.rawValue)"
      ),
      (
        Command.other(.hibernateSession, "c", "absent"),
        "Container not found: container not found for session: absent"
      ),
      (
        Command.other(.wakeSession, "c", "absent"),
        "Container not found: container not found for session: absent"
      ),
    ])
  func failures(message: ServerMessage, text: String) throws {
    let rig = try DockerRig()
    try rig.begin()
    rig.record.send(message)
    try rig.run(.seconds(2))
    #expect(rig.record.acks("c") == 1)
    #expect(rig.record.failures("c") == [text])
    #expect(rig.platform.containersMade == 0)
    #expect(rig.platform.networks.isEmpty)
  }

  @Test("a template needs no metadata, as on Kubernetes; the shipped agent refuses it")
  func templateMetadata() throws {
    let payload = StartSessionPayload(
      sessionID: "s", user: "u", template: "t", templateManifest: ["spec": ["baseImage": "x"]], memory: "1Gi",
      cpu: "1", persistentHome: false)
    let plan = try ContainerPlan(payload, commandID: "c", agentID: "a", network: "n")
    #expect(plan.container.image == "x")
    #expect(
      throws: CommandFault.refused("failed to parse template: invalid template metadata")
    ) {
      try ContainerPlan(payload, commandID: "c", agentID: "a", network: "n", metadata: .required)
    }
    #expect(DockerAgentBehaviour.shipped.templateMetadata == .required)
  }

  @Test("amounts come from the command, else the template, else the agents' common ones")
  func amounts() throws {
    func limits(
      _ memory: String?, _ cpu: String?, _ manifest: JSONValue = Command.manifest(),
      _ resources: DockerAgentBehaviour.Resources = .flat
    ) throws -> HostConfig {
      var payload = StartSessionPayload(
        sessionID: "s", user: "u", template: "t", templateManifest: manifest, memory: "", cpu: "", persistentHome: false
      )
      (payload.memory, payload.cpu) = (memory, cpu)
      return try ContainerPlan(payload, commandID: "c", agentID: "a", network: "n", resources: resources).container.host
    }
    #expect(try limits("2Gi", "1").memory == 2_147_483_648)
    #expect(try limits("2Gi", "1").nanoCPUs == 1_000_000_000)
    #expect(try limits(nil, "").memory == 536_870_912)
    #expect(try limits(nil, "").nanoCPUs == 250_000_000)
    let bare: JSONValue = ["metadata": [:], "spec": ["baseImage": "x"]]
    #expect(try limits(nil, nil, bare).memory == 2_147_483_648)
    #expect(try limits(nil, nil, bare).nanoCPUs == 1_000_000_000)
    // What the shipped agent makes of a request (B-48).
    #expect(try limits("2Gi", "1", Command.manifest(), .nested).memory == 536_870_912)
    #expect(try limits("2Gi", "1", Command.manifest(), .nested).nanoCPUs == 250_000_000)
  }
}

@Suite("Starts that fail")
struct FailedStartTests {
  private func text(
    _ prepare: (DockerRig) -> Void, within limit: TimeSpan = .seconds(120)
  ) throws -> (rig: DockerRig, text: String?) {
    let rig = try DockerRig()
    try rig.begin()
    prepare(rig)
    rig.record.send(Command.start(persistentHome: true))
    try rig.run(until: { rig.record.answered("cmd-start") != nil }, within: limit)
    return (rig, rig.record.failures("cmd-start").first)
  }

  private func refuse(_ call: DockerCall, _ failure: DockerFailure) -> (DockerRig) -> Void {
    { rig in rig.platform.script = { $0.call == call ? .instead(.failure(failure)) : .usual } }
  }

  @Test("an image the registry does not have fails with the daemon's text and leaves nothing")
  func unknownImage() throws {
    let (rig, text) = try text { rig in
      rig.platform.images = []
      rig.platform.script = {
        $0.call == .imagePull ? .instead(.failure(.pullDenied("example.invalid/xterm-vnc"))) : .usual
      }
    }
    #expect(
      text
        == "Failed to create container: failed to pull image: failed to pull image: \(DockerFailure.pullDenied("example.invalid/xterm-vnc").clientText)"
    )
    #expect(rig.platform.containers.isEmpty)
    #expect(rig.platform.volumes.isEmpty)
  }

  @Test("an error in the progress of a pull is one, though the headers said 200")
  func pullError() throws {
    let (_, text) = try text { rig in
      rig.platform.images = []
      rig.platform.script = {
        $0.call == .imagePull
          ? .instead(.pulled([PullProgress(status: "", error: "toomanyrequests")])) : .usual
      }
    }
    #expect(text == "Failed to create container: failed to pull image: toomanyrequests")
  }

  @Test("a pull may take 45 s")
  func slowPull() throws {
    let rig = try DockerRig()
    try rig.begin()
    rig.platform.images = []
    rig.platform.script = { $0.call == .imagePull ? .late(.seconds(45)) : .usual }
    rig.record.send(Command.start())
    try rig.run(.seconds(60))
    #expect(rig.record.completions("cmd-start").count == 1)
  }

  @Test("a container that cannot be made leaves no volume of this command")
  func refusedCreate() throws {
    let failure = DockerFailure(400, "Minimum memory limit allowed is 6MB")
    let (rig, text) = try text(refuse(.containerCreate, failure))
    #expect(text == "Failed to create container: failed to create container: \(failure.clientText)")
    #expect(rig.platform.volumes.isEmpty)
  }

  @Test("a home of an earlier session survives a failed start")
  func earlierHome() throws {
    let rig = try DockerRig()
    try rig.begin()
    let home = DockerName.homeVolume(session: Command.session)
    rig.platform.volumes[home] = DockerLabel.ofSession(Command.session, agent: DockerRig.agentID, command: "earlier")
    rig.platform.script = { $0.call == .containerStart ? .instead(.failure(DockerFailure(400, "no"))) : .usual }
    rig.record.send(Command.start(persistentHome: true))
    try rig.run(.seconds(10))
    #expect(
      rig.record.failures("cmd-start")
        == ["Failed to start container: failed to start container: Error response from daemon: no"])
    #expect(rig.platform.containers.isEmpty)
    #expect(rig.platform.volumes.keys.sorted() == [home])
  }

  @Test("a container that ends at once is removed and its exit code told")
  func exits() throws {
    let (rig, text) = try text { $0.platform.statusAfterStart = .exited }
    #expect(text == "Container failed to start: container exited unexpectedly (status: exited, exit code: 1)")
    #expect(rig.platform.containers.isEmpty)
  }

  @Test("a container that restarts all the time is given up after 60 s and removed")
  func restartsForEver() throws {
    let rig = try DockerRig()
    try rig.begin()
    rig.platform.statusAfterStart = .restarting
    rig.record.send(Command.start())
    try rig.run(.seconds(58))
    #expect(rig.record.answered("cmd-start") == nil)
    try rig.run(.seconds(10))
    #expect(
      rig.record.failures("cmd-start")
        == ["Container failed to start: timeout waiting for container to be running"])
    #expect(rig.platform.containers.isEmpty)
  }

  @Test("networks that cannot be listed or made fail the start, one that was made meanwhile does not")
  func network() throws {
    let failure = DockerFailure(400, "no")
    #expect(
      try text(refuse(.networkList, failure)).text
        == "Failed to ensure network: failed to list networks: \(failure.clientText)")
    #expect(
      try text(refuse(.networkCreate, failure)).text
        == "Failed to ensure network: failed to create network: \(failure.clientText)")
    let raced = try text(refuse(.networkCreate, .networkExists("streamspace")))
    #expect(raced.text == nil)
    #expect(raced.rig.record.completions("cmd-start").count == 1)
  }

  @Test("a start goes on over an outage of the daemon of 40 s", arguments: [0, 1, 300, 700])
  func outage(milliseconds: Int64) throws {
    let rig = try DockerRig()
    try rig.begin()
    rig.record.send(Command.start(persistentHome: true))
    try rig.run(.milliseconds(milliseconds))
    rig.daemon.crash()
    try rig.run(.seconds(40))
    #expect(rig.record.answered("cmd-start") == nil)
    rig.daemon.start()
    try rig.run(.seconds(10))
    #expect(rig.record.completions("cmd-start").count == 1)
    #expect(rig.platform.containersMade == 1)
    #expect(rig.platform.container(of: Command.session)?.status == .running)
    #expect(rig.record.connects.count == 1, "the agent stays connected")
  }

  @Test("a start during an outage without end fails with a reason within 5 min")
  func endlessOutage() throws {
    let rig = try DockerRig()
    try rig.begin()
    rig.daemon.crash()
    let begun = rig.now
    rig.record.send(Command.start())
    #expect(try rig.run(until: { rig.record.answered("cmd-start") != nil }, within: .seconds(300)))
    #expect(rig.now - begun > .seconds(200))
    #expect(rig.record.failures("cmd-start").first?.contains("Is the docker daemon running?") == true)
    #expect(rig.record.connects.count == 1)
  }

  @Test("a write whose answer was lost is not made twice", arguments: [DockerCall.networkCreate, .containerCreate])
  func answerLost(call: DockerCall) throws {
    let rig = try DockerRig()
    try rig.begin()
    var lost = 0
    rig.platform.script = {
      guard $0.call == call, lost == 0 else { return .usual }
      lost += 1
      return .lost
    }
    rig.record.send(Command.start(persistentHome: true))
    try rig.run(.seconds(40))
    #expect(lost == 1)
    #expect(rig.record.completions("cmd-start").count == 1)
    #expect(rig.platform.containersMade == 1)
    #expect(rig.platform.networks.count == 1)
  }

  @Test("a failed wake leaves the session hibernated")
  func failedWake() throws {
    let rig = try DockerRig()
    rig.place(status: .exited)
    try rig.begin()
    rig.platform.statusAfterStart = .restarting
    rig.record.send(Command.other(.wakeSession, "cmd-w"))
    try rig.run(.seconds(90))
    #expect(
      rig.record.failures("cmd-w")
        == ["Container failed to start: timeout waiting for container to be running"])
    #expect(rig.platform.container(of: Command.session)?.status == .exited)
  }
}
