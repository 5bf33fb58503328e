/// The `timestamp` of an agent or server envelope, in the forms that occur.
package enum EnvelopeTimestamp: Sendable, Hashable {
  /// No such key: the status frame of the shipped Kubernetes agent, and the bare answers of the Docker agent.
  case absent
  /// An RFC 3339 text: what the control plane writes and the only form it reads.
  case at(Timestamp)
  /// The same with the offset of the writer's zone, in minutes east of UTC and not 0: what a host outside UTC writes.
  case zoned(Timestamp, minutes: Int)
  /// A number of seconds: what the shipped Docker agent writes in `command_response` and the only form it reads.
  case unixSeconds(Int64)

  /// What a reader takes; a missing timestamp is fine for both.
  package enum Rule: Sendable, Hashable {
    /// The control plane, the Kubernetes agent and every agent of the contract: a number makes the whole message
    /// invalid (spec/01 §1.4).
    case dateString
    /// The shipped Docker agent: a text makes the whole message invalid (spec/03 §1.6).
    case integer
  }

  /// Fails when a reader of that rule refuses the message this timestamp is part of.
  package func check(_ rule: Rule) throws(WireError) {
    switch (self, rule) {
    case (.unixSeconds, .dateString):
      throw .typeMismatch(path: "timestamp", expected: "time.Time", found: .number)
    case (.at, .integer), (.zoned, .integer):
      throw .typeMismatch(path: "timestamp", expected: "int64", found: .string)
    default: break
    }
  }

  /// A time as a host of that zone writes it; 0 is UTC.
  package init(_ time: Timestamp, zoneMinutes: Int) {
    self = zoneMinutes == 0 ? .at(time) : .zoned(time, minutes: zoneMinutes)
  }

  init(reading reader: JSONReader) throws(WireError) {
    switch reader.value("timestamp") {
    case nil: self = .absent
    case .int(let seconds)?: self = .unixSeconds(seconds)
    case .double?: throw .typeMismatch(path: "timestamp", expected: "time.Time", found: .number)
    default:
      guard let time = try reader.optionalTime("timestamp") else { throw .missing(path: "timestamp") }
      self.init(time, zoneMinutes: reader.value("timestamp")?.text.map(Timestamp.zoneMinutes(ofRFC3339:)) ?? 0)
    }
  }

  func add(to object: inout JSONObject) {
    switch self {
    case .absent: break
    case .at(let time): object.add("timestamp", time)
    case .zoned(let time, let minutes): object.add("timestamp", time.rfc3339(zoneMinutes: minutes))
    case .unixSeconds(let seconds): object.add("timestamp", seconds)
    }
  }

  /// Bytes of the member with its comma, at most: `"timestamp":"2031-03-04T09:15:02.118004123Z",`.
  var estimatedByteCount: Int {
    switch self {
    case .absent: 0
    case .at: 45
    case .zoned: 50
    case .unixSeconds: 23
    }
  }
}
