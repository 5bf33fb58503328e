import TestEnvironment

/// The election of one agent id as observed: lock, leaders, links (C28, C29).
struct ElectionView {
  /// A process that leads: it may act.
  struct Leader: Equatable {
    let instance: String
    let term: Int64
    let event: TimedObservation
  }

  /// The lock's record.
  struct Lock: Equatable {
    /// Nil: released, or there is no record.
    let holder: String?
    let term: Int64
    let event: TimedObservation
  }

  /// Nil: the lock was never seen.
  var lock: Lock?
  /// Those that lead now, the newest last. More than one is what I-LEADER-ONE forbids, unless the older is paused.
  var leaders: [Leader] = []
  /// The last leadership of a process that ended, and when.
  var former: [String: (leader: Leader, ended: Duration)] = [:]
  /// Whether the process itself sees a connection to the control plane; absent: nothing was told.
  var links: [String: Bool] = [:]

  func leads(_ instance: String) -> Bool { leaders.contains { $0.instance == instance } }

  mutating func follow(_ event: TimedObservation) {
    switch event.observation {
    case .lockChanged(_, let holder, let term):
      let holder = holder.flatMap { $0.isEmpty ? nil : $0 }
      // A renewal changes nothing.
      guard lock == nil || lock?.holder != holder || lock?.term != term else { return }
      lock = Lock(holder: holder, term: term, event: event)
    case .leadership(_, let instance, let term, let isLeading, _):
      end(instance, at: event.time)
      if isLeading { leaders.append(Leader(instance: instance, term: term, event: event)) }
    case .agentLink(_, let instance, let isConnected): links[instance] = isConnected
    default: break
    }
  }

  /// The leadership of the process is over, by its own account or because it ended.
  mutating func end(_ instance: String, at time: Duration) {
    guard let place = leaders.firstIndex(where: { $0.instance == instance }) else { return }
    former[instance] = (leaders.remove(at: place), time)
  }
}
