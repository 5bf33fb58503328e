/// When the next request of a load arrives.
public enum ArrivalProcess: Sendable, Equatable {
  /// Open: independent arrivals at a mean rate, so many in the given time, whether or not earlier ones were answered.
  case poisson(count: Int, per: Duration)
  /// Open, evenly spaced.
  case constant(count: Int, per: Duration)
  /// Closed: so many users, each asking again a think time after its answer.
  case closed(users: Int, think: ThinkTime)
}

extension ArrivalProcess {
  /// Closed with the same think time always.
  public static func closed(users: Int, think: Duration) -> ArrivalProcess {
    .closed(users: users, think: .constant(think))
  }

  /// Whether requests arrive without waiting for earlier answers.
  public var isOpen: Bool {
    if case .closed = self { false } else { true }
  }

  /// Times of the arrivals of an open process within `span`, since its begin, in order; empty for a closed one or a
  /// rate that is not positive. The first of evenly spaced ones is at zero.
  ///
  /// - Parameter choose: A number in `0 ..< count` from the seed.
  public func arrivals(within span: Duration, choose: (_ count: Int) -> Int) -> [Duration] {
    switch self {
    case .closed: return []
    case .constant(let count, let per):
      guard count > 0, per > .zero else { return [] }
      let length = per.inNanoseconds
      var times: [Duration] = []
      while true {
        let time = Duration.nanoseconds(scaled(length, by: Int64(times.count), over: Int64(count)))
        guard time < span else { return times }
        times.append(time)
      }
    case .poisson(let count, let per):
      guard count > 0, per > .zero else { return [] }
      let mean = ThinkTime.exponential(mean: .nanoseconds(per.inNanoseconds / Int64(count)))
      var times: [Duration] = []
      var time = mean.draw(choose)
      while time < span {
        times.append(time)
        time += mean.draw(choose)
      }
      return times
    }
  }
}
