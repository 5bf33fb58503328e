import TestEnvironment

extension Environment {
  /// Waits for a recovery that has a target, judges it, and writes it into the table. `start`: when its clock begins. What
  /// does not come is listed as not recovered, with what `state` says of it.
  @discardableResult
  func expectRecovery(
    _ what: Recovery, _ name: String, lane: String, within target: Duration, from start: Duration,
    every step: Duration = .milliseconds(100), state: () async throws -> String = { "" },
    until condition: () async throws -> Bool
  ) async throws -> Bool {
    let isBack = try await expect(name, within: target, from: start, every: step, condition)
    if isBack {
      record.add(.recovery(what, took: now - start, target: target))
      markRecovery(name, lane: lane, from: start)
    } else {
      record.add(.unrecovered(name, state: try await state()))
    }
    return isBack
  }

  /// A ready replica holds `agent`, and the row says so.
  func isBack(_ agent: String) async throws -> Bool {
    guard let holder = try await holder(of: agent), try await isReady(holder) else { return false }
    return try await agentRow(agent)?.status == "online"
  }

  /// Crashes a component; its replacement starts after `span`.
  func crash(_ component: Component, lane: String, back span: Duration) async throws {
    markFault("crash", lane: lane, from: now, to: now + span)
    try await control(component, .crash)
    try await sleep(for: span)
    try await control(component, .start)
  }

  /// The states of sessions that are not in `state`, for messages.
  func strays(_ sessions: [OwnedSession], from state: String) async throws -> String {
    var strays: [String] = []
    for session in sessions {
      let found = try await self.state(of: session.name)
      if found != state { strays.append("\(session.name) \(found)") }
    }
    return strays.isEmpty ? "none" : strays.joined(separator: ", ")
  }

  /// Open commands, for messages.
  func openCommands() async throws -> String {
    let open = try await commandRows(session: nil).filter { !$0.isFinal }
    return open.isEmpty ? "none" : open.map { "\($0.action) \($0.command) \($0.status)" }.joined(separator: ", ")
  }
}
