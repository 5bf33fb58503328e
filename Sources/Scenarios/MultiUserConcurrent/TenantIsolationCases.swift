import TestEnvironment

extension MultiUserConcurrent {
  /// What users see and do of one another.
  static let isolationCases: [TestCase] = [readIsolation, writeIsolation, pushIsolation, sharedMiddleware]

  /// Users 1 to 3 belong to the default organisation, 4 and 5 to another, whose administrator is the sixth.
  static func twoOrganisations(_ topology: Topology) -> Topology {
    topology.with {
      $0.accounts = [
        .init("u04", organisation: otherOrganisation), .init("u05", organisation: otherOrganisation),
        .init("u06", organisation: otherOrganisation, isAdministrator: true),
      ]
    }
  }

  // MARK: MU-03

  private static let readIsolation = TestCase(
    "MU-03", "Read isolation", in: scenario, source: "[P PLAN; TC-SEC-010]", live: true,
    variants: [Variant("", twoOrganisations(.t2))], needs: ["replicas:2", "k8s", "users"], checks: ["I-TENANT"],
    kills: ["B-72"]
  ) { environment in
    try await environment.awaitAgents()
    let sessions = try await environment.oneSessionEach(5)
    var matrix = IsolationMatrix(environment.variant.topology)
    for (index, actor) in sessions.enumerated() {
      let client = environment.user(actor.user)
      let list = try await client.list(at: nil)
      environment.expectSame("the list of each", actor.name, list.sessions.joined(separator: ", "))
      for victim in sessions where victim.user != actor.user {
        let get = try await client.get(victim.name, at: nil)
        matrix.add(actor.user, victim.user, "get", get.status)
      }
      // One of the same organisation, one of the other.
      let victims = [
        sessions[index < 3 ? (index + 1) % 3 : 7 - index], sessions[index < 3 ? 3 + index % 2 : index - 3],
      ]
      for victim in victims {
        let narrowed = try await client.send("GET", "/api/v1/sessions?user=\(victim.user)", body: nil, at: nil)
        matrix.add(actor.user, victim.user, "list ?user=", narrowed.body.contains(victim.name) ? 200 : 404)
        matrix.add(
          actor.user, victim.user, "connect", try await client.connect(victim.name, at: nil).status)
        matrix.add(
          actor.user, victim.user, "heartbeat",
          try await client.heartbeat(victim.name, connection: nil, at: nil).status)
        let viewer = try await environment.asked(victim, by: actor.user)
        matrix.add(actor.user, victim.user, "desktop", viewer.status)
        let page = try await client.browse(
          "GET", "/api/v1/http/\(victim.name)/", headers: [], cookies: [], at: nil)
        matrix.add(actor.user, victim.user, "page", page.status)
        let logs = try await client.send("GET", "/api/v1/ws/logs/streamspace/\(victim.name)", body: nil, at: nil)
        matrix.add(actor.user, victim.user, "logs", logs.status)
      }
    }
    // Administrators see their organisation, and no other.
    for (administrator, own) in [("admin", sessions.prefix(3)), ("u06", sessions.suffix(2))] {
      let list = try await environment.user(administrator).list(at: nil)
      environment.expectSame(
        "the list of an administrator", own.map(\.name).sorted().joined(separator: ", "),
        list.sessions.sorted().joined(separator: ", "))
      for victim in [sessions[0], sessions[4]] {
        matrix.add(
          administrator, victim.user, "get", try await environment.user(administrator).get(victim.name, at: nil).status)
      }
    }
    matrix.judge(in: environment)
  }

  // MARK: MU-04

  private static let writeIsolation = TestCase(
    "MU-04", "Write isolation", in: scenario, source: "[P PLAN]", live: true,
    variants: [Variant("", twoOrganisations(.t2))], needs: ["replicas:2", "k8s", "users"],
    checks: ["I-TENANT", "I-ACCEPT"], kills: ["B-72"]
  ) { environment in
    try await environment.awaitAgents()
    let sessions = try await environment.oneSessionEach(5)
    let sleeping = try await environment.user("u03").hibernate(sessions[2].name, at: nil)
    try environment.require("a session hibernates", sleeping.isAccepted)
    try await environment.awaitState("hibernated", of: sessions[2].name)
    let commands = try await environment.commandRows(session: nil).count
    var before: [String] = []
    for session in sessions { before.append(try await environment.picture(of: session)) }
    var matrix = IsolationMatrix(environment.variant.topology)
    // An actor of each organisation against a victim of each; the third is the one that a wake could move.
    for (actor, victim) in [(0, 1), (0, 3), (1, 2), (3, 4), (3, 0), (4, 2)] {
      try await environment.attack(sessions[victim], by: sessions[actor].user, &matrix)
    }
    // The administrator of one organisation has no say in the other.
    try await environment.attack(sessions[0], by: "u06", &matrix)
    try await environment.attack(sessions[3], by: "admin", &matrix)
    matrix.judge(in: environment)
    // Whatever an accepted request would do, it has done by now.
    try await environment.sleep(for: .seconds(10))
    for (session, picture) in zip(sessions, before) {
      environment.expectSame("session of each victim", picture, try await environment.picture(of: session))
    }
    let now = try await environment.commandRows(session: nil).count
    environment.expect("commands written", .equal(.count(0)), now - commands)
    let own = try await environment.user("u03").wake(sessions[2].name, at: nil)
    environment.expect("its owner wakes it", .equal(.count(202)), own.status ?? 0)
    try await environment.awaitState("running", of: sessions[2].name)
  }
}

