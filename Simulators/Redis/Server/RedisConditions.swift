import SimulationRuntime
import StreamSpaceProtocol

/// What outlives one life of the server: the data a restart may find, the faults in force, the observer.
final class RedisConditions {
  /// A fault in force.
  struct Active {
    let fault: RedisFault
    let record: FaultRecord
    /// Messages sent since it began.
    var messages = 0
  }

  let behaviour: RedisBehaviour
  var observer: ((RedisEvent) -> Void)?
  var active: [Active] = []
  /// The engine of the present or the last life.
  var engine: RedisEngine?
  /// What the next start finds, when a fault has decided it; else the persistence decides.
  var nextStartKeepsData: Bool?

  init(behaviour: RedisBehaviour) { self.behaviour = behaviour }

  var stoppedBy: Active? { active.last { $0.fault.stopsProcess } }
  var slowdowns: [(model: LatencyModel, record: FaultRecord)] {
    active.compactMap { active in
      if case .slow(let model) = active.fault { (model, active.record) } else { nil }
    }
  }

  func first(_ fault: RedisFault) -> FaultRecord? { active.first { $0.fault == fault }?.record }

  /// Counts a message on its way to a subscriber; the fault that swallows it, if any.
  func faultOnMessage() -> FaultRecord? {
    var swallowing: FaultRecord?
    for index in active.indices {
      active[index].messages += 1
      switch active[index].fault {
      case .losePubSub: swallowing = active[index].record
      case .loseMessage(number: active[index].messages): swallowing = active[index].record
      default: break
      }
    }
    return swallowing
  }

  /// Makes the engine of a new life and hands over what the last one left.
  func startEngine(now: Int64) -> RedisEngine {
    let keepsData = nextStartKeepsData ?? (behaviour.persistence == .everyWrite)
    nextStartKeepsData = nil
    let last = engine
    let engine = RedisEngine(configuration: behaviour.configuration, now: now)
    self.engine = engine
    observer?(.started(withData: keepsData))
    if let last {
      if keepsData { engine.load(from: last) } else { reportLoss(of: last) }
    }
    engine.observer = observer
    engine.isReadOnly = first(.readOnly) != nil
    engine.isLoading = first(.loading) != nil
    engine.collectExpired(now: now)
    return engine
  }

  /// Tells the observer of every key that a restart has lost.
  private func reportLoss(of engine: RedisEngine) {
    guard let observer else { return }
    for (database, key, entry) in engine.allEntries {
      observer(.keyChanged(KeyChange(database: database, key: key, old: entry, new: nil, cause: .lost)))
    }
  }
}
