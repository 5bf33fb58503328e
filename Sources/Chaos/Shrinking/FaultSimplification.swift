import TestEnvironment

extension PlannedFault {
  /// The same fault with one thing about it simpler, the boldest first.
  var simplifications: [PlannedFault] {
    var simpler: [PlannedFault] = []
    for time in at.rounder { simpler.append(PlannedFault(at: time, lasts: lasts, what, recipe: recipe)) }
    for span in lasts.shorter { simpler.append(PlannedFault(at: at, lasts: span, what, recipe: recipe)) }
    for fault in what.simplifications { simpler.append(PlannedFault(at: at, lasts: lasts, fault, recipe: recipe)) }
    return simpler.filter { $0 != self }
  }
}

extension PlannedOperation {
  /// The same operation with one thing about it simpler, the boldest first.
  var simplifications: [PlannedOperation] {
    var simpler: [PlannedOperation] = []
    for time in at.rounder { simpler.append(PlannedOperation(at: time, user: user, verb, replica: replica)) }
    for lower in user.lower { simpler.append(PlannedOperation(at: at, user: lower, verb, replica: replica)) }
    if replica != nil { simpler.append(PlannedOperation(at: at, user: user, verb)) }
    for lower in (replica ?? 0).lower {
      simpler.append(PlannedOperation(at: at, user: user, verb, replica: lower))
    }
    for lower in verb.place.lower {
      simpler.append(PlannedOperation(at: at, user: user, verb.with(place: lower), replica: replica))
    }
    return simpler.filter { $0 != self }
  }
}

extension PlannedOperation.Verb {
  /// The place of the session it names; 0 if it names none.
  fileprivate var place: Int {
    switch self {
    case .create, .list: 0
    case .stop(let place), .hibernate(let place), .wake(let place), .get(let place), .view(let place): place
    }
  }

  fileprivate func with(place: Int) -> PlannedOperation.Verb {
    switch self {
    case .create, .list: self
    case .stop: .stop(place)
    case .hibernate: .hibernate(place)
    case .wake: .wake(place)
    case .get: .get(place)
    case .view: .view(place)
    }
  }
}

extension ChaosFault {
  fileprivate var simplifications: [ChaosFault] {
    switch self {
    case .kill(let target, let death):
      return target.lower.map { .kill($0, death) } + (death == .crash ? [] : [.kill(target, .crash)])
    case .pause(let target): return target.lower.map { .pause($0) }
    case .cut(let a, let b): return Self.pairs(a, b).map { .cut($0, $1) }
    case .cutOneWay(let a, let b): return Self.pairs(a, b).map { .cutOneWay(from: $0, to: $1) }
    case .halfOpen(let a, let b): return Self.pairs(a, b).map { .halfOpen(gone: $0, unaware: $1) }
    case .reset(let a, let b): return Self.pairs(a, b).map { .reset($0, $1) }
    case .slow(let a, let b, let span):
      return Self.pairs(a, b).map { .slow($0, $1, by: span) } + span.shorter.map { .slow(a, b, by: $0) }
    case .redisDown, .redisRestartEmpty, .redisLosePubSub, .databaseDown: return []
    case .redisEvictRoute(let agent): return agent.lower.map { .redisEvictRoute(agent: $0) }
    case .redisSlow(let span): return span.shorter.map { .redisSlow(by: $0) }
    case .databaseSlow(let span): return span.shorter.map { .databaseSlow(by: $0) }
    case .dispatcherSlow(let span): return span.shorter.map { .dispatcherSlow(by: $0) }
    case .databaseRequest(let replica, let number, let trouble):
      return replica.lower.map { .databaseRequest(replica: $0, number: number, trouble) }
        + number.lower.filter { $0 > 0 }.map { .databaseRequest(replica: replica, number: $0, trouble) }
    case .kubernetes: return []
    case .docker(let agent, let trouble): return agent.lower.map { .docker(agent: $0, trouble) }
    case .skew(let target, let span):
      return target.lower.map { .skew($0, by: span) } + span.shorter.map { .skew(target, by: $0) }
    case .drift(let target, let rate):
      return target.lower.map { .drift($0, ppm: rate) }
        + [rate / 2, rate / 100 * 100].filter { $0 != 0 && $0 != rate }.map { .drift(target, ppm: $0) }
    case .loseAck(let agent): return agent.lower.map { .loseAck(agent: $0) }
    case .killAtStep(let agent, let command, let step, let death):
      return agent.lower.map { .killAtStep(agent: $0, command: command, step, death) }
        + (death == .crash ? [] : [.killAtStep(agent: agent, command: command, step, .crash)])
    }
  }

  private static func pairs(_ a: ChaosTarget, _ b: ChaosTarget) -> [(ChaosTarget, ChaosTarget)] {
    (a.lower.map { ($0, b) } + b.lower.map { (a, $0) }).filter { $0 != $1 }
  }
}

extension ChaosTarget {
  /// The same kind of target at lower places.
  fileprivate var lower: [ChaosTarget] {
    switch self {
    case .replica(let index): index.lower.map { .replica($0) }
    case .holder(let agent): agent.lower.map { .holder(agent: $0) }
    case .agent(let index): index.lower.map { .agent($0) }
    case .instance(let agent, let index):
      agent.lower.map { .instance(agent: $0, index) } + index.lower.map { .instance(agent: agent, $0) }
    case .leader(let agent): agent.lower.map { .leader(agent: $0) }
    case .standby(let agent): agent.lower.map { .standby(agent: $0) }
    case .docker(let agent): agent.lower.map { .docker(agent: $0) }
    case .redis, .database, .kubernetes, .controlPlane: []
    }
  }
}

extension Duration {
  /// The whole seconds in it, towards zero.
  private var wholeSeconds: Int64 { components.seconds }

  /// Times near this one that are easier to read: whole tens of seconds, whole seconds, whole tenths.
  var rounder: [Duration] {
    let tenths = components.seconds * 10 + components.attoseconds / 100_000_000_000_000_000
    let candidates: [Duration] = [
      .seconds(wholeSeconds / 10 * 10), .seconds((wholeSeconds + 9) / 10 * 10), .seconds(wholeSeconds),
      .seconds(wholeSeconds + 1), .milliseconds(tenths * 100),
    ]
    var kept: [Duration] = []
    // A time that is round already is not moved to a less round one.
    for candidate in candidates {
      if candidate == self { break }
      if !kept.contains(candidate) { kept.append(candidate) }
    }
    return kept
  }

  /// Shorter spans in whole seconds, the shortest first. Below two seconds nothing is gained.
  var shorter: [Duration] {
    guard self > .seconds(1) else { return [] }
    let whole = wholeSeconds
    let rounded: [Duration] = self == .seconds(whole) ? [] : [.seconds(whole)]
    return Descent.candidates(from: Int(whole), to: 1).map { .seconds($0) } + rounded
  }
}
