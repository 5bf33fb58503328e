import TestEnvironment

/// I-LEAK: when a run ends in quiet, nothing is left over of what went on in it.
final class LeakInvariant: Invariant {
  static let id = "I-LEAK"
  static let statement =
    "When quiet at the end: one live connection per running agent, at both ends, no command waiting, as many routes as connected "
    + "agents, as many tunnels and attachments as viewers."
  static let kinds: [ObservationKind] = [.agentSockets, .processEnded]

  /// Commands that may be under way at an agent at once (C34).
  private static let window = 8

  var docket = Docket()
  /// Commands that are not final, by agent.
  private var open: [String: [CommandView]] = [:]

  /// Processes of agents with several sockets open; what ends leaves none.
  private var sockets: [String: (held: Int, event: TimedObservation)] = [:]

  func observe(_ event: TimedObservation, in situation: Situation) {
    switch event.observation {
    case .agentSockets(_, let instance, let held): sockets[instance] = held > 1 ? (held, event) : nil
    case .processEnded(let process, _, _): sockets[process] = nil
    default: break
    }
  }

  func finish(at time: Duration, in situation: Situation) {
    guard situation.isQuiet(at: time) else {
      docket.notJudged += 1
      return
    }
    for command in situation.commands.values where !command.isFinal { open[command.agent, default: []].append(command) }
    for agent in situation.agents.values where agent.registrations > 0 {
      judgeConnections(of: agent, at: time, in: situation)
      judgeSockets(of: agent, at: time, in: situation)
      judgeRoute(of: agent, at: time, in: situation)
      judgeCommands(of: agent, at: time, in: situation)
    }
    for session in situation.sessions.values { judgeStreams(of: session, at: time, in: situation) }
  }

  /// Every tunnel and every attachment belongs to a viewer that is there.
  private func judgeStreams(of session: SessionView, at time: Duration, in situation: Situation) {
    let tunnels = situation.streams.tunnels(of: session.id)
    let wasViewed = !situation.streams.viewers(of: session.id).isEmpty
    guard wasViewed || !tunnels.isEmpty else { return }
    guard let agent = session.agent, situation.isSettled(situation.agent(agent), at: time) else {
      docket.excused += 1
      return
    }
    docket.checks += 1
    let viewers = situation.streams.open(of: session.id).count
    guard tunnels.count > viewers || session.attachments.count > viewers else { return }
    let left = tunnels.map { "tunnel \($0.number)" } + session.attachments.map { "attachment \($0.id)" }
    violate(
      "as many tunnels and attachments as viewers",
      "session \(session.id) has \(viewers) viewers at the end, but \(left.joined(separator: ", "))", at: time,
      by: tunnels.first?.opened, about: [.session(session.id), .agent(agent)],
      excuses: ["quiet for 60 s", "the agent was connected for 90 s"], in: situation)
  }

  private func judgeConnections(of agent: AgentView, at time: Duration, in situation: Situation) {
    if situation.context.agent(agent.id)?.election == .file(shared: false) {
      docket.excused += 1  // It refuses to work (C29).
      return
    }
    guard situation.context.agent(agent.id) != nil else { return judgePlayed(agent, at: time, in: situation) }
    let isUp = situation.isAgentUp(agent.id)
    let wanted = isUp ? 1 : 0
    // What the hubs still hold of an agent that is down ends by itself within the minute that quiet lasted.
    docket.checks += 1
    guard agent.open.count != wanted else { return }
    let held = agent.open.map { "connection \($0.number) at \($0.replica) since \($0.since.text)" }
    violate(
      "one live connection per agent",
      "\(agent.id), whose process \(isUp ? "runs" : "is down"), has \(agent.open.count) connections at the end: "
        + (held.isEmpty ? "none" : held.joined(separator: ", ")),
      at: time, by: agent.open.first?.event ?? agent.lastClosed?.event, about: [.agent(agent.id)],
      excuses: ["quiet for 60 s"], in: situation)
  }

  /// A socket that the control plane has closed stays open at the agent until the agent closes it, too.
  private func judgeSockets(of agent: AgentView, at time: Duration, in situation: Situation) {
    docket.checks += 1
    for process in agent.processes {
      guard let (held, event) = sockets[process] else { continue }
      violate(
        "one live connection per agent",
        "\(process) of \(agent.id) has \(held) sockets to the control plane open at the end", at: time, by: event,
        about: [.agent(agent.id), .process(process)], excuses: ["quiet for 60 s"], in: situation)
    }
  }

  /// An agent that the case plays itself has no process: it comes and goes as the case wills, but has one connection at
  /// most, and none when it left.
  private func judgePlayed(_ agent: AgentView, at time: Duration, in situation: Situation) {
    docket.checks += 1
    guard agent.open.count > 1 else { return }
    violate(
      "one live connection per agent",
      "\(agent.id), which the case plays, has \(agent.open.count) connections at the end", at: time,
      by: agent.open.first?.event, about: [.agent(agent.id)], excuses: ["quiet for 60 s"], in: situation)
  }

  private func judgeRoute(of agent: AgentView, at time: Duration, in situation: Situation) {
    guard situation.context.topology.hasRedis, situation.context.sight.routes else { return }
    let isRouted = agent.pod.text != nil
    let isConnected = agent.live != nil
    docket.checks += 1
    guard isRouted != isConnected else { return }
    let timing = situation.timing
    if !isConnected, time <= (agent.absentSince ?? time) + timing.routeLife + timing.callDeadline {
      docket.excused += 1  // The key of a replica that died has its time to live.
      return
    }
    violate(
      "as many routes as connected agents",
      isRouted
        ? "agent:\(agent.id):pod names \(agent.pod.text ?? ""), but the agent is connected nowhere since "
          + (agent.absentSince ?? .zero).text
        : "\(agent.id) is connected to \(agent.live?.replica ?? "") but has no route",
      at: time, by: agent.pod.event ?? agent.live?.event, about: [.agent(agent.id), .redis],
      excuses: ["quiet for 60 s", "no key within its time to live"], in: situation)
  }

  private func judgeCommands(of agent: AgentView, at time: Duration, in situation: Situation) {
    guard situation.isSettled(agent, at: time) else {
      docket.excused += 1
      return
    }
    let open = open[agent.id] ?? []
    let underWay = open.filter { $0.status != "pending" }.count
    docket.checks += 1
    // An acknowledged command has its deadline (C11); one that waits for a full window waits rightly (C34).
    let limit = situation.timing.quiet
    let waiting = open.filter { command in
      command.status == "sent" || command.status == "pending" && underWay < Self.window && !isBlocked(command, in: open)
    }.filter { time - $0.statusEvent.time >= limit }
    guard let first = waiting.first else { return }
    let names = waiting.prefix(10).map { "\($0.id) (\($0.action) of \($0.session ?? "-"), \($0.status))" }
    violate(
      "no command waits",
      "\(waiting.count) commands wait for \(agent.id) at the end, which is connected since "
        + "\((agent.connectedSince ?? .zero).text): \(names.joined(separator: ", "))",
      at: time, by: first.statusEvent, about: [.command(first.id), .agent(agent.id)],
      excuses: ["quiet for 60 s", "the agent was connected for 90 s", "its window was not full"], in: situation)
  }

  /// Commands of one session go one after another.
  private func isBlocked(_ command: CommandView, in open: [CommandView]) -> Bool {
    open.contains { $0.session != nil && $0.session == command.session && $0.number < command.number }
  }
}
