/// Verbs with weights: what the requests of a load are.
public struct Mix<Verb: Sendable & Hashable>: Sendable {
  /// The verbs in the order given, with the ends of their shares.
  private let ends: [(verb: Verb, end: Int)]

  /// Shares are relative to their sum; those that are not positive never occur.
  public init(_ shares: KeyValuePairs<Verb, Int>) {
    var ends: [(verb: Verb, end: Int)] = []
    var sum = 0
    for (verb, share) in shares where share > 0 {
      sum += share
      ends.append((verb, sum))
    }
    self.ends = ends
  }

  /// One verb only.
  public init(only verb: Verb) { ends = [(verb, 1)] }

  /// The verbs that can occur.
  public var verbs: [Verb] { ends.map(\.verb) }

  /// One draw; nil: the mix is empty. `choose`: a number in `0 ..< count` from the seed.
  public func draw(_ choose: (_ count: Int) -> Int) -> Verb? {
    guard let sum = ends.last?.end else { return nil }
    guard ends.count > 1 else { return ends[0].verb }
    let point = choose(sum)
    return ends.first { point < $0.end }?.verb
  }
}
