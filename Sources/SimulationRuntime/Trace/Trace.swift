/// One thing that happened, as a reader of a trace sees it.
public struct TraceEvent: Sendable, Equatable {
  /// Position in the run, from 0.
  public let sequence: Int
  public let time: Instant
  /// Process the event belongs to; empty for the simulation itself.
  public let process: String
  /// Which life of the process; 0 for the simulation itself.
  public let incarnation: Int
  public let kind: String
  public let fields: [Field]
  /// Number of the event that scheduled or sent this one, or in which this was noted; nil if none did, or if not everything
  /// is kept.
  public let cause: Int?
  /// Whether a program or the kernel noted it for a reader, in contrast to an event or a decision of the kernel.
  public let isNote: Bool

  /// A named value of an event.
  public struct Field: Sendable, Equatable {
    public let name: String
    public let value: String
  }

  /// The value of the field `name`, if the event has it.
  public subscript(name: String) -> String? { fields.first { $0.name == name }?.value }
}

extension TraceEvent: CustomStringConvertible {
  /// One line: time, process#incarnation, kind, fields.
  public var description: String {
    let who = process.isEmpty ? "-" : "\(process)#\(incarnation)"
    let values = fields.map { "\($0.name)=\($0.value)" }.joined(separator: " ")
    return "\(time) \(who) \(kind)\(values.isEmpty ? "" : " ")\(values)"
  }
}

/// The value of a field of a trace event.
public enum TraceValue: Sendable, ExpressibleByStringLiteral, ExpressibleByIntegerLiteral {
  case text(String)
  case integer(Int64)

  public init(stringLiteral value: String) { self = .text(value) }
  public init(integerLiteral value: Int64) { self = .integer(value) }

  var text: String {
    switch self {
    case .text(let value): value
    case .integer(let value): String(value)
    }
  }
}

/// Everything that happens, streamed into a hash and, when asked, kept.
public final class Trace {
  /// What to keep beside the hash.
  public enum Retention: Sendable {
    /// Only the fingerprint.
    case hash
    /// The noted events (what simulators report), for reports and figures.
    case notes
    /// Also every kernel event and every decision, for finding the first divergence of two runs.
    case everything
  }

  public let retention: Retention
  @exclusivity(unchecked) private var hash = TraceHash()
  /// Kept events, oldest first.
  public private(set) var events: [TraceEvent] = []
  /// Events and decisions seen, kept or not.
  @exclusivity(unchecked) public private(set) var count = 0
  /// Called for each noted event, after it was hashed.
  public var observer: ((TraceEvent) -> Void)?

  /// Time of the last event.
  @exclusivity(unchecked) private var time: Int64 = 0
  /// Whether the kernel's events are kept with their causes.
  public let keepsEverything: Bool
  /// Number of the event that the next kernel event follows from; -1: none.
  var cause = -1
  /// Number of the kernel event that runs now; -1 before the first.
  private var present = -1

  init(retention: Retention) {
    self.retention = retention
    if case .everything = retention { keepsEverything = true } else { keepsEverything = false }
  }

  /// The digest of everything so far.
  public var fingerprint: String { hash.text }

  /// A kernel event runs. `owner` is the life it belongs to.
  @inline(__always)
  func dispatch(_ time: Int64, owner: Incarnation?, label: EventLabel) {
    hash.mix(UInt64(bitPattern: time))
    hash.mix(label.hash &+ Self.number(owner))
    count += 1
    self.time = time
    if keepsEverything {
      present = count - 1
      keep(owner, label.name, [], cause: cause)
    }
  }

  /// The kernel event that runs turns out to be one of `owner`: an arrival is nobody's until its machine has taken it.
  @inline(__always)
  func attribute(to owner: Incarnation) {
    if keepsEverything { putDown(owner) }
  }

  private func putDown(_ owner: Incarnation) {
    guard let place = events.lastIndex(where: { $0.sequence == present && !$0.isNote }) else { return }
    let event = events[place]
    events[place] = TraceEvent(
      sequence: event.sequence, time: event.time, process: owner.process.name, incarnation: owner.number,
      kind: event.kind, fields: event.fields, cause: event.cause, isNote: false)
  }

  /// A decision was made: `answer` on the stream `name`, the `index`-th to be opened.
  @inline(__always)
  func decided(_ index: Int, _ answer: UInt64, on name: @autoclosure () -> String) {
    hash.mix(answer &+ UInt64(index) &* 0x9E37_79B9_7F4A_7C15)
    count += 1
    if keepsEverything {
      keep(
        nil, "decision", [.init(name: "stream", value: name()), .init(name: "answer", value: String(answer))],
        cause: present)
    }
  }

  /// 0 for the simulation itself, else one more than the number of the life.
  @inline(__always)
  private static func number(_ owner: Incarnation?) -> UInt64 { owner.map { UInt64($0.index) + 1 } ?? 0 }

  /// Records something a reader wants to see. `owner` is the process it happened in.
  public func note(
    _ label: EventLabel, at time: Instant, by owner: Incarnation?, _ fields: [(String, TraceValue)]
  ) {
    hash.mix(UInt64(bitPattern: time.nanoseconds))
    hash.mix(label.hash &+ Self.number(owner))
    hash.mix(UInt64(fields.count))
    for (name, value) in fields {
      hash.mix(name)
      switch value {
      case .text(let text): hash.mix(text)
      case .integer(let number): hash.mix(UInt64(bitPattern: number))
      }
    }
    count += 1
    self.time = time.nanoseconds
    if case .hash = retention, observer == nil { return }
    let event = TraceEvent(
      sequence: count - 1, time: time, process: owner?.process.name ?? "", incarnation: owner?.number ?? 0,
      kind: label.name, fields: fields.map { .init(name: $0.0, value: $0.1.text) }, cause: present < 0 ? nil : present,
      isNote: true)
    if case .hash = retention {} else { events.append(event) }
    observer?(event)
  }

  /// Adds a line for a reader where everything is kept, and nothing else: it is no part of the fingerprint. Its cause is the
  /// event that runs now.
  public func remark(_ label: EventLabel, at time: Instant, _ text: @autoclosure () -> String) {
    guard keepsEverything else { return }
    events.append(
      TraceEvent(
        sequence: count, time: time, process: "", incarnation: 0, kind: label.name,
        fields: [.init(name: "text", value: text())], cause: present < 0 ? nil : present, isNote: true))
  }

  private func keep(_ owner: Incarnation?, _ kind: String, _ fields: [TraceEvent.Field], cause: Int) {
    events.append(
      TraceEvent(
        sequence: count - 1, time: Instant(nanoseconds: time), process: owner?.process.name ?? "",
        incarnation: owner?.number ?? 0,
        kind: kind, fields: fields, cause: cause < 0 ? nil : cause, isNote: false))
  }
}

/// Where two runs that should be equal part.
public struct Divergence: Sendable, Equatable, CustomStringConvertible {
  public let index: Int
  public let first: TraceEvent?
  public let second: TraceEvent?

  /// The first event at which the traces differ; nil when they are equal.
  public static func first(of a: [TraceEvent], _ b: [TraceEvent]) -> Divergence? {
    for index in 0..<max(a.count, b.count) {
      let left = index < a.count ? a[index] : nil
      let right = index < b.count ? b[index] : nil
      if left != right { return Divergence(index: index, first: left, second: right) }
    }
    return nil
  }

  public var description: String {
    let left = first.map(String.init(describing:)) ?? "(end of run)"
    let right = second.map(String.init(describing:)) ?? "(end of run)"
    return "first diverging event, number \(index):\n  run 1: \(left)\n  run 2: \(right)"
  }
}
