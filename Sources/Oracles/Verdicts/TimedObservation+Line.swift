import TestEnvironment

extension TimedObservation {
  /// One line for people: time, number, what happened, ids.
  public var line: String { "\(time.text) #\(sequence) \(observation.sentence)" }
}

extension Observation {
  /// What happened, in words.
  var sentence: String {
    switch self {
    case .processStarted(let name): "\(name) started"
    case .processEnded(let name, let reason, let injected):
      "\(name) ended: \(reason)\(injected ? " (injected)" : "")"
    case .processPaused(let name): "\(name) paused"
    case .processResumed(let name): "\(name) resumed"
    case .replicaReady(let replica, let ready): "\(replica) \(ready ? "ready" : "not ready")"
    case .hubQueued(let replica): "hub of \(replica): event queued"
    case .hubServed(let replica, let wait): "hub of \(replica): event served after \(wait.text)"
    case .route(let agent, let key, let value): "redis agent:\(agent):\(key.rawValue) = \(value ?? "(absent)")"
    case .redisAvailable(let available): "redis \(available ? "answers" : "away")"
    case .databaseAvailable(let available): "database \(available ? "answers" : "away")"
    case .agentConnected(let agent, let replica, let connection, let epoch, let instance):
      "agent \(agent) registered at \(replica), connection \(connection), epoch \(epoch), instance \(instance)"
    case .agentDisconnected(let agent, let replica, let connection, let reason):
      "agent \(agent) unregistered at \(replica), connection \(connection): \(reason)"
    case .heartbeat(let agent, let replica): "heartbeat of \(agent) at \(replica)"
    case .agentRow(let agent, let status, let beat):
      "agents row \(agent): \(status), last_heartbeat \(beat?.text ?? "NULL")"
    default: workSentence
    }
  }

  private var workSentence: String {
    switch self {
    case .commandInserted(let command, let agent, let session, let action):
      "command \(command) inserted: \(action) of \(session ?? "-") for \(agent)"
    case .commandStatus(let command, let from, let to, let times):
      "command \(command): \(from) -> \(to) (\(times.text))"
    case .commandSent(let command, let agent, let replica, let connection, let attempt):
      "command \(command) sent to \(agent) by \(replica), connection \(connection), attempt \(attempt)"
    case .commandReceived(let command, let agent, let instance):
      "command \(command) received by \(agent), instance \(instance)"
    case .commandExecuted(let command, let agent, let instance, let action, let session):
      "command \(command) executed by \(agent), instance \(instance): \(action) of \(session)"
    case .sessionInserted(let session, let user, let agent, let state, let milliCPU, let memoryMiB):
      "session \(session) inserted: \(state), user \(user), agent \(agent ?? "-"), \(milliCPU)m, \(memoryMiB) MiB"
    case .sessionHome(let session, let isPersistent):
      "session \(session): home \(isPersistent ? "persistent" : "not persistent")"
    case .sessionState(let session, let from, let to, let agent):
      "session \(session): \(from) -> \(to)\(agent.map { " on \($0)" } ?? "")"
    case .databaseRestored(let instant): "database restored to \(instant.text)"
    case .orphanListed(let session, let agent): "workload of \(session) on \(agent) listed as an orphan"
    case .sessionDeleted(let session): "session \(session): row deleted"
    case .activeConnections(let session, let count): "session \(session): active_connections = \(count)"
    case .viewerAttached(let session, let attachment): "session \(session): viewer \(attachment) attached"
    case .viewerDetached(let session, let attachment): "session \(session): viewer \(attachment) gone"
    case .workload(let session, let agent, let object, let event, let command):
      "\(object) of \(session) on \(agent): \(event.rawValue)\(command.map { " by \($0)" } ?? "")"
    case .requestAnswered(let record):
      "\(record.method) \(record.path) of \(record.user) at \(record.replica ?? "?"), asked at \(record.started.text): "
        + "\(record.status.map(String.init) ?? "no answer")\(record.session.map { ", session \($0)" } ?? "")"
    case .pushed(let user, let sessions): "pushed to \(user): \(sessions.joined(separator: ", "))"
    case .faultBegan(let name, _): "fault begins: \(name)"
    case .faultEnded(let name): "fault ends: \(name)"
    case .loadStopped: "load stops"
    case .loadResumed: "load goes on"
    default: leaderSentence
    }
  }

