import SimulationRuntime
import StreamSpaceProtocol

/// What a create request asks for, after everything that needs no transaction was checked.
struct SessionDraft {
  var ownerID: String
  var ownerName: String
  var organisationID: String
  var template: CatalogTemplate
  var platform: String
  var amounts: ResourceAmounts
  var resources: SessionResources
  var persistentHome: Bool
  var idleTimeout: String
  var maxSessionDuration: String
  var tags: [String]?
}

/// Creates one session: quota, licence, capacity and choice of the agent are settled in the transaction that inserts
/// session and command (C9, C15, C36). One step per statement; every step boundary is a place to crash.
final class SessionCreation {
  /// Suffixes tried before the create is refused (C38).
  static let nameTries = 8
  static let failureText = "Failed to create session"

  private let services: SessionServices
  private let draft: SessionDraft
  private let start: Instant
  private let done: (Result<CreateSessionAnswer, Refusal>) -> Void
  private var name = ""
  private var agentID = ""
  private var commandID = ""

  private typealias Refuse = (Refusal) -> Void

  init(
    _ services: SessionServices, _ draft: SessionDraft, _ done: @escaping (Result<CreateSessionAnswer, Refusal>) -> Void
  ) {
    self.services = services
    self.draft = draft
    start = services.incarnation.monotonicNow
    self.done = done
  }

  func begin() {
    commandID = services.identifiers.requestedCommand()
    guard services.policies.schema.licenceCount == .byStatus else { return admit() }
    services.database.execute(SchemaStatements.licensedByStatus) { [self] _ in admit() }
  }

  private func admit() {
    switch services.policies.admission {
    case .withInsert: insert(afterAdmission: true)
    case .beforeInsert:
      let refuse: Refuse = { self.done(.failure($0)) }
      lockOwner(StatementSteps(nil, services.database), refuse) { self.insert(afterAdmission: false) }
    }
  }

  private func insert(afterAdmission: Bool) {
    let terms = TransactionTerms(
      start: start, failure: Self.failureText, marker: { self.commandID }, orphaned: { self.removeOrphan() })
    services.transact(
      terms,
      body: { (steps: StatementSteps, end: @escaping (TransactionEnd<CreateSessionAnswer>) -> Void) in
        let refuse: Refuse = { end(.refuse($0)) }
        let commit = { end(.commit(self.answer)) }
        let rows = { self.insertSession(steps, triesLeft: Self.nameTries, refuse, commit) }
        if afterAdmission { self.lockOwner(steps, refuse, rows) } else { rows() }
      }, done: committed)
  }

  private func committed(_ result: Result<CreateSessionAnswer, Refusal>) {
    switch result {
    case .failure(let refusal): done(.failure(refusal))
    case .success(let answer):
      let command = AgentCommand(commandID: commandID, action: .startSession, payload: .start(payload))
      services.committed(commandFor: agentID, command) { [self] in accept(answer) }
    }
  }

  private func accept(_ answer: CreateSessionAnswer) {
    guard services.policies.acceptance == .whenReachable, let reaches = services.reaches else {
      return done(.success(answer))
    }
    reaches(agentID) { [self] isReachable in
      let body = ErrorBody("Failed to dispatch start command")
      done(isReachable ? .success(answer) : .failure(Refusal(.internalServerError, body)))
    }
  }

  /// The session was made after all, and its client was told that it was not: it goes again (I-ACCEPT).
  private func removeOrphan() {
    SessionVerbs(services).change(
      .stopSession, name, agent: agentID, guardedBy: SessionStatements.beginTermination, [.text(name)]
    ) { _ in }
  }

  // MARK: Admission

  private func lockOwner(_ steps: StatementSteps, _ refuse: @escaping Refuse, _ next: @escaping () -> Void) {
    run(steps, SessionStatements.lockOwner, [.text(draft.ownerID)], refuse) { [self] result in
      if let row = result.firstRow { return try checkUsage(steps, row, refuse, next) }
      // No user, or no licence: then nothing bounds the sessions of all.
      run(steps, SessionStatements.lockOwnerAlone, [.text(draft.ownerID)], refuse) { [self] result in
        if let row = result.firstRow { return try checkUsage(steps, row, refuse, next) }
        refuse(Refusal(.forbidden, .quotaExceeded(QuotaViolation.unknownUser.message)))
      }
    }
  }

