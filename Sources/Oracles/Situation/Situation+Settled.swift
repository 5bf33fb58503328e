import TestEnvironment

extension Situation {
  /// Whether everything that could still put the session right has had its time: nothing happened to it for 90 s, none
  /// of its commands is open, and its agent has been connected all the while (or a session without agent has none).
  func canSettle(_ session: SessionView, at time: Duration) -> Bool {
    guard time - session.lastChange >= timing.settled, session.openCommands.isEmpty else { return false }
    let agents = session.objects.values.filter(\.exists).map(\.agent) + (session.agent.map { [$0] } ?? [])
    return agents.allSatisfy { isSettled(agent($0), at: time) }
  }

  /// Connected without a break for 90 s: agents tell the truth about their workloads by then (C13, C14).
  func isSettled(_ agent: AgentView, at time: Duration) -> Bool {
    agent.connectedSince.map { time - $0 >= timing.settled } ?? false
  }

  func settledReasons(_ session: SessionView) -> [String] {
    [
      "no fault and no load for \(timing.quiet.text)",
      "nothing happened to session \(session.id) for \(timing.settled.text)", "none of its commands is open",
      "its agent was connected all the while",
    ]
  }
}
