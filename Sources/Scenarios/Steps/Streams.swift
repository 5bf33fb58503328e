import TestEnvironment

/// How a stream of video came.
struct FrameRate {
  /// Frames in the worst window of 5 s.
  let worst: Int
  let longestGap: Duration

  static let window = Duration.seconds(5)
  /// 15 frames a second (spec/06 §0.2).
  static let least = 75

  /// Windows begin each second from `start` on and end by `end`.
  init(_ frames: [Duration], from start: Duration, to end: Duration) {
    var worst = Int.max
    var begin = start
    while begin + Self.window <= end {
      worst = min(worst, frames.count { $0 >= begin && $0 < begin + Self.window })
      begin += .seconds(1)
    }
    self.worst = worst == .max ? 0 : worst
    let within = [start] + frames.filter { $0 >= start && $0 < end } + [end]
    longestGap = zip(within.dropFirst(), within).map { $0 - $1 }.max() ?? .zero
  }
}

extension [Duration] {
  /// The nearest rank: at least `permille` thousandths of the values are not greater. Zero of none.
  func quantile(permille: Int) -> Duration {
    guard !isEmpty else { return .zero }
    let rank = (count * permille + 999) / 1_000
    return sorted()[Swift.min(Swift.max(rank, 1), count) - 1]
  }
}

extension StreamSplit {
  /// As the report names it.
  var title: String {
    switch self {
    case .fixed(let size): "\(size) bytes each"
    case .uniform(let most): "1 to \(most) bytes, drawn"
    case .modulo3(let remainder): "sizes \(remainder) mod 3"
    case .singles(let first, let then): "\(first) times one byte, then \(then) each"
    }
  }
}

extension Environment {
  /// Judges video that came from `start` on: at least 15 frames in each second of every window of 5 s.
  func expectVideo(_ name: String, _ viewer: any Viewer, from start: Duration, to end: Duration) {
    let rate = FrameRate(viewer.facts.videoFrames, from: start, to: end)
    expect("\(name): frames in the worst 5 s", .atLeast(.count(FrameRate.least)), rate.worst)
    record.add(.stalls(platform, name, worst: rate.worst, longestGap: rate.longestGap))
  }

  /// Judges the 95th percentile of values, of which there must be some.
  func expectP95(_ name: String, below limit: Duration, _ values: [Duration]) {
    expect("\(name): values", .atLeast(.count(1)), values.count)
    guard !values.isEmpty else { return }
    record.add(
      Expectation(
        name: "\(name), p95", target: .atMost(.duration(limit)),
        measured: .duration(values.quantile(permille: 950)), time: now))
  }

  /// Sends `count` bytes through a session's raw desktop, which echoes them, and judges that every byte comes back.
  func expectEcho(
    _ session: OwnedSession, count: Int, _ split: StreamSplit, title: String, at replica: String? = nil
  ) async throws {
    let viewer = try await asked(session, at: replica, .raw)
    expect("answer to the viewer, \(title)", .equal(.count(101)), viewer.status ?? 0)
    let begun = now
    try await viewer.send(count: count, seed: seed, split: split)
    let isWhole = try await viewer.waitForBytes(count, within: .seconds(120))
    let took = now - begun
    let facts = viewer.facts
    expect("bytes that came back, \(title)", .equal(.count(count)), facts.bytesReceived)
    let isEqual = isWhole && facts.sentDigest != nil && facts.sentDigest == facts.receivedDigest
    expect("digests, \(title)", equals: "equal", isEqual ? "equal" : "differ")
    record.add(
      .integrity(
        platform, split: title, toDesktop: facts.bytesSent, toViewer: facts.bytesReceived, equal: isEqual))
    record.add(.throughput(platform, "echo, \(title)", bytes: count, in: took))
    if facts.isOpen { try await viewer.close(abruptly: false) }
  }
}
