import TestEnvironment

/// What an observation is about. A causal chain gathers the observations that share a subject with a violation.
enum Subject: Equatable {
  case agent(String)
  case command(String)
  case session(String)
  case user(String)
  case process(String)
  case redis
  case database
}

extension Observation {
  /// Whether this observation belongs into the chain of `subject`.
  func concerns(_ subject: Subject) -> Bool {
    switch self {
    case .processStarted(let name), .processEnded(let name, _, _), .processPaused(let name), .processResumed(let name),
      .replicaReady(let name, _), .hubServed(let name, _), .hubQueued(let name):
      subject == .process(name)
    case .redisAvailable: subject == .redis
    case .databaseAvailable, .databaseRestored: subject == .database
    case .orphanListed(let session, let agent): subject == .session(session) || subject == .agent(agent)
    case .route(let agent, _, _), .heartbeat(let agent, _), .agentRow(let agent, _, _): subject == .agent(agent)
    case .agentConnected(let agent, let replica, _, _, _), .agentDisconnected(let agent, let replica, _, _):
      subject == .agent(agent) || subject == .process(replica)
    case .commandInserted(let command, _, let session, _):
      subject == .command(command) || (session.map { subject == .session($0) } ?? false)
    case .commandStatus(let command, _, _, _), .commandSent(let command, _, _, _, _),
      .commandReceived(let command, _, _):
      subject == .command(command)
    case .commandExecuted(let command, _, _, _, let session):
      subject == .command(command) || subject == .session(session)
    case .sessionInserted(let session, let user, _, _, _, _):
      subject == .session(session) || subject == .user(user)
    case .sessionHome(let session, _), .sessionState(let session, _, _, _), .sessionDeleted(let session),
      .activeConnections(let session, _),
      .viewerAttached(let session, _), .viewerDetached(let session, _):
      subject == .session(session)
    case .viewerAsked(_, let session, let user): subject == .session(session) || subject == .user(user)
    case .viewerAnswered(_, let session, _, _), .viewerPicture(_, let session), .viewerEnded(_, let session, _, _),
      .tunnelOpened(_, let session, _), .tunnelClosed(_, let session), .streamBroken(_, let session, _, _),
      .streamCompared(_, let session, _, _):
      subject == .session(session)
    case .streamLeaked(_, let session, let origin): subject == .session(session) || subject == .session(origin)
    case .workload(let session, _, _, _, let command):
      subject == .session(session) || (command.map { subject == .command($0) } ?? false)
    case .requestAnswered(let record):
      (record.session.map { subject == .session($0) } ?? false) || subject == .user(record.user)
    case .pushed(let user, let sessions):
      subject == .user(user) || sessions.contains { subject == .session($0) }
    case .lockChanged(let agent, let holder, _):
      subject == .agent(agent) || (holder.map { subject == .process($0) } ?? false)
    case .leadership(let agent, let instance, _, _, _), .platformWrite(let agent, let instance, _, _),
      .platformWriteRefused(let agent, let instance, _, _), .agentLink(let agent, let instance, _),
      .agentSockets(let agent, let instance, _), .agentRetry(let agent, let instance, _, _):
      subject == .agent(agent) || subject == .process(instance)
    case .workStep(_, let instance, let command, let session, _):
      subject == .command(command) || subject == .session(session) || subject == .process(instance)
    case .agentCall(let agent, let replica, _, _, _, _): subject == .agent(agent) || subject == .process(replica)
    case .enrolment(let agent, _): subject == .agent(agent)
    case .foreignReport(let agent, let session, _): subject == .agent(agent) || subject == .session(session)
    case .schemaCompared, .statementPrepared, .migrationRepeated, .migrationInterrupted, .migrationsTogether,
      .contentsCompared:
      subject == .database
    case .faultBegan, .faultEnded, .loadStopped, .loadResumed: false
    }
  }

  /// Disturbances explain whatever comes after them, so they are in every chain.
  var isDisturbance: Bool {
    switch self {
    case .faultBegan, .faultEnded, .processEnded, .processPaused, .processResumed, .redisAvailable,
      .databaseAvailable:
      true
    default: false
    }
  }
}

extension Situation {
  /// Most that a chain holds: the beginning says where it comes from, the end what went wrong.
  private static let chainHead = 4
  private static let chainTail = 16
  /// Disturbances that lie longer back are not shown.
  private static let chainReach: Duration = .seconds(120)

  /// The observations that led to a violation, oldest first, capped.
  func chain(about subjects: [Subject], to end: Duration, with first: TimedObservation?) -> [TimedObservation] {
    let related = log.filter { event in
      guard event.time <= end || event == first else { return false }
      if subjects.contains(where: { event.observation.concerns($0) }) { return true }
      return event.observation.isDisturbance && event.time >= end - Self.chainReach
    }
    guard related.count > Self.chainHead + Self.chainTail else { return related }
    var chain = Array(related.prefix(Self.chainHead) + related.suffix(Self.chainTail))
    if let first, !chain.contains(first), related.contains(first) {
      chain.insert(first, at: chain.firstIndex { $0.sequence > first.sequence } ?? chain.count)
    }
    return chain
  }
}
