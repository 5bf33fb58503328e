import ControlPlane
import StreamSpaceProtocol
import Testing

@Suite("The choice of an agent") struct SessionAgentSelectorTests {
  static func agent(
    _ id: String, sessions: Int = 0, heartbeat: Int64 = 100, online: Bool = true, max: Int = 0,
    platform: String = "kubernetes"
  ) -> AgentCandidate {
    AgentCandidate(
      agentID: id, platform: platform, isOnline: online, maxSessions: max, lastHeartbeat: heartbeat,
      liveSessions: sessions)
  }

  private func choose(_ candidates: AgentCandidate..., platform: String = "kubernetes") -> AgentSelector.Choice {
    AgentSelector.choose(among: candidates, platform: platform)
  }

  @Test("the fewest sessions win")
  func fewest() {
    #expect(choose(Self.agent("a", sessions: 2, heartbeat: 200), Self.agent("b", sessions: 1)) == .agent("b"))
  }

  @Test("ties go to the latest heartbeat, then to the id")
  func ties() {
    #expect(choose(Self.agent("a"), Self.agent("b", heartbeat: 101)) == .agent("b"))
    #expect(choose(Self.agent("b"), Self.agent("a")) == .agent("a"))
  }

  @Test("a full agent is passed over, and all full ones are said to be")
  func capacity() {
    #expect(choose(Self.agent("a", sessions: 1, max: 1), Self.agent("b", sessions: 9, max: 10)) == .agent("b"))
    #expect(choose(Self.agent("a", sessions: 1, max: 1)) == .none(.allFull))
    #expect(choose(Self.agent("a", sessions: 0, max: 1)) == .agent("a"))
  }

  @Test("one that is online goes before one that was just lost")
  func onlineFirst() {
    #expect(choose(Self.agent("a", online: false), Self.agent("b", sessions: 7)) == .agent("b"))
    #expect(choose(Self.agent("a", online: false)) == .agent("a"))
    #expect(choose(Self.agent("a", online: false), Self.agent("b", sessions: 1, max: 1)) == .none(.allFull))
  }

  @Test("the platform must fit")
  func platform() {
    #expect(choose(Self.agent("a"), platform: "docker") == .none(.noMatch))
    #expect(choose(platform: "docker") == .none(.noneOnline))
    #expect(choose(Self.agent("a"), Self.agent("d", platform: "docker"), platform: "docker") == .agent("d"))
  }

  @Test("fifteen sessions spread over three agents within one of each other")
  func spread() {
    var agents = [Self.agent("a", max: 20), Self.agent("b", max: 20), Self.agent("c", max: 20)]
    for _ in 0..<15 {
      guard case .agent(let chosen) = AgentSelector.choose(among: agents, platform: "kubernetes"),
        let index = agents.firstIndex(where: { $0.agentID == chosen })
      else {
        Issue.record("no agent")
        return
      }
      agents[index].liveSessions += 1
    }
    #expect(agents.map(\.liveSessions) == [5, 5, 5])
  }
}

@Suite("What is done about stuck sessions") struct SessionRemedyTests {
  private func stuck(
    _ state: SessionState = .terminating, agent: String? = "a", online: Bool = true, expired: Bool = false,
    open: Int = 0, working: Int = 0, redriven: Int = 0, just: Bool = false, justOffline: Bool = false
  ) -> StuckSession {
    StuckSession(
      id: "s", state: state, agentID: agent, agentIsOnline: online, agentIsJustOffline: justOffline,
      isExpired: expired, openCommands: open, workingCommands: working, redriven: redriven, wasJustRedriven: just)
  }

  @Test(
    "its command is written again",
    arguments: [
      (SessionState.pending, AgentAction.startSession), (.terminating, .stopSession),
      (.hibernating, .hibernateSession), (.waking, .wakeSession),
    ])
  func redrives(_ state: SessionState, _ action: AgentAction) {
    #expect(stuck(state).remedy(mayGiveUpOnAbsent: true) == .redrive(action))
  }

  @Test("not while one is open, not twice within a tick, and three times at most")
  func bounds() {
    #expect(stuck(open: 1, working: 1).remedy(mayGiveUpOnAbsent: true) == .wait)
    #expect(stuck(redriven: 1, just: true).remedy(mayGiveUpOnAbsent: true) == .wait)
    #expect(stuck(redriven: 2).remedy(mayGiveUpOnAbsent: true) == .redrive(.stopSession))
    #expect(stuck(redriven: 3).remedy(mayGiveUpOnAbsent: true) == .wait)
  }

  @Test(
    "after ten minutes it is given up, with the end of its state",
    arguments: [
      (SessionState.pending, SessionState.failed), (.terminating, .terminated), (.hibernating, .running),
      (.waking, .hibernated),
    ])
  func givesUp(_ state: SessionState, _ end: SessionState) {
    let offline = stuck(state, online: false, expired: true)
    #expect(offline.remedy(mayGiveUpOnAbsent: true) == .giveUp(end, reason: "agent_unavailable"))
    let online = stuck(state, expired: true, redriven: 3)
    #expect(online.remedy(mayGiveUpOnAbsent: true) == .giveUp(end, reason: "command_timeout"))
  }

