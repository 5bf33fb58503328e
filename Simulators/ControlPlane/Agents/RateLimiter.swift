import SimulationRuntime

/// A sliding window over requests: so many per span and key, in the memory of one replica (spec/02 §2.10).
struct RateLimiter {
  /// Length of the window (spec/02 §2.10).
  static let window = TimeSpan.seconds(60)

  let limit: Int
  private var hits: [String: [Instant]] = [:]

  init(limit: Int) { self.limit = limit }

  /// Counts a request; false if it exceeds the limit, then it is not counted.
  mutating func admit(_ key: String, at now: Instant) -> Bool {
    var recent = hits[key] ?? []
    if let first = recent.first, now - first >= Self.window {
      recent.removeAll { now - $0 >= Self.window }
    }
    guard recent.count < limit else {
      hits[key] = recent
      return false
    }
    recent.append(now)
    hits[key] = recent
    return true
  }
}
