/// Which commands an agent has seen and what it answered: at least once on the wire, at most once on the platform
/// (C10). Pure; times are nanoseconds of one clock that does not go back.
package struct CommandMemory {
  /// Ids kept at most.
  package static let capacity = 10_000
  /// How long an answer is kept after it was given: 1 h, in nanoseconds.
  package static let lifetime: Int64 = 3_600_000_000_000

  /// What is known of a command.
  package enum Entry {
    /// Work on it goes on, or waits.
    case open
    /// It was answered so, at that time.
    case answered(AgentMessage, at: Int64)
  }

  private let capacity: Int
  private var entries: [String: Entry] = [:]
  /// Answered ids, oldest answer first; what was dropped stays before `first`.
  private var answered: [String] = []
  private var first = 0

  package init(capacity: Int = CommandMemory.capacity) { self.capacity = capacity }

  package var count: Int { entries.count }

  /// What is known of `commandID` now.
  package mutating func entry(_ commandID: String, at time: Int64) -> Entry? {
    prune(at: time)
    return entries[commandID]
  }

  /// Work begins or is queued.
  package mutating func open(_ commandID: String) { entries[commandID] = .open }

  /// The first result; it stays for repeats.
  package mutating func answer(_ commandID: String, with message: AgentMessage, at time: Int64) {
    entries[commandID] = .answered(message, at: time)
    answered.append(commandID)
    prune(at: time)
  }

  /// Work was stopped without a result: a repeat begins it again.
  package mutating func forget(_ commandID: String) { entries[commandID] = nil }

  private mutating func prune(at time: Int64) {
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
