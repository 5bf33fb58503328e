/// Names one stream of decisions. Streams are split from the seed by name, so that a new draw in one
/// component does not shift another (DESIGN §3).
public struct DecisionStream: Hashable, Sendable {
  let index: Int
}

/// The one source of everything that is not determined: who runs next, latencies, faults, jitter, ids.
///
/// Every answer can be recorded; a recorded log can be replayed, edited and shrunk. Where a log has no
/// answer left, or one out of range, the seed answers. From a reseed on, another seed answers in place of both.
public final class Decisions {
  /// The seed all streams were split from at the start.
  public let seed: UInt64
  /// How simultaneous events are ordered.
  public let strategy: Strategy
  /// Whether answers are kept for ``log``.
  public let isRecording: Bool

  private struct Entry {
    let name: String
    var random: RandomStream
    var recorded: [UInt64] = []
    var scripted: [UInt64] = []
    /// The log's answer once `scripted` is used up.
    var rest: UInt64?
    var position = 0

    mutating func follow(_ script: DecisionLog.Stream?) {
      scripted = script?.answers ?? []
      rest = script?.rest
    }
  }

  private var entries: [Entry] = []
  private var indices: [String: Int] = [:]
  private var scripts: [String: DecisionLog.Stream]
  /// What streams are split from that are opened now.
  private var presentSeed: UInt64
  private var priorities: PriorityScheduler?
  /// Among how many events each choice of the schedule was made, while recording.
  private var scheduleCounts: [Int] = []
  /// Name of the stream that orders simultaneous events.
  static let scheduleName = "schedule"
  /// Draws are part of the fingerprint.
  var trace: Trace?

  public init(seed: UInt64, strategy: Strategy = .random, recording: Bool = false, replaying log: DecisionLog? = nil) {
    self.seed = seed
    self.strategy = strategy
    isRecording = recording
    presentSeed = seed
    scripts = [:]
    for stream in log?.streams ?? [] { scripts[stream.name] = stream }
    entries.append(Entry(name: Self.scheduleName, random: RandomStream(seed: seed, name: Self.scheduleName)))
    entries[0].follow(scripts[Self.scheduleName])
    indices[Self.scheduleName] = 0
    if case .pct(let depth) = strategy {
      priorities = PriorityScheduler(depth: depth, stream: &entries[0].random)
    }
  }

  /// The stream called `name`, made at first use.
  public func stream(_ name: String) -> DecisionStream {
    if let index = indices[name] { return DecisionStream(index: index) }
    var entry = Entry(name: name, random: RandomStream(seed: presentSeed, name: name))
    entry.follow(scripts[name])
    entries.append(entry)
    indices[name] = entries.count - 1
    return DecisionStream(index: entries.count - 1)
  }

  /// From now on every stream, those opened later too, is one of `seed`, and no log is followed any more. What was
  /// answered so far stays.
  func reseed(with seed: UInt64) {
    presentSeed = seed
    scripts = [:]
    for index in entries.indices {
      entries[index].random = RandomStream(seed: seed, name: entries[index].name)
      entries[index].follow(nil)
      entries[index].position = 0
    }
  }

  /// A number in `0 ..< count`; 0 when `count` is 1 or less (then nothing is drawn).
  public func choose(_ stream: DecisionStream, _ count: Int) -> Int {
    count <= 1 ? 0 : Int(answer(stream, below: UInt64(count)))
  }

  /// A number in `0 ..< bound` for bounds that do not fit `Int`; `bound` 0 means the full 64 bits.
  public func draw(_ stream: DecisionStream, below bound: UInt64) -> UInt64 {
    bound == 1 ? 0 : answer(stream, below: bound)
  }

  /// True with probability `numerator / denominator`.
  public func happens(_ stream: DecisionStream, _ numerator: Int, in denominator: Int) -> Bool {
    numerator >= denominator || (numerator > 0 && choose(stream, denominator) < numerator)
  }

  /// A draw from a latency model.
  public func draw(_ stream: DecisionStream, _ model: LatencyModel) -> TimeSpan {
    if case .constant(let span) = model.shape { return span }
    return model.span(atMillionth: Int64(answer(stream, below: 1_000_000)))
  }

