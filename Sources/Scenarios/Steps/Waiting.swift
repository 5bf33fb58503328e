import TestEnvironment

/// A case could not go on. The message names what was awaited.
public struct CaseFailure: Error, Sendable, CustomStringConvertible {
  public let description: String

  public init(_ description: String) { self.description = description }
}

extension Environment {
  /// Sleeps until `time` since the start of the run; returns at once if it has passed.
  func sleep(until time: Duration) async throws {
    let rest = time - now
    if rest > .zero { try await sleep(for: rest) }
  }

  /// Waits until `condition` holds and returns how long that took; nil if it does not within `limit`.
  func wait(
    upTo limit: Duration, every step: Duration = .milliseconds(100),
    for condition: () async throws -> Bool
  ) async throws -> Duration? {
    let start = now
    while true {
      if try await condition() { return now - start }
      if now - start >= limit { return nil }
      try await sleep(for: min(step, limit - (now - start)))
    }
  }

  /// Waits for a premise of the case; throws if it does not come true: then nothing was tested.
  func require(
    _ premise: String, within limit: Duration, every step: Duration = .milliseconds(100),
    _ condition: () async throws -> Bool
  ) async throws {
    guard try await wait(upTo: limit, every: step, for: condition) != nil else {
      throw CaseFailure("premise not met within \(limit.secondsText): \(premise)")
    }
  }

  /// Throws unless the premise holds now.
  func require(_ premise: String, _ holds: Bool) throws {
    if !holds { throw CaseFailure("premise not met: \(premise)") }
  }

  /// Waits for something that has a target, and records the time it took.
  ///
  /// `from`: when the clock of the target starts; default: now. `giveUp`: how long to go on looking beyond
  /// the target, so that a late success is told from none.
  @discardableResult
  func expect(
    _ name: String, within target: Duration, from start: Duration? = nil, every step: Duration = .milliseconds(100),
    giveUp: Duration = .seconds(60), _ condition: () async throws -> Bool
  ) async throws -> Bool {
    let begin = start ?? now
    let limit = max(.zero, begin + target + giveUp - now)
    let found = try await wait(upTo: limit, every: step, for: condition) != nil
    let took = now - begin
    record.add(
      Expectation(
        name: found ? name : "\(name) (did not happen)", target: .atMost(.duration(target)),
        measured: .duration(found ? took : max(took, target + .nanoseconds(1))), time: now))
    record.sample(name, took)
    return found
  }

  /// Records a count with its target.
  func expect(_ name: String, _ target: Target, _ measured: Int) {
    record.add(Expectation(name: name, target: target, measured: .count(measured), time: now))
  }

  /// Records a duration with its target.
  func expect(_ name: String, _ target: Target, _ measured: Duration) {
    record.add(Expectation(name: name, target: target, measured: .duration(measured), time: now))
    record.sample(name, measured)
  }

  /// Records a text that must equal another.
  func expect(_ name: String, equals wanted: String, _ measured: String) {
    record.add(Expectation(name: name, target: .equal(.text(wanted)), measured: .text(measured), time: now))
  }

  /// Marks a fault on the time-line, with its lane.
  func markFault(_ text: String, lane: String, from start: Duration, to end: Duration? = nil) {
    record.add(TimelineMark(lane: lane, kind: .fault, text: text, start: start, end: end))
  }

  /// Marks the span of a recovery on the time-line.
  func markRecovery(_ text: String, lane: String, from start: Duration) {
    record.add(TimelineMark(lane: lane, kind: .recovery, text: text, start: start, end: now))
  }
}
