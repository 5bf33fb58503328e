/// When the next request of a load arrives.
public enum ArrivalProcess: Sendable, Equatable {
  /// Open: independent arrivals at a mean rate, so many in the given time, whether or not earlier ones were answered.
  case poisson(count: Int, per: Duration)
  /// Open, evenly spaced.
  case constant(count: Int, per: Duration)
  /// Closed: so many users, each asking again a think time after its answer.
  case closed(users: Int, think: Duration)
}
