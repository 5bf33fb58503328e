import SimulationRuntime
import StreamSpaceProtocol
import Testing

@testable import DockerAgent

@Suite("Watch over containers")
struct WatchTests {
  private func change(_ rig: DockerRig, _ body: (inout ScriptedDaemon.Container) -> Void) {
    let name = DockerName.container(session: Command.session)
    if var container = rig.platform.containers[name] {
      body(&container)
      rig.platform.containers[name] = container
    }
  }

  @Test("an agent looks at its containers every 10 s, and not at all without any")
  func period() throws {
    let rig = try DockerRig()
    try rig.begin()
    try rig.run(.seconds(100))
    #expect(rig.platform.calls(.containerList) == 1, "the inventory")
    rig.record.send(Command.start())
    try rig.run(.seconds(101))
    #expect((9...10).contains(rig.platform.calls(.containerList) - 1))
    #expect(rig.platform.calls(.containerInspect) == 1, "a container that just runs is not looked at again")
  }

  @Test("a container that was restarted is told once, with the address it has")
  func restarted() throws {
    let rig = try DockerRig()
    try rig.begin()
    rig.record.send(Command.start())
    try rig.run(.seconds(33))
    #expect(rig.record.statuses.count == 1)
    change(rig) { $0.startedAt = rig.agent.host.monotonicTime }
    try rig.run(.seconds(60))
    #expect(rig.record.statuses.map(\.state) == ["running", "running"])
    #expect(
      rig.count { $0 == .workloadMoved(sessionID: Command.session, podName: "streamspace-\(Command.session)") } == 1)
  }

  @Test("a restart between two looks of one that was found at the start is told as well")
  func restartedAfterInventory() throws {
    let rig = try DockerRig()
    rig.place()
    try rig.run(.seconds(100))
    try rig.begin()
    try rig.run(.seconds(13))
    change(rig) { $0.startedAt = rig.agent.host.monotonicTime }
    try rig.run(.seconds(30))
    #expect(rig.record.statuses.map(\.state) == ["running"])
  }

  @Test("a container that was replaced by another is told", arguments: [false, true])
  func replaced(isMissingFirst: Bool) throws {
    let rig = try DockerRig()
    rig.place()
    try rig.begin()
    if isMissingFirst {
      change(rig) { $0.status = .restarting }
      try rig.run(.seconds(20))
      #expect(rig.record.statuses.isEmpty)
    }
    rig.platform.containers.removeAll()
    rig.place()
    change(rig) {
      $0 = ScriptedDaemon.Container(
        id: "c" + $0.id.dropFirst(), specification: $0.specification, status: .running, startedAt: $0.startedAt)
    }
    try rig.run(.seconds(25))
    #expect(rig.record.statuses.map(\.state) == ["running"])
  }

  @Test(
    "a container that does not run for 60 s is lost, and what is left of it goes",
    arguments: [ContainerStatus.exited, .restarting, .dead, nil])
  func lost(status: ContainerStatus?) throws {
    let rig = try DockerRig()
    rig.place(home: true)
    try rig.begin()
    let begun = rig.now
    if let status { change(rig) { $0.status = status } } else { rig.platform.containers.removeAll() }
    #expect(try rig.run(until: { !rig.record.statuses.isEmpty }))
    #expect(rig.now - begun >= .seconds(60))
    #expect(rig.now - begun <= .seconds(81))
    #expect(rig.record.statuses.first?.sessionState == .failed)
    #expect(rig.record.statuses.first?.reason == "workload_lost")
    try rig.run(.seconds(10))
    #expect(rig.platform.containers.isEmpty)
    #expect(rig.platform.volumes.count == 1, "the home stays")
    try rig.run(.seconds(100))
    #expect(rig.record.statuses.count == 1)
  }

  @Test("an outage of the daemon is not taken for a loss, and reality is known within 60 s after it")
  func outage() throws {
    let rig = try DockerRig()
    rig.place()
    rig.place("s-gone")
    try rig.begin()
    rig.daemon.crash()
    try rig.run(.seconds(150))
    #expect(rig.record.statuses.isEmpty)
    #expect(rig.record.connects.count == 1)
    change(rig) { $0.startedAt = rig.agent.host.monotonicTime }
    rig.daemon.start()
    let healed = rig.now
    #expect(try rig.run(until: { !rig.record.statuses.isEmpty }))
    #expect(rig.now - healed <= .seconds(25))
    #expect(rig.record.statuses.map(\.sessionID) == [Command.session])
  }

  @Test("a session that was hibernated is not judged, neither is one whose command runs")
  func duringCommands() throws {
    let rig = try DockerRig()
    rig.place()
    try rig.begin()
    rig.record.send(Command.other(.hibernateSession, "cmd-h"))
    try rig.run(.seconds(200))
    #expect(rig.record.statuses.map(\.state) == ["hibernated"])
    #expect(rig.platform.container(of: Command.session)?.status == .exited)
  }

  @Test("a container that should run and does not is watched from the inventory on")
  func fromInventory() throws {
    let rig = try DockerRig()
    rig.place(status: .created)
    try rig.begin()
    try rig.run(.seconds(90))
    #expect(rig.record.statuses.map(\.reason) == ["workload_lost"])
    #expect(rig.platform.containers.isEmpty)
  }

  @Test("a session that ran and is just coming back at a registration is not taken for hibernated")
  func comingBack() throws {
    let rig = try DockerRig()
    rig.place()
    try rig.begin()
    change(rig) { $0.status = .exited }
    rig.record.socket?.reset()
    #expect(try rig.run(until: { rig.record.connects.count == 2 }))
    try rig.run(.seconds(100))
    #expect(rig.record.statuses.map(\.reason) == ["workload_lost"])
  }

  @Test("without a connection a loss is told when there is one again")
  func lossWithoutConnection() throws {
    let rig = try DockerRig()
    rig.place()
    try rig.begin()
    rig.controlPlane.crash()
    rig.platform.containers.removeAll()
    try rig.run(.seconds(100))
    #expect(rig.count { if case .workloadLost = $0 { true } else { false } } == 0)
    rig.controlPlane.start()
    #expect(try rig.run(until: { !rig.record.statuses.isEmpty }))
    #expect(rig.record.statuses.map(\.reason) == ["workload_lost"])
  }

  @Test("an agent that removes what it does not remember kills running sessions at its restart (C-26)")
  func eagerSweep() throws {
    for policy in [DockerAgentBehaviour.UnknownContainers.kept, .removed] {
      var behaviour = DockerAgentBehaviour()
      behaviour.unknownContainers = policy
      let rig = try DockerRig(behaviour: behaviour)
      rig.place()
      try rig.begin()
      try rig.run(.seconds(10))
      #expect(rig.platform.containers.isEmpty == (policy == .removed))
    }
  }

  @Test("a restart during a long outage of the daemon is told after it")
  func restartedDuringOutage() throws {
    let rig = try DockerRig()
    rig.place()
    try rig.begin()
    try rig.run(.seconds(100))
    rig.daemon.crash()
    try rig.run(.seconds(100))
    change(rig) { $0.startedAt = rig.agent.host.monotonicTime }
    try rig.run(.seconds(90))
    rig.daemon.start()
    try rig.run(.seconds(25))
    #expect(rig.record.statuses.map(\.state) == ["running"])
  }

  @Test(
    "the longest possible time of running is read from the daemon's text",
    arguments: [
      ("Up Less than a second", 1), ("Up 1 second", 2), ("Up 59 seconds", 60), ("Up About a minute", 120),
      ("Up 3 minutes", 240), ("Up About an hour", 7_200), ("Up 3 hours", 14_400), ("Up 2 days", 259_200),
      ("Up 3 weeks", nil), ("Exited (1) 3 seconds ago", nil), ("Created", nil), ("Up", nil), ("", nil),
      ("Up x seconds", nil), ("Up 3 seconds (healthy)", 4),
    ] as [(String, Int64?)])
  func uptime(text: String, seconds: Int64?) {
    let summary = ContainerSummary(
      id: "i", name: "n", image: "x", imageID: "y", createdAt: Timestamp(nanosecondsSince1970: 0), status: .running,
      statusText: text, labels: [:])
    #expect(summary.greatestUptime == seconds.map { .seconds($0) })
  }
}
