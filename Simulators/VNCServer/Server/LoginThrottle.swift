import SimulationRuntime

/// Turns hosts away that try too often without success, as TigerVNC does (spec/04 §1.2).
///
/// Each connection marks its host and a success wipes the marks. A host with five marks is turned away but for one attempt
/// whenever its block has run out; that attempt begins a new block, 10 s at first, then twice as long each time.
struct LoginThrottle {
  private struct Entry {
    var marks = 0
    var blockedUntil = Instant.start
    var block = LoginThrottle.firstBlock
  }

  static let limit = 5
  static let firstBlock = TimeSpan.seconds(10)
  /// A block grows no longer than this.
  static let longestBlock = TimeSpan.seconds(86_400)

  private var entries: [String: Entry] = [:]

  /// Marks a host that connects; whether it may go on.
  mutating func admits(_ host: String, at now: Instant) -> Bool {
    var entry = entries[host] ?? Entry()
    defer { entries[host] = entry }
    guard entry.marks >= Self.limit else {
      entry.marks += 1
      return true
    }
    guard now >= entry.blockedUntil else { return false }
    entry.blockedUntil = now + entry.block
    entry.block = min(entry.block * 2, Self.longestBlock)
    return true
  }

  mutating func succeeded(_ host: String) { entries[host] = nil }
}
