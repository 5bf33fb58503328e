/// Time that counts: it runs only while a condition holds.
struct Meter {
  private var total: Duration = .zero
  private var runningSince: Duration?

  mutating func run(_ running: Bool, at time: Duration) {
    if running {
      if runningSince == nil { runningSince = time }
    } else if let since = runningSince {
      total += time - since
      runningSince = nil
    }
  }

  func reading(at time: Duration) -> Duration { total + (runningSince.map { time - $0 } ?? .zero) }
}