/// Who tried what on whose session, and with which answer.
struct IsolationMatrix: Sendable {
  private struct Entry {
    let relation: TenantRelation
    let verb: String
    var asked = 0
    var letIn = 0
    /// Answers that were neither 403 nor 404 where nobody may be let in.
    var odd: [Int] = []
  }

  private let topology: Topology
  private var entries: [Entry] = []

  init(_ topology: Topology) { self.topology = topology }

  /// `status`: nil where there was no answer.
  mutating func add(_ actor: String, _ victim: String, _ verb: String, _ status: Int?) {
    let isSame = topology.organisation(of: actor) == topology.organisation(of: victim)
    let relation: TenantRelation =
      switch (isSame, topology.isAdministrator(actor)) {
      case (true, true): .ownAdministrator
      case (true, false): .sameOrganisation
      case (false, true): .otherAdministrator
      case (false, false): .otherOrganisation
      }
    let place =
      entries.firstIndex { $0.relation == relation && $0.verb == verb }
      ?? {
        entries.append(Entry(relation: relation, verb: verb))
        return entries.count - 1
      }()
    entries[place].asked += 1
    let status = status ?? 0
    if (100..<300).contains(status) { entries[place].letIn += 1 }
    if status != 403, status != 404 { entries[place].odd.append(status) }
  }

  /// Writes table `isolation` and judges it: nobody but an administrator of the organisation is let in, and who is not
  /// hears 403 or 404.
  func judge(in environment: any Environment) {
    for entry in entries {
      environment.record.add(
        .isolation(entry.relation, verb: entry.verb, asked: entry.asked, letIn: entry.letIn))
      let isOwn = entry.relation == .ownAdministrator
      environment.expect(
        "\(entry.verb) by a \(entry.relation.rawValue): let in", .equal(.count(isOwn ? entry.asked : 0)), entry.letIn)
      guard !isOwn else { continue }
      environment.expect(
        "\(entry.verb) by a \(entry.relation.rawValue): other answers than 403 and 404", equals: "",
        entry.odd.map(String.init).joined(separator: " "))
    }
  }
}

extension Environment {
  /// A running session of each of the first users, put in place.
  func oneSessionEach(_ count: Int) async throws -> [OwnedSession] {
    var sessions: [OwnedSession] = []
    for number in 1...count {
      let user = userName(number)
      let name = try await seedRunningSessions(1, user: user, agent: agents[0])[0]
      sessions.append(OwnedSession(name: name, user: user))
    }
    return sessions
  }

  /// What an attack could change: owner, state and tags.
  fileprivate func picture(of session: OwnedSession) async throws -> String {
    let row = try await sessionRow(session.name)
    let answer = try await user(session.user).send("GET", "/api/v1/sessions/\(session.name)", body: nil, at: nil)
    let tags = JSONDocument(answer.body)?["tags"]?.json ?? "none"
    return "\(row?.user ?? "-") \(row?.state ?? "gone") tags \(tags)"
  }

  /// Tries everything that changes a session, and to create one for its owner.
  fileprivate func attack(
    _ victim: OwnedSession, by actor: String, _ matrix: inout IsolationMatrix
  ) async throws {
    let client = user(actor)
    let path = "/api/v1/sessions/\(victim.name)"
    matrix.add(actor, victim.user, "hibernate", try await client.hibernate(victim.name, at: nil).status)
    matrix.add(actor, victim.user, "wake", try await client.wake(victim.name, at: nil).status)
    matrix.add(actor, victim.user, "state", try await client.patch(victim.name, state: "hibernated", at: nil).status)
    let tags = try await client.send("PATCH", "\(path)/tags", body: #"{"tags":["mine"]}"#, at: nil)
    matrix.add(actor, victim.user, "tags", tags.status)
    matrix.add(actor, victim.user, "delete", try await client.stop(victim.name, at: nil).status)
    let body =
      #"{"user":"\#(victim.user)","template":"xterm-vnc","persistentHome":false,"resources":{"cpu":"250m","memory":"512Mi"}}"#
    let create = try await client.send("POST", "/api/v1/sessions", body: body, at: nil)
    matrix.add(actor, victim.user, "create for", create.status)
    let batch = try await client.send(
      "POST", "/api/v1/batch/sessions/hibernate", body: #"{"sessionIds":["\#(victim.name)"]}"#, at: nil)
    // A batch answers 200 with a verdict of each item.
    let isLetIn = JSONDocument(batch.body)?["succeeded"]?.integer != 0
    matrix.add(actor, victim.user, "batch", isLetIn ? batch.status : 404)
  }
}
