/// One request of a load as it ended.
public struct LoadedRequest<Verb: Sendable & Hashable>: Sendable {
  public var verb: Verb
  public var user: String
  /// When it was due, since the start of the run. Latency counts from here, so that a late client hides nothing.
  public var arrival: Duration
  /// When the answer came, or the client gave up.
  public var end: Duration
  /// Nil: no answer.
  public var status: Int?

  public init(verb: Verb, user: String, arrival: Duration, end: Duration, status: Int?) {
    self.verb = verb
    self.user = user
    self.arrival = arrival
    self.end = end
    self.status = status
  }

  public var latency: Duration { end - arrival }
  /// 2xx.
  public var isAccepted: Bool { status.map { (200..<300).contains($0) } ?? false }
  /// 5xx or no answer at all.
  public var isServerFailure: Bool { status.map { $0 >= 500 } ?? true }
}

/// What became of a load.
public struct LoadResult<Verb: Sendable & Hashable>: Sendable {
  /// In the order of their arrival.
  public var requests: [LoadedRequest<Verb>]
  /// When the load began, since the start of the run.
  public var start: Duration
  /// When the last answer was there, at the earliest the end of the arrivals.
  public var end: Duration

  public init(requests: [LoadedRequest<Verb>], start: Duration, end: Duration) {
    self.requests = requests
    self.start = start
    self.end = end
  }

  /// Requests of one verb, or all.
  public func requests(_ verb: Verb?) -> [LoadedRequest<Verb>] {
    guard let verb else { return requests }
    return requests.filter { $0.verb == verb }
  }

  /// Latencies of the accepted requests of a verb, or of all: a quick refusal would make the table look better.
  public func latencies(of verb: Verb? = nil) -> LatencyHistogram {
    LatencyHistogram(requests(verb).lazy.filter(\.isAccepted).map(\.latency))
  }

  /// How many were answered with each status, in the order of the status; no answer comes first, as nil.
  public func statuses(of verb: Verb? = nil) -> [(status: Int?, count: Int)] {
    var counts: [Int: Int] = [:]
    for request in requests(verb) { counts[request.status ?? -1, default: 0] += 1 }
    return counts.sorted { $0.key < $1.key }.map { ($0.key < 0 ? nil : $0.key, $0.value) }
  }

  /// 5xx and unanswered among so many of 1 000.
  public var serverFailuresPerMille: Int {
    requests.isEmpty ? 0 : requests.count { $0.isServerFailure } * 1_000 / requests.count
  }

  /// What the counts of the whole load say of its queue; nil: it took no time.
  public var flow: Flow? { Flow(requests.map { ($0.arrival, $0.end) }, from: start, to: end) }
}