  private var leaderSentence: String {
    switch self {
    case .lockChanged(let agent, let holder, let term):
      "lock of \(agent): \(holder.map { $0.isEmpty ? "released" : "held by \($0)" } ?? "gone"), term \(term)"
    case .leadership(let agent, let instance, let term, let isLeading, let reason):
      "\(instance) \(isLeading ? "leads" : "no longer leads") \(agent), term \(term)\(reason.isEmpty ? "" : ": \(reason)")"
    case .platformWrite(let agent, let instance, let term, let object):
      "\(instance) of \(agent) writes \(object)\(term.map { " in term \($0)" } ?? "")"
    case .platformWriteRefused(let agent, let instance, let term, let object):
      "write of \(object) by \(instance) of \(agent) in term \(term) is refused"
    case .workStep(_, let instance, let command, let session, let step):
      "\(instance), command \(command) of \(session): \(step.rawValue)"
    case .agentLink(let agent, let instance, let isConnected):
      "\(instance) of \(agent) \(isConnected ? "is connected" : "has lost its connection")"
    case .agentSockets(let agent, let instance, let held):
      "\(instance) of \(agent) has \(held) sockets to the control plane open"
    case .agentRetry(let agent, let instance, let attempt, let wait):
      "attempt \(attempt) of \(instance) of \(agent) to connect failed, next in \(wait.text)"
    case .agentCall(let agent, let replica, let call, let keyOwner, let isBootstrapKey, let status):
      "\(call.rawValue) as \(agent) at \(replica) with \(isBootstrapKey ? "the bootstrap key" : keyOwner.map { "the key of \($0)" } ?? "an unknown key"): \(status)"
    case .enrolment(let agent, let step): "agent \(agent): \(step.rawValue)"
    case .foreignReport(let agent, let session, let isAccepted):
      "report of \(agent) on the foreign session \(session) \(isAccepted ? "is carried out" : "is refused")"
    default: streamSentence
    }
  }

  private var streamSentence: String {
    switch self {
    case .viewerAsked(let viewer, let session, let user): "viewer \(viewer) of \(user) asks for session \(session)"
    case .viewerAnswered(let viewer, let session, let status, let edge):
      "viewer \(viewer) of session \(session) is answered \(status.map(String.init) ?? "nothing") by \(edge ?? "?")"
    case .viewerPicture(let viewer, let session): "viewer \(viewer) of session \(session) has its first picture"
    case .viewerEnded(let viewer, let session, let code, let byItself):
      "viewer \(viewer) of session \(session) \(byItself ? "leaves" : "is told the end: \(code.map(String.init) ?? "reset")")"
    case .tunnelOpened(let tunnel, let session, let attachment):
      "tunnel \(tunnel) to the desktop of \(session) opened for \(attachment ?? "nobody")"
    case .tunnelClosed(let tunnel, let session): "tunnel \(tunnel) to the desktop of \(session) closed"
    case .streamBroken(let viewer, let session, let toViewer, let offset):
      "stream of viewer \(viewer) of session \(session) \(toViewer ? "to the viewer" : "to the desktop") broken at byte \(offset)"
    case .streamLeaked(let viewer, let session, let origin):
      "a byte of session \(origin) reaches viewer \(viewer) of session \(session)"
    case .streamCompared(let viewer, let session, let toViewer, let toDesktop):
      "streams of viewer \(viewer) of session \(session): \(toViewer) bytes to it, \(toDesktop) to the desktop"
    default: schemaSentence
    }
  }

  private var schemaSentence: String {
    switch self {
    case .schemaCompared(let engine, let what, let other, let differences):
      "\(engine.rawValue): schema \(what) compared with \(other), \(differences.count) differences"
    case .statementPrepared(let engine, let statement, let version, let problem):
      "\(engine.rawValue): \(statement) against version \(version): \(problem ?? "as it must be")"
    case .migrationRepeated(let engine, let what, let times, let changes):
      "\(engine.rawValue): \(what) run \(times) times, \(changes.count) changes"
    case .migrationInterrupted(let engine, let point, let problems):
      "\(engine.rawValue): migration broken off at \(point), \(problems.isEmpty ? "completed by a restart" : "\(problems.count) problems")"
    case .migrationsTogether(let engine, let what, let runners, let problems):
      "\(engine.rawValue): \(runners) runners together, \(what), \(problems.count) problems"
    case .contentsCompared(let engine, let what, let table, let rows, let undeclared):
      "\(engine.rawValue): \(what), \(rows) rows of \(table), \(undeclared.count) undeclared changes"
    default: "\(kind)"
    }
  }
}

extension CommandTimes {
  /// The stamps that are set, in their order.
  var text: String {
    [("created", created), ("sent", sent), ("acknowledged", acknowledged), ("completed", completed)]
      .compactMap { name, time in time.map { "\(name) \($0.text)" } }.joined(separator: ", ")
  }
}
