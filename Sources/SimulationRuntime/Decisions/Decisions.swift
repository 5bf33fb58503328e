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
    /// Whether a log has a say.
    var isScripted = false

    mutating func follow(_ script: DecisionLog.Stream?) {
      scripted = script?.answers ?? []
      rest = script?.rest
      isScripted = script != nil
    }

    /// The stream moves on whether or not a log answers: where the log ends, the seed goes on in its place.
    @inline(__always)
    mutating func next(below bound: UInt64) -> UInt64 {
      let value = bound == 0 ? random.next() : random.next(below: bound)
      return isScripted ? settled(value, below: bound) : value
    }

    /// The log's answer, if it has a possible one, else `value`.
    mutating func settled(_ value: UInt64, below bound: UInt64) -> UInt64 {
      if position < scripted.count {
        let answer = scripted[position]
        position += 1
        return bound == 0 || answer < bound ? answer : value
      }
      if let rest, bound == 0 || rest < bound { return rest }
      return value
    }
  }

  @exclusivity(unchecked) private var entries: [Entry] = []
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
  @exclusivity(unchecked) var trace: Trace?

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
    String(unsafeUninitializedCapacity: max(count, 0)) { text in
      var place = 0
      while place < count {
        var word = answer(stream, below: 0)
        for _ in 0..<min(16, count - place) {
          text[place] = Self.digit(word & 15)
          word >>= 4
          place += 1
        }
      }
      return place
    }
  }

  @inline(__always)
  private static func digit(_ value: UInt64) -> UInt8 {
    UInt8(truncatingIfNeeded: value) &+ (value < 10 ? UInt8(ascii: "0") : UInt8(ascii: "a") - 10)
  }

  /// An identifier with the shape of a random UUID (version 4, variant 1).
  public func uuid(_ stream: DecisionStream) -> String {
    var words = (answer(stream, below: 0), answer(stream, below: 0))
    return String(unsafeUninitializedCapacity: 36) { text in
      var place = 0
      for index in 0..<32 {
        if index == 8 || index == 12 || index == 16 || index == 20 {
          text[place] = UInt8(ascii: "-")
          place += 1
        }
        var digit = Self.digit(words.0 & 15)
        words.0 >>= 4
        if index == 15 { words.0 = words.1 }
        if index == 12 { digit = UInt8(ascii: "4") }
        if index == 16 { digit = Self.digit(8 + UInt64(digit & 3)) }
        text[place] = digit
        place += 1
      }
      return place
    }
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
    let value = UInt64(pick)
    return Int(given(0, entries[0].isScripted ? entries[0].settled(value, below: UInt64(count)) : value))
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
    given(stream.index, entries[stream.index].next(below: bound))
  }

  /// Writes an answer down.
  @inline(__always)
  private func given(_ index: Int, _ value: UInt64) -> UInt64 {
    if isRecording { entries[index].recorded.append(value) }
    trace?.decided(index, value, on: entries[index].name)
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
