import SimulationRuntime
import StreamSpaceProtocol

/// Which commands an agent has seen and what it answered: at least once on the wire, at most once on the platform
/// (C10). Pure.
struct CommandMemory {
  /// Ids kept at most.
  static let capacity = 10_000
  /// How long an answer is kept after it was given.
  static let lifetime = TimeSpan.seconds(3_600)

  /// What is known of a command.
  enum Entry {
    /// Work on it goes on, or waits.
    case open
    /// It was answered so.
    case answered(AgentMessage, at: Instant)
  }

  private let capacity: Int
  private var entries: [String: Entry] = [:]
  /// Answered ids, oldest answer first; what was dropped stays before `first`.
  private var answered: [String] = []
  private var first = 0

  init(capacity: Int = CommandMemory.capacity) { self.capacity = capacity }

  var count: Int { entries.count }

  /// What is known of `commandID` now.
  mutating func entry(_ commandID: String, at time: Instant) -> Entry? {
    prune(at: time)
    return entries[commandID]
  }

  /// Work begins or is queued.
  mutating func open(_ commandID: String) { entries[commandID] = .open }

  /// The first result; it stays for repeats.
  mutating func answer(_ commandID: String, with message: AgentMessage, at time: Instant) {
    entries[commandID] = .answered(message, at: time)
    answered.append(commandID)
    prune(at: time)
  }

  /// Work was stopped without a result: a repeat begins it again.
  mutating func forget(_ commandID: String) { entries[commandID] = nil }

  private mutating func prune(at time: Instant) {
    while first < answered.count {
      let oldest = answered[first]
      guard case .answered(_, let at)? = entries[oldest] else {
        first += 1
        continue
      }
      guard answered.count - first > capacity || time - at > Self.lifetime else { break }
      entries[oldest] = nil
      first += 1
    }
    guard first > 64, first * 2 > answered.count else { return }
    answered.removeFirst(first)
    first = 0
  }
}
