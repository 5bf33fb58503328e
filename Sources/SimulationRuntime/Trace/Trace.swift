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
    /// Also every kernel event, for finding the first divergence of two runs.
    case everything
  }

  public let retention: Retention
  private var hash = TraceHash()
  /// Kept events, oldest first.
  public private(set) var events: [TraceEvent] = []
  /// Events seen, kept or not.
  public private(set) var count = 0
  /// Called for each noted event, after it was hashed.
  public var observer: ((TraceEvent) -> Void)?

  init(retention: Retention) { self.retention = retention }

  /// The digest of everything so far.
  public var fingerprint: String { hash.text }

  @inline(__always)
  func dispatch(_ time: Int64, owner: Incarnation?, ownerIndex: Int32, label: EventLabel) {
    hash.mix(UInt64(bitPattern: time))
    hash.mix(label.hash ^ UInt64(UInt32(bitPattern: ownerIndex)))
    count += 1
    if case .everything = retention {
      keep(Instant(nanoseconds: time), owner, label.name, [])
    }
  }

  /// Records something a reader wants to see. `owner` is the process it happened in.
  public func note(
    _ label: EventLabel, at time: Instant, by owner: Incarnation?, _ fields: [(String, TraceValue)]
  ) {
    hash.mix(UInt64(bitPattern: time.nanoseconds))
    hash.mix(label.hash)
    hash.mix(UInt64(owner?.index ?? 0))
    for (name, value) in fields {
      hash.mix(name)
      switch value {
      case .text(let text): hash.mix(text)
      case .integer(let number): hash.mix(UInt64(bitPattern: number))
      }
    }
    count += 1
    if case .hash = retention, observer == nil { return }
    let event = TraceEvent(
      sequence: count - 1, time: time, process: owner?.process.name ?? "", incarnation: owner?.number ?? 0,
      kind: label.name, fields: fields.map { .init(name: $0.0, value: $0.1.text) })
    if case .hash = retention {} else { events.append(event) }
    observer?(event)
  }

  private func keep(_ time: Instant, _ owner: Incarnation?, _ kind: String, _ fields: [TraceEvent.Field]) {
    events.append(
      TraceEvent(
        sequence: count - 1, time: time, process: owner?.process.name ?? "", incarnation: owner?.number ?? 0,
        kind: kind, fields: fields))
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
