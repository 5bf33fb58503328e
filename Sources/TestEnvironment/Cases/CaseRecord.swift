import Synchronization

/// A quantity that a case measures or demands.
public enum Quantity: Sendable, Equatable {
  case duration(Duration)
  case count(Int)
  case text(String)
}

/// What a measured value must satisfy.
public enum Target: Sendable, Equatable {
  case atMost(Quantity)
  case atLeast(Quantity)
  case between(Quantity, Quantity)
  case equal(Quantity)
  /// Reported, no verdict.
  case reported

  /// Whether `value` meets the target; values of another kind never do.
  public func isMet(by value: Quantity) -> Bool {
    switch self {
    case .reported: true
    case .equal(let wanted): value == wanted
    case .atMost(let limit): Self.compare(value, limit).map { $0 <= 0 } ?? false
    case .atLeast(let limit): Self.compare(value, limit).map { $0 >= 0 } ?? false
    case .between(let low, let high):
      (Self.compare(value, low).map { $0 >= 0 } ?? false) && (Self.compare(value, high).map { $0 <= 0 } ?? false)
    }
  }

  private static func compare(_ a: Quantity, _ b: Quantity) -> Int? {
    switch (a, b) {
    case (.duration(let x), .duration(let y)): x < y ? -1 : x > y ? 1 : 0
    case (.count(let x), .count(let y)): x < y ? -1 : x > y ? 1 : 0
    default: nil
    }
  }
}

/// One thing a case expected: name, target, measured value, verdict.
public struct Expectation: Sendable, Equatable {
  public var name: String
  public var target: Target
  public var measured: Quantity
  public var isMet: Bool
  /// When it was judged, since the start of the run.
  public var time: Duration

  public init(name: String, target: Target, measured: Quantity, time: Duration) {
    self.name = name
    self.target = target
    self.measured = measured
    self.time = time
    isMet = target.isMet(by: measured)
  }
}

/// A fault span or a mark on the time-line of a case.
public struct TimelineMark: Sendable, Equatable {
  public enum Kind: String, Sendable, Equatable { case fault, recovery, step }

  public var lane: String
  public var kind: Kind
  public var text: String
  public var start: Duration
  /// Nil: a moment.
  public var end: Duration?

  public init(lane: String, kind: Kind, text: String, start: Duration, end: Duration? = nil) {
    self.lane = lane
    self.kind = kind
    self.text = text
    self.start = start
    self.end = end
  }
}

/// What a case writes down while it runs. Safe from several threads, because live cases have them.
public final class CaseRecord: Sendable {
  private struct Contents {
    var expectations: [Expectation] = []
    var marks: [TimelineMark] = []
    var samples: [String: [Duration]] = [:]
    var sampleNames: [String] = []
    var routing: [RoutingSample] = []
    var tables: [TableEntry] = []
    var attachments: [CaseAttachment] = []
  }

  private let contents = Mutex(Contents())

  public init() {}

  public func add(_ expectation: Expectation) { contents.withLock { $0.expectations.append(expectation) } }
  public func add(_ mark: TimelineMark) { contents.withLock { $0.marks.append(mark) } }
  public func add(_ routing: RoutingSample) { contents.withLock { $0.routing.append(routing) } }
  /// A row of a table of the report.
  public func add(_ entry: TableEntry) { contents.withLock { $0.tables.append(entry) } }

  /// A picture for the report.
  public func add(_ attachment: CaseAttachment) { contents.withLock { $0.attachments.append(attachment) } }

  /// One measured value of a distribution.
  public func sample(_ name: String, _ value: Duration) {
    contents.withLock {
      if $0.samples[name] == nil { $0.sampleNames.append(name) }
      $0.samples[name, default: []].append(value)
    }
  }

  public var expectations: [Expectation] { contents.withLock { $0.expectations } }
  public var marks: [TimelineMark] { contents.withLock { $0.marks } }
  public var routing: [RoutingSample] { contents.withLock { $0.routing } }
  /// Rows of named tables, in the order in which they were written.
  public var tables: [TableEntry] { contents.withLock { $0.tables } }
  /// Pictures in the order in which they were taken.
  public var attachments: [CaseAttachment] { contents.withLock { $0.attachments } }
  /// Distributions in the order they were first sampled.
  public var samples: [(name: String, values: [Duration])] {
    contents.withLock { contents in contents.sampleNames.map { ($0, contents.samples[$0] ?? []) } }
  }
}

/// A picture that a case took, which lies beside its report.
public struct CaseAttachment: Sendable, Equatable {
  /// Two that belong together bear the same subject: `pod evicted`.
  public var subject: String
  /// What this one shows: `before`, `after`.
  public var caption: String
  public var png: [UInt8]

  public init(subject: String, caption: String, png: [UInt8]) {
    self.subject = subject
    self.caption = caption
    self.png = png
  }
}

/// A command that went from the replica a request reached to the replica that held the agent.
public struct RoutingSample: Sendable, Equatable {
  public var requestReplica: String
  public var agentReplica: String
  /// From the row's insertion to the agent's receipt.
  public var latency: Duration

  public init(requestReplica: String, agentReplica: String, latency: Duration) {
    self.requestReplica = requestReplica
    self.agentReplica = agentReplica
    self.latency = latency
  }
}