  /// A span drawn uniformly from `a ... b`, with nanosecond grain.
  public func draw(_ stream: DecisionStream, from a: TimeSpan, to b: TimeSpan) -> TimeSpan {
    b <= a ? a : a + .nanoseconds(Int64(answer(stream, below: UInt64(b.nanoseconds - a.nanoseconds) + 1)))
  }

  /// `count` lower-case hexadecimal digits.
  public func hex(_ stream: DecisionStream, digits count: Int) -> String {
    let alphabet = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    text.reserveCapacity(count)
    while text.count < count {
      var word = answer(stream, below: 0)
      for _ in 0..<min(16, count - text.count) {
        text.append(alphabet[Int(word & 15)])
        word >>= 4
      }
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// An identifier with the shape of a random UUID (version 4, variant 1).
  public func uuid(_ stream: DecisionStream) -> String {
    var digits = Array(hex(stream, digits: 32).utf8)
    digits[12] = UInt8(ascii: "4")
    digits[16] = Array("89ab".utf8)[Int(digits[16]) & 3]
    let text = String(decoding: digits, as: UTF8.self)
    var parts: [Substring] = []
    var rest = text[...]
    for length in [8, 4, 4, 4, 12] {
      parts.append(rest.prefix(length))
      rest = rest.dropFirst(length)
    }
    return parts.joined(separator: "-")
  }

  /// Which of `count` (at least two) simultaneous events runs next; `owner` tells whose an event is.
  func pickNext(_ count: Int, owner: (Int) -> Int) -> Int {
    let pick =
      switch strategy {
      case .random: Int(entries[0].random.next(below: UInt64(count)))
      case .fifo: 0
      case .pct: priorities?.pick(count, owner: owner, stream: &entries[0].random) ?? 0
      }
    if isRecording { scheduleCounts.append(count) }
    return Int(settle(0, UInt64(pick), below: UInt64(count)))
  }

  /// The choices of the schedule so far, each with the number of events it was made among. Empty unless recording.
  var scheduleChoices: [(answer: UInt64, count: UInt64)] {
    zip(entries[0].recorded, scheduleCounts).map { ($0, UInt64($1)) }
  }

  /// Every answer given so far, by stream. Empty unless recording.
  public var log: DecisionLog {
    DecisionLog(streams: entries.map { .init(name: $0.name, answers: $0.recorded) }.filter { !$0.answers.isEmpty })
  }

  private func answer(_ stream: DecisionStream, below bound: UInt64) -> UInt64 {
    let index = stream.index
    // The stream moves on whether or not a log answers: where the log ends, the seed goes on in its place.
    let value = bound == 0 ? entries[index].random.next() : entries[index].random.next(below: bound)
    return settle(index, value, below: bound)
  }

  /// The answer is the log's, if it has a possible one, else `value`.
  private func settle(_ index: Int, _ value: UInt64, below bound: UInt64) -> UInt64 {
    var value = value
    if entries[index].position < entries[index].scripted.count {
      let scripted = entries[index].scripted[entries[index].position]
      if bound == 0 || scripted < bound { value = scripted }
      entries[index].position += 1
    } else if let rest = entries[index].rest, bound == 0 || rest < bound {
      value = rest
    }
    if isRecording { entries[index].recorded.append(value) }
    trace?.decided(entries[index].name, index, value)
    return value
  }
}

/// The answers of a run, by stream: what a replay file holds.
public struct DecisionLog: Sendable, Equatable {
  /// The answers of one stream, in the order given.
  public struct Stream: Sendable, Equatable {
    public var name: String
    public var answers: [UInt64]
    /// The answer to every later draw, where it is possible; nil: the seed answers.
    public var rest: UInt64?

    public init(name: String, answers: [UInt64], rest: UInt64? = nil) {
      self.name = name
      self.answers = answers
      self.rest = rest
    }
  }

  /// In order of first use.
  public var streams: [Stream]

  public init(streams: [Stream] = []) { self.streams = streams }
}