  private func checkUsage(
    _ steps: StatementSteps, _ owner: SQLRow, _ refuse: @escaping Refuse, _ next: @escaping () -> Void
  ) throws(SQLRowError) {
    let quota = services.policies.quotaSource == .storedRow ? try SessionQuota(row: owner) : .standard
    let isLicensed = services.policies.enforcesLicence && services.policies.schema.licenceCount == .byState
    let licence = isLicensed ? try owner.optionalInteger("licence_limit") : nil
    let states = SQLValue.array(services.policies.countedStates.map(\.rawValue))
    let settle = { [self] (usage: SessionQuota.Usage) in
      if let violation = quota.violation(by: draft.resources, usage: usage) {
        return refuse(Refusal(.forbidden, .quotaExceeded(violation.message)))
      }
      chooseAgent(steps, licence: licence, refuse, next)
    }
    let usage =
      services.policies.quotaCount == .podsOnly ? SessionStatements.podsOfOwner : SessionStatements.usageOfOwner
    steps.execute(usage, [.text(draft.ownerID), states]) { [self] result in
      do {
        settle(try SessionQuota.Usage(rows: result.get().rows))
      } catch  where services.policies.unknownUsage == .countsAsNone {
        settle(SessionQuota.Usage(sessions: 0, resources: .zero))
      } catch {
        refuse(Self.refusal(for: error))
      }
    }
  }

  /// The licence is tested after the quota, on the count that comes with the agents (C36).
  private func chooseAgent(
    _ steps: StatementSteps, licence: Int64?, _ refuse: @escaping Refuse, _ next: @escaping () -> Void
  ) {
    steps.execute(services.policies.candidates) { [self] result in
      do {
        let rows = try result.get().rows
        if let licence, let row = rows.first, try row.integer("all_sessions") >= licence {
          return refuse(Refusal(.forbidden, .licenseLimitExceeded(limit: Int(licence))))
        }
        var candidates = try rows.map { try AgentCandidate(row: $0) }
        if services.policies.reach == .ownConnections {
          candidates.removeAll { !services.holdsConnection($0.agentID) }
        }
        let choice = AgentSelector.choose(
          among: candidates, platform: draft.platform, policy: services.policies.placement)
        switch choice {
        case .none(let reason): refuse(Refusal(.serviceUnavailable, .noAgents(reason)))
        case .agent(let agent):
          agentID = agent
          next()
        }
      } catch  where services.policies.schema.load != .countedByState {
        refuse(Refusal(.serviceUnavailable, .noAgents(.noneOnline)))
      } catch {
        refuse(Refusal(.serviceUnavailable, .noAgents(.databaseFailed("\(error)"))))
      }
    }
  }

  // MARK: Rows

  private func insertSession(
    _ steps: StatementSteps, triesLeft: Int, _ refuse: @escaping Refuse, _ next: @escaping () -> Void
  ) {
    guard triesLeft > 0 else {
      let message = "no free name for \(draft.ownerName)-\(draft.template.name) after \(Self.nameTries) tries"
      return refuse(Refusal(.serviceUnavailable, ErrorBody(Self.failureText, message: message)))
    }
    name = services.identifiers.session(user: draft.ownerName, template: draft.template.name)
    let streaming = draft.template.streaming
    let parameters: [SQLValue] = [
      .text(name), .text(draft.ownerID), .text(draft.organisationID), .text(draft.template.name),
      .text(draft.platform), .text(agentID), .text(draft.amounts.memory), .text(draft.amounts.cpu),
      .boolean(draft.persistentHome), .text(draft.idleTimeout), .text(draft.maxSessionDuration),
      draft.tags.map(SQLValue.array) ?? .null, .text(streaming.name), .integer(Int64(streaming.port)),
      streaming.path.isEmpty ? .null : .text(streaming.path),
    ]
    run(steps, SessionStatements.insert, parameters, refuse) { [self] result in
      if result.rowCount == 0 { return insertSession(steps, triesLeft: triesLeft - 1, refuse, next) }
      if services.policies.verbCommand == .forgottenByStart { return next() }
      insertCommand(steps, refuse, next)
    }
  }