  @Test("a control plane that was away gives nothing up because agents are late")
  func lateAgents() {
    #expect(stuck(online: false, expired: true).remedy(mayGiveUpOnAbsent: false) == .wait)
    #expect(stuck(online: false, expired: true, justOffline: true).remedy(mayGiveUpOnAbsent: true) == .wait)
    // Back with its agent: tried once more before it is given up.
    #expect(stuck(expired: true).remedy(mayGiveUpOnAbsent: false) == .redrive(.stopSession))
  }

  @Test("a session whose agent was removed ends")
  func removedAgent() {
    #expect(
      stuck(.terminating, agent: nil).remedy(mayGiveUpOnAbsent: false)
        == .giveUp(.terminated, reason: "agent_removed"))
  }
}

@Suite("The comparison of inventories") struct SessionInventoryTests {
  private func compare(_ items: [SessionInventoryItem], _ rows: [InventoryRow]) -> [InventoryCorrection] {
    InventoryCorrection.compare(items, of: "a", with: rows)
  }

  private func item(_ state: String, pod: String = "p") -> SessionInventoryItem {
    SessionInventoryItem(sessionID: "s", state: state, podName: pod)
  }

  private func row(
    _ state: SessionState, agent: String? = "a", pod: String = "p", settled: Bool = true, open: Int = 0
  ) -> InventoryRow {
    InventoryRow(id: "s", state: state, agentID: agent, podName: pod, isSettled: settled, openCommands: open)
  }

  @Test("what has arrived is adopted")
  func adopts() {
    for state in [SessionState.pending, .waking] {
      #expect(
        compare([item("running")], [row(state)])
          == [.adopt(session: "s", from: state, to: .running, podName: "p")])
    }
    #expect(
      compare([item("hibernated")], [row(.hibernating)])
        == [.adopt(session: "s", from: .hibernating, to: .hibernated, podName: "")])
    #expect(
      compare([item("running", pod: "q")], [row(.running)])
        == [.adopt(session: "s", from: .running, to: .running, podName: "q")])
  }

  @Test("a workload without a live session of this agent is stopped")
  func stops() {
    #expect(compare([item("running")], [row(.terminated)]) == [.stop(session: "s")])
    #expect(compare([item("running")], [row(.failed)]) == [.stop(session: "s")])
    #expect(compare([item("running")], [row(.running, agent: "b")]) == [.stop(session: "s")])
    #expect(compare([item("running")], [row(.terminating)]) == [.stop(session: "s")])
  }

  @Test("a workload of which no row tells is listed and left alone")
  func orphans() {
    #expect(compare([item("running")], []) == [.orphan(session: "s")])
    #expect(
      InventoryCorrection.compare([item("running")], of: "a", with: [], orphans: .stoppedAtOnce)
        == [.stop(session: "s")])
  }

  @Test("a workload in the wrong state is brought to its session's")
  func corrects() {
    #expect(compare([item("running")], [row(.hibernated)]) == [.command(.hibernateSession, session: "s")])
    #expect(compare([item("hibernated")], [row(.running)]) == [.command(.wakeSession, session: "s")])
  }

  @Test("a session without its workload fails, once it has settled")
  func loses() {
    #expect(compare([], [row(.running)]) == [.fail(session: "s")])
    #expect(compare([], [row(.hibernated)]) == [.end(session: "s")])
    #expect(compare([], [row(.running, settled: false)]).isEmpty)
    #expect(compare([], [row(.pending)]).isEmpty)
  }

  @Test("a session with a command on its way is left to it")
  func leavesOpen() {
    #expect(compare([item("running")], [row(.hibernated, open: 1)]).isEmpty)
    #expect(compare([], [row(.running, open: 1)]).isEmpty)
  }

  @Test("agreement needs nothing")
  func agrees() {
    #expect(compare([item("running")], [row(.running)]).isEmpty)
    #expect(compare([item("hibernated", pod: "")], [row(.hibernated)]).isEmpty)
  }
}

@Suite("Idle time-outs") struct SessionIdleTimeoutTests {
  @Test(
    "Go durations are read",
    arguments: [
      ("45m", Int64(2_700)), ("1h30m", 5_400), ("90s", 90), ("6h", 21_600), ("1m30s", 90),
    ])
  func reads(_ text: String, _ seconds: Int64) { #expect(IdleTimeout(text)?.microseconds == seconds * 1_000_000) }

  @Test("what is none is none", arguments: ["", "30", "m", "-5m", "0s", "soon", "1d", "99999999999999h"])
  func refuses(_ text: String) { #expect(IdleTimeout(text) == nil) }

  @Test("a session is idle when time-out and grace have passed")
  func passes() {
    let timeout = IdleTimeout("10m")
    #expect(timeout?.hasPassed(since: 0, at: 899_999_999) == false)
    #expect(timeout?.hasPassed(since: 0, at: 900_000_000) == true)
  }
}
