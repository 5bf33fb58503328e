import TestEnvironment

/// A load: who asks for what and when.
public struct Load<Verb: Sendable & Hashable>: Sendable {
  /// Names its draws: two loads of one case must differ.
  public var name: String
  public var arrivals: ArrivalProcess
  /// For how long requests arrive.
  public var span: Duration
  public var mix: Mix<Verb>
  public var population: Population

  public init(
    _ name: String, _ arrivals: ArrivalProcess, for span: Duration, mix: Mix<Verb>, population: Population
  ) {
    self.name = name
    self.arrivals = arrivals
    self.span = span
    self.mix = mix
    self.population = population
  }

  /// A request that is due.
  public struct Due: Sendable {
    /// From 0, in the order of arrival (closed: per user).
    public var index: Int
    public var verb: Verb
    public var member: Population.Member
    /// Since the start of the run.
    public var time: Duration
  }

  /// The requests of an open load, drawn before it begins: they do not depend on any answer. Empty for a closed one.
  public func plan(in environment: any Environment) -> [Due] {
    let start = environment.now
    let times = arrivals.arrivals(within: span) { environment.choose("\(name).arrival", $0) }
    return times.enumerated().compactMap { index, time in
      guard let verb = mix.draw({ environment.choose("\(name).verb", $0) }),
        let member = population.draw({ environment.choose("\(name).user", $0) })
      else { return nil }
      return Due(index: index, verb: verb, member: member, time: start + time)
    }
  }

  /// Runs the load and returns when the last answer is there.
  ///
  /// Each request of an open load has a task of its own, so that a slow answer delays no later arrival. `perform` says
  /// how a request is made; nil as its answer: there was nothing to ask for, and the request does not count.
  public func run(
    in environment: any Environment, perform: @escaping @Sendable (Due) async throws -> Answer?
  ) async throws -> LoadResult<Verb> {
    let start = environment.now
    let requests =
      if case .closed(let users, let think) = arrivals {
        try await runClosed(users: users, think: think, in: environment, perform)
      } else {
        try await runOpen(plan(in: environment), in: environment, perform)
      }
    return LoadResult(requests: requests, start: start, end: max(environment.now, start + span))
  }

  /// So many requests of an open load are under one roof: their tasks begin when the first of them is due.
  private static var batch: Int { 200 }

  private func runOpen(
    _ plan: [Due], in environment: any Environment, _ perform: @escaping @Sendable (Due) async throws -> Answer?
  ) async throws -> [LoadedRequest<Verb>] {
    let batches = stride(from: 0, to: plan.count, by: Self.batch).map {
      plan[$0..<min(plan.count, $0 + Self.batch)]
    }
    let results = try await environment.concurrently(
      batches.map { batch in
        { @Sendable in
          try await environment.sleep(untilDue: batch[batch.startIndex].time)
          return try await environment.concurrently(
            batch.map { due in
              { @Sendable in
                try await environment.sleep(untilDue: due.time)
                return try await Self.performed(due, in: environment, perform)
              }
            })
        }
      })
    return results.flatMap { $0 }.compactMap(\.self)
  }

  private func runClosed(
    users: Int, think: ThinkTime, in environment: any Environment,
    _ perform: @escaping @Sendable (Due) async throws -> Answer?
  ) async throws -> [LoadedRequest<Verb>] {
    let end = environment.now + span
    let results = try await environment.concurrently(
      (0..<max(0, users)).map { number in
        { @Sendable in
          var requests: [LoadedRequest<Verb>] = []
          guard let member = population.inTurn(number) else { return requests }
          var index = 0
          // A first wait of a part of the think time: users do not start in step.
          var due = environment.now + think.draw { environment.choose("\(name).think", $0) }
          while due < end {
            try await environment.sleep(untilDue: due)
            guard let verb = mix.draw({ environment.choose("\(name).verb", $0) }) else { return requests }
            let request = Due(index: index, verb: verb, member: member, time: due)
            if let done = try await Self.performed(request, in: environment, perform) { requests.append(done) }
            index += 1
            let pause = think.draw { environment.choose("\(name).think", $0) }
            // A user who thinks no time at all is still no busy loop when answers take none.
            due = environment.now + max(pause, .microseconds(1))
          }
          return requests
        }
      })
    return results.flatMap { $0 }.enumerated().sorted {
      ($0.element.arrival, $0.offset) < ($1.element.arrival, $1.offset)
    }.map(\.element)
  }

  private static func performed(
    _ due: Due, in environment: any Environment, _ perform: @Sendable (Due) async throws -> Answer?
  ) async throws -> LoadedRequest<Verb>? {
    guard let answer = try await perform(due) else { return nil }
    return LoadedRequest(
      verb: due.verb, user: due.member.user, arrival: due.time, end: environment.now, status: answer.status)
  }
}

extension Environment {
  fileprivate func sleep(untilDue time: Duration) async throws {
    let rest = time - now
    if rest > .zero { try await sleep(for: rest) }
  }
}