  private func insertCommand(_ steps: StatementSteps, _ refuse: @escaping Refuse, _ next: @escaping () -> Void) {
    let parameters: [SQLValue] = [
      .text(commandID), .text(agentID), .text(name), .text(AgentAction.startSession.rawValue),
      .text(JSONWriter.text(of: payload.json)),
    ]
    let readsBack = services.policies.schema.insertedCommand == .errorMessage
    let insert = readsBack ? SchemaStatements.insertCommandReturning : SessionStatements.insertCommand
    steps.execute(insert, parameters) { [self] result in
      switch result {
      case .failure(let error): refuse(.database(error, "Failed to create agent command"))
      case .success(let inserted) where readsBack:
        do throws(SQLRowError) {
          _ = try inserted.singleRow().text("error_message")
          next()
        } catch {
          refuse(.database(.row(error), "Failed to create agent command"))
        }
      case .success(let inserted) where inserted.rowCount == 0:
        commandID = services.identifiers.requestedCommand()
        insertCommand(steps, refuse, next)
      case .success: next()
      }
    }
  }

  private var payload: StartSessionPayload {
    StartSessionPayload(
      sessionID: name, user: draft.ownerName, template: draft.template.name,
      templateManifest: services.policies.manifest.applied(to: draft.template.manifest).sortedByKey,
      memory: draft.amounts.memory, cpu: draft.amounts.cpu,
      persistentHome: draft.persistentHome, idleTimeout: draft.idleTimeout,
      maxSessionDuration: draft.maxSessionDuration, tags: draft.tags)
  }

  private var answer: CreateSessionAnswer {
    CreateSessionAnswer(
      name: name, user: draft.ownerID, template: draft.template.name, resources: draft.amounts,
      persistentHome: draft.persistentHome, idleTimeout: draft.idleTimeout,
      maxSessionDuration: draft.maxSessionDuration, tags: draft.tags, agentID: agentID, commandID: commandID)
  }

  /// One statement; a failure of it, or of reading its rows, refuses the create (MU-08: never allows it).
  private func run(
    _ steps: StatementSteps, _ statement: SQLStatement, _ parameters: [SQLValue], _ refuse: @escaping Refuse,
    _ next: @escaping (SQLResult) throws -> Void
  ) {
    steps.execute(statement, parameters) { result in
      do {
        try next(try result.get())
      } catch {
        refuse(Self.refusal(for: error))
      }
    }
  }

  private static func refusal(for error: any Error) -> Refusal {
    if let error = error as? DatabaseError { return .database(error, failureText) }
    return Refusal(.internalServerError, ErrorBody(failureText, message: "\(error)"))
  }
}

extension SessionQuota.Usage {
  /// The rows of ``SessionStatements/usageOfOwner``; amounts that cannot be read count nothing.
  init(rows: [SQLRow]) throws(SQLRowError) {
    self.init(sessions: rows.count, resources: .zero)
    for row in rows {
      let amounts = ResourceAmounts(
        cpu: try row.optionalText("cpu") ?? "", memory: try row.optionalText("memory") ?? "")
      resources = resources + SessionResources(counting: amounts)
    }
  }
}

extension SessionQuota {
  /// The limits of a row of ``SessionStatements/lockOwner``.
  ///
  /// Totals come from the row. One session is bounded by 2000m and 4096Mi as long as the row holds what every new user
  /// gets, and by the totals where an administrator set others (C15).
  init(row: SQLRow) throws(SQLRowError) {
    guard try row.optionalText("quota_of") != nil else {
      self = .standard
      return
    }
    let standard = SessionQuota.standard
    let stored = SessionResources(
      counting: ResourceAmounts(
        cpu: try row.optionalText("max_cpu") ?? "4000m", memory: try row.optionalText("max_memory") ?? "8192Mi"))
    let sessions = Int(try row.optionalInteger("max_sessions") ?? Int64(standard.maxSessions))
    let isDefault =
      sessions == standard.maxSessions && stored.cpuMilli == standard.total.cpuMilli
      && SessionQuota.defaultMemories.contains(stored.memoryMebibytes)
    self.init(maxSessions: sessions, perSession: isDefault ? standard.perSession : stored, total: stored)
  }

  /// `max_memory` that no administrator set: the built-in 8192Mi, and the column default 16Gi (spec/02 §7.1).
  private static let defaultMemories: [Int64] = [8192, 16_384]
}
