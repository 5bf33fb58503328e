import TestEnvironment

/// Turns observations into features: each transition of a session, command, agent connection, leader or route; each with
/// the kinds of faults that held; and each pair of consecutive transitions of one thing.
struct CoverageRecorder {
  private var features: Set<UInt64> = []
  /// The last transition of each thing.
  private var last: [String: UInt64] = [:]
  /// What each command does, for its transitions.
  private var actions: [String: String] = [:]

  /// Ascending, no repeats.
  var sorted: [UInt64] { features.sorted() }

  mutating func follow(_ observation: Observation, _ faults: ActiveFaults) {
    switch observation {
    case .sessionInserted(let session, _, _, let state, _, _): transition("session", session, "to \(state)", faults)
    case .sessionState(let session, let from, let to, _):
      transition("session", session, "\(from) to \(to)", faults)
    case .commandInserted(let command, _, _, let action):
      actions[command] = action
      transition("command", command, action, faults)
    case .commandStatus(let command, let from, let to, _):
      transition("command", command, "\(actions[command] ?? "") \(from) to \(to)", faults)
    case .commandSent(let command, _, _, _, let attempt):
      transition("command", command, attempt > 1 ? "sent again" : "sent", faults)
    case .agentConnected(let agent, let replica, _, _, _):
      transition("agent", agent, "connected", faults)
      transition("holder", agent, "replica \(replica)", faults)
    case .agentDisconnected(let agent, _, _, let reason): transition("agent", agent, "lost: \(reason)", faults)
    case .agentRow(let agent, let status, _): change("row", agent, status, faults)
    case .leadership(let agent, _, _, let isLeading, let reason):
      transition("leader", agent, isLeading ? "leads" : "ends: \(reason)", faults)
    case .lockChanged(let agent, let holder, _): transition("lock", agent, holder == nil ? "free" : "held", faults)
    case .route(let agent, let key, let value):
      transition("route \(key.rawValue)", agent, value == nil ? "absent" : "there", faults)
    case .viewerAnswered(_, let session, let status, _):
      transition("viewer", session, "answered \(status ?? 0)", faults)
    case .viewerEnded(_, let session, let code, let byItself):
      transition("viewer", session, "ended \(code ?? 0) \(byItself)", faults)
    case .requestAnswered(let request):
      let path = request.path.split(separator: "/").last.map(String.init) ?? ""
      let verb = request.session.map(path.contains) ?? false ? "" : path
      feature("request \(request.method) \(verb) \(request.status ?? 0)", faults)
    case .workStep(_, _, _, let session, let step): transition("work", session, step.rawValue, faults)
    case .platformWriteRefused(let agent, _, _, _): transition("fence", agent, "refused", faults)
    default: break
    }
  }

  /// Only if it differs from the last one of that thing.
  private mutating func change(_ kind: String, _ thing: String, _ what: String, _ faults: ActiveFaults) {
    if last["\(kind) \(thing)"] != StableHash.of("\(kind) \(what)") { transition(kind, thing, what, faults) }
  }

  private mutating func transition(_ kind: String, _ thing: String, _ what: String, _ faults: ActiveFaults) {
    let feature = feature("\(kind) \(what)", faults)
    let key = "\(kind) \(thing)"
    if let before = last[key] {
      var pair = StableHash()
      pair.mix(before)
      pair.mix(feature)
      features.insert(pair.value)
    }
    last[key] = feature
  }

  @discardableResult
  private mutating func feature(_ text: String, _ faults: ActiveFaults) -> UInt64 {
    let feature = StableHash.of(text)
    features.insert(feature)
    if !faults.isEmpty {
      var combined = StableHash()
      combined.mix(feature)
      combined.mix(faults.digest)
      features.insert(combined.value)
    }
    return feature
  }
}
