/// What passed through a system in a span of time: rate, mean number inside, and mean stay, each measured for itself.
///
/// Little's law says that the number inside is the rate times the stay where everything that came has also left. The
/// three are taken from different sums here, so the law is a check of the measurement.
public struct Flow: Sendable, Equatable {
  /// How many came within the span.
  public let arrivals: Int
  public let span: Duration
  /// Mean time inside.
  public let meanStay: Duration
  /// Mean number inside over the span, in thousandths.
  public let meanInsidePerMille: Int
  public let mostInside: Int

  /// `stays`: begin and end of each, which must lie within the span to be counted whole. Nil: the span is empty.
  public init?(_ stays: [(begin: Duration, end: Duration)], from start: Duration, to end: Duration) {
    guard end > start else { return nil }
    var changes: [(time: Duration, by: Int)] = []
    var sum: Duration = .zero
    for stay in stays {
      sum += stay.end - stay.begin
      changes.append((max(start, stay.begin), 1))
      changes.append((min(end, stay.end), -1))
    }
    // At the same instant one leaves before the next comes.
    changes.sort { ($0.time, $0.by) < ($1.time, $1.by) }
    var inside = 0
    var most = 0
    var last = start
    var area: Int64 = 0
    for change in changes {
      area += (change.time - last).inNanoseconds / 1_000 * Int64(inside)
      last = change.time
      inside += change.by
      most = max(most, inside)
    }
    arrivals = stays.count
    span = end - start
    meanStay = stays.isEmpty ? .zero : .nanoseconds(sum.inNanoseconds / Int64(stays.count))
    meanInsidePerMille = Int(scaled(area, by: 1_000, over: (end - start).inNanoseconds / 1_000))
    mostInside = most
  }

  /// Arrivals within a second, in thousandths.
  public var perSecondPerMille: Int {
    Int(scaled(Int64(arrivals), by: 1_000_000_000_000, over: span.inNanoseconds))
  }

  /// Arrivals within a minute.
  public var perMinute: Int { Int(scaled(Int64(arrivals), by: 60_000_000_000, over: span.inNanoseconds)) }

  /// Number inside by Little's law, rate times stay, in thousandths.
  public var insideByLittlePerMille: Int {
    Int(scaled(meanStay.inNanoseconds, by: Int64(arrivals) * 1_000, over: span.inNanoseconds))
  }

  /// How busy `servers` of equal speed are while each stay keeps one for `service`, in thousandths: over 1 000 the
  /// queue grows without bound.
  public func utilisationPerMille(servers: Int, service: Duration) -> Int {
    guard servers > 0 else { return 0 }
    return Int(scaled(service.inNanoseconds, by: Int64(arrivals) * 1_000, over: span.inNanoseconds)) / servers
  }
}
