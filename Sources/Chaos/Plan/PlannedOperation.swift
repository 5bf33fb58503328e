/// One thing a user does in a plan.
public struct PlannedOperation: Sendable, Hashable {
  /// Since the load began.
  public var at: Duration
  /// By index from 0.
  public var user: Int
  public var verb: Verb
  /// The replica asked, by index from 0; nil: through the balancer.
  public var replica: Int?

  /// Sessions are named by their place among those of the user that have not been asked to end, counted from 0 and
  /// taken modulo their number, so that the operation means something whatever else is left of the plan.
  public enum Verb: Sendable, Hashable {
    case create
    case stop(Int)
    case hibernate(Int)
    case wake(Int)
    case get(Int)
    case list
    /// A probe viewer attaches, looks and leaves.
    case view(Int)
  }

  public init(at: Duration, user: Int, _ verb: Verb, replica: Int? = nil) {
    self.at = at
    self.user = user
    self.verb = verb
    self.replica = replica
  }
}
