import Database
import StreamSpaceProtocol
import TestEnvironment

/// A session's row after a restore.
struct RestoredSession {
  let id: String
  let user: String
  let state: String
  let agent: String?
  let cpu: String
  let memory: String

  init(row: SQLRow) throws(SQLRowError) {
    id = try row.text("id")
    user = try row.optionalText("user_id") ?? ""
    state = try row.optionalText("state") ?? ""
    agent = try row.optionalText("agent_id")
    cpu = try row.optionalText("cpu") ?? ""
    memory = try row.optionalText("memory") ?? ""
  }
}

/// The rows after a restore, told as new: nobody was told of the way back.
extension ObservationRecorder {
  /// Returns the sessions that have no row any more, ordered.
  func restored(sessions: [RestoredSession], commands: [CommandRow], at instant: Duration) -> [String] {
    add(.databaseRestored(to: instant))
    let there = Set(sessions.map(\.id))
    let lost = sessionRows.keys.filter { !there.contains($0) }.sorted()
    for session in lost {
      forgetRow(of: session)
      add(.sessionDeleted(session: session))
    }
    for session in sessions where sessionRows[session.id]?.state != session.state {
      let resources = SessionResources(counting: ResourceAmounts(cpu: session.cpu, memory: session.memory))
      add(
        .sessionInserted(
          session: session.id, user: session.user, agent: session.agent, state: session.state,
          milliCPU: Int(resources.cpuMilli), memoryMiB: Int(resources.memoryMebibytes)))
      setState(session.state, of: session.id)
    }
    for command in commands {
      add(
        .commandInserted(
          command: command.command, agent: command.agent, session: command.session, action: command.action))
      guard command.status != "pending" else { continue }
      add(.commandStatus(command: command.command, from: "pending", to: command.status, times: command.times))
    }
    return lost
  }
}
