/// A plan in words: what is deployed, then a line for each operation and fault, in the order of time.
public enum ScenarioText {
  public static func of(_ plan: ChaosPlan) -> String { lines(of: plan).joined(separator: "\n") + "\n" }

  /// The scenario of a failing run, with what is expected.
  public static func of(_ replay: ChaosReplay) -> String {
    var lines = ["\(replay.reason)", ""] + lines(of: replay.trial.plan)
    lines += schedule(replay.trial.strategy, replay.trial.decisions)
    if let violation = replay.violation {
      lines.append("At \(SpanText.text(of: violation.time)) \(replay.signature) is violated under \(replay.profile).")
    } else {
      lines.append("The run breaks under \(replay.profile).")
    }
    if let green = replay.greenUnder { lines.append("Under \(green) it is green.") }
    return lines.joined(separator: "\n") + "\n"
  }

  /// How simultaneous events are ordered and what the drawn values are, a line each.
  public static func schedule(_ strategy: String, _ decisions: RecordedDecisions?) -> [String] {
    var lines = ["Simultaneous events: \(strategy == "fifo" ? "first come, first served" : strategy)."]
    for stream in decisions?.streams ?? [] {
      let kept = stream.answers.count { $0 != stream.rest }
      switch (stream.name, kept) {
      case ("schedule", _): lines.append("Kept of the order of events: \(kept) choices.")
      case (_, 0): lines.append("Drawn from '\(stream.name)': the middle of the range each time.")
      default: lines.append("Drawn from '\(stream.name)': the middle of the range each time but for \(kept).")
      }
    }
    return lines
  }

  private static func lines(of plan: ChaosPlan) -> [String] {
    let phases = plan.phases
    var lines = [
      "Deployed: \(plan.deployment.name), \(plan.deployment.users) users, \(plan.deployment.probes) probe viewers; "
        + "seed \(plan.seed).",
      "The load begins after \(SpanText.text(of: phases.settle)), lasts \(SpanText.text(of: phases.load)), and "
        + "\(SpanText.text(of: phases.heal)) more after everything is healed.",
    ]
    let faults = plan.faults.map { fault in
      (
        fault.at,
        fault.lasts == .zero ? fault.what.sentence : "\(fault.what.sentence), for \(SpanText.text(of: fault.lasts))"
      )
    }
    let operations = plan.operations.map { ($0.at, $0.deed) }
    let all = (operations + faults).enumerated().sorted { ($0.element.0, $0.offset) < ($1.element.0, $1.offset) }
    lines += all.map { "  at \(SpanText.text(of: $0.element.0)): \($0.element.1)" }
    if all.isEmpty { lines.append("  nothing is done and nothing breaks") }
    return lines
  }
}

extension PlannedOperation {
  /// `user 1 stops session 0`.
  var deed: String {
    let place = replica.map { " (asked of replica \($0))" } ?? ""
    let deed =
      switch verb {
      case .create: "creates a session"
      case .stop(let session): "stops session \(session)"
      case .hibernate(let session): "hibernates session \(session)"
      case .wake(let session): "wakes session \(session)"
      case .get(let session): "looks at session \(session)"
      case .list: "lists the sessions"
      case .view(let session): "views session \(session)"
      }
    return "user \(user) \(deed)\(place)"
  }

  /// With its time.
  var sentence: String { "\(deed) at \(SpanText.text(of: at))" }
}
