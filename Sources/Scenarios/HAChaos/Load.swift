import TestEnvironment

/// What became of the requests of a load.
struct LoadOutcome: Sendable {
  var requests = 0
  /// 2xx, at the retry of a cut one too.
  var answered = 0
  /// 4xx and 5xx.
  var refused = 0
  /// Without answer, twice.
  var cut = 0
  /// Sessions that were accepted.
  var made: [OwnedSession] = []
  /// Requests that were not answered with 2xx, for messages.
  var failures: [String] = []

  static func + (first: LoadOutcome, second: LoadOutcome) -> LoadOutcome {
    var sum = first
    sum.requests += second.requests
    sum.answered += second.answered
    sum.refused += second.refused
    sum.cut += second.cut
    sum.made += second.made
    sum.failures += second.failures
    return sum
  }

  /// In tenths of a percent, cut.
  var answeredPermille: Int { requests == 0 ? 1_000 : answered * 1_000 / requests }

  /// Counts the answer to a request.
  mutating func count(_ answer: Answer, _ what: String, at time: Duration) {
    requests += 1
    if answer.isAccepted {
      answered += 1
      return
    }
    if answer.isCut { cut += 1 } else { refused += 1 }
    failures.append("\(what) at \(time.secondsText): \(answer.summary)")
  }
}

extension Environment {
  /// Asks once more if the first answer was cut off with its socket (spec/06, CHAOS-03); the balancer tells that as 502
  /// (C38).
  func withRetry(_ request: () async throws -> Answer) async throws -> Answer {
    let answer = try await request()
    return answer.isCut ? try await request() : answer
  }

  /// A load of creates and stops in turn, one every `period`, by users from `firstUser` on, and a list after each. Each
  /// user has at most `most` sessions of it; the oldest is stopped first. Ends what it made.
  func churn(
    every period: Duration, from start: Duration, to end: Duration, users: Int = 4, firstUser: Int = 5, most: Int = 3
  ) async throws -> LoadOutcome {
    var outcome = LoadOutcome()
    var living: [OwnedSession] = []
    var round = 0
    while start + period * round < end {
      try await sleep(until: start + period * round)
      let asked = now
      let stops = round % 2 == 1 || living.count >= users * most
      if stops, !living.isEmpty {
        let session = living.removeFirst()
        var answer = try await withRetry { try await self.user(session.user).stop(session.name, at: nil) }
        // The first try may have had its effect: then there is nothing left to stop.
        if answer.status == 409 { answer.status = 202 }
        outcome.count(answer, "stop", at: asked)
      } else {
        let owner = userName(firstUser + (round / 2) % users)
        let answer = try await withRetry { try await self.user(owner).create(SessionRequest(), at: nil) }
        outcome.count(answer, "create", at: asked)
        if answer.isAccepted, let name = answer.session {
          living.append(OwnedSession(name: name, user: owner))
          outcome.made.append(OwnedSession(name: name, user: owner))
        }
      }
      let reader = userName(firstUser + round % users)
      let list = try await withRetry { try await self.user(reader).list(at: nil) }
      outcome.count(list, "list", at: now)
      round += 1
    }
    return outcome
  }

  /// Stops whatever sessions the users of a load still have: those too whose create was cut off after its effect.
  func endLoad(users: Int = 4, firstUser: Int = 5) async throws {
    for number in firstUser..<(firstUser + users) {
      let client = user(userName(number))
      for session in try await client.list(at: nil).sessions {
        // Those that have ended answer 409.
        _ = try await client.stop(session, at: nil)
      }
    }
  }

  /// Judges a load and writes it into the table.
  func judge(_ outcome: LoadOutcome, _ load: String, atLeastPermille least: Int?) {
    record.add(
      .availability(
        load: load, requests: outcome.requests, answered: outcome.answered, refused: outcome.refused, cut: outcome.cut)
    )
    let name = outcome.failures.isEmpty ? "" : " (\(outcome.failures.prefix(2).joined(separator: "; ")))"
    expect(
      "requests answered, per thousand\(name)", least.map { .atLeast(.count($0)) } ?? .reported,
      outcome.answeredPermille)
  }
}

extension Answer {
  /// The request was sent, and its answer is lost: it may have had its effect.
  var isCut: Bool { status == nil || status == 502 || status == 504 }
}
