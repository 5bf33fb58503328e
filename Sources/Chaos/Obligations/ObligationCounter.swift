import TestEnvironment

/// Counts how often each "sometimes" came about.
struct ObligationCounter {
  private var counts = Array(repeating: 0, count: Obligation.allCases.count)
  private var leaders: [String: String] = [:]
  private var holders: [String: String] = [:]
  /// Routes that were there once and are gone.
  private var lostRoutes: Set<String> = []
  private var actions: [String: String] = [:]
  private var inserted: [String: Duration] = [:]
  /// Open starts and stops.
  private var open: [String: String] = [:]
  private var met: Set<String> = []
  private var toldSessions: Set<String> = []

  private static let longWait = Duration.seconds(5)
  private static let places = Dictionary(
    uniqueKeysWithValues: Obligation.allCases.enumerated().map { ($0.element, $0.offset) })

  /// Every obligation by its name, those that never came about with zero.
  var named: [String: Int] {
    Dictionary(uniqueKeysWithValues: Obligation.allCases.map { ($0.rawValue, counts[Self.places[$0] ?? 0]) })
  }

  private mutating func count(_ obligation: Obligation) { counts[Self.places[obligation] ?? 0] += 1 }

  mutating func follow(_ timed: TimedObservation, _ faults: ActiveFaults) {
    switch timed.observation {
    case .processEnded(_, _, let injected) where injected:
      count(.processKilled)
      meet()
    case .faultBegan: meet()
    case .leadership(let agent, let instance, _, true, _):
      if let before = leaders.updateValue(instance, forKey: agent), before != instance { count(.failOver) }
    case .platformWriteRefused: count(.fenced)
    case .agentConnected(let agent, let replica, _, _, _):
      if let before = holders.updateValue(replica, forKey: agent), before != replica { count(.agentMoved) }
    case .agentRetry: count(.agentRetried)
    case .route(let agent, .pod, let value):
      if value == nil { lostRoutes.insert(agent) } else if lostRoutes.remove(agent) != nil { count(.routeRebuilt) }
    case .redisAvailable(false): count(.redisAway)
    case .databaseAvailable(false): count(.databaseAway)
    case .commandInserted, .commandSent, .commandStatus: followCommand(timed, faults)
    case .sessionState(_, _, let to, _):
      if to == "hibernated" { count(.hibernated) }
      if to == "waking" { count(.woken) }
    case .requestAnswered(let request):
      if let status = request.status {
        if status >= 500, request.error != nil { count(.cleanRefusal) }
      } else {
        count(.unanswered)
      }
    case .viewerEnded(_, let session, _, false):
      count(.viewerTold)
      toldSessions.insert(session)
    case .viewerPicture(_, let session): if toldSessions.remove(session) != nil { count(.viewerReopened) }
    default: break
    }
  }

  private mutating func followCommand(_ timed: TimedObservation, _ faults: ActiveFaults) {
    switch timed.observation {
    case .commandInserted(let command, _, _, let action):
      inserted[command] = timed.time
      if action == "start_session" || action == "stop_session" {
        open[command] = action
        if !faults.isEmpty { meet(command) }
      }
    case .commandSent(let command, _, _, _, let attempt):
      if attempt > 1 { count(.redriven) }
      if attempt == 1, let since = inserted[command], timed.time - since > Self.longWait { count(.forwarded) }
    case .commandStatus(let command, _, let to, _):
      if to == "failed" { count(.commandFailed) }
      if to == "failed" || to == "completed" { open[command] = nil }
    default: break
    }
  }

  /// A fault begins: every start and stop under way has met it.
  private mutating func meet() { for command in open.keys.sorted() { meet(command) } }

  private mutating func meet(_ command: String) {
    guard let action = open[command], met.insert(command).inserted else { return }
    count(action == "start_session" ? .startMetFault : .stopMetFault)
  }
}
