/// The time zone of a host: what its local time shows beside UTC.
package struct HostZone: Sendable, Hashable {
  /// An hour more from the leap to daylight saving time on.
  package static let daylightSaving = 60

  /// Minutes east of UTC, `-720 … 840`.
  package var minutes: Int
  /// When the host goes over to daylight saving time; nil: it does not.
  package var leapsAt: Timestamp?

  package static let utc = HostZone()

  package init(minutes: Int = 0, leapsAt: Timestamp? = nil) {
    self.minutes = minutes
    self.leapsAt = leapsAt
  }

  /// Minutes east of UTC that hold at a time.
  package func minutes(at time: Timestamp) -> Int {
    guard let leapsAt, time >= leapsAt else { return minutes }
    return minutes + Self.daylightSaving
  }
}

extension Timestamp {
  /// `2031-03-04T18:15:02.118004+09:00`: the same time as a host of the zone writes it; in UTC with `Z`.
  package func rfc3339(in zone: HostZone) -> String {
    let offset = zone.minutes(at: self)
    guard offset != 0 else { return rfc3339 }
    let local = adding(nanoseconds: Int64(offset) * 60_000_000_000).rfc3339.dropLast()
    func twoDigits(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let size = abs(offset)
    return "\(local)\(offset < 0 ? "-" : "+")\(twoDigits(size / 60)):\(twoDigits(size % 60))"
  }
}

extension AgentEnvelope {
  /// The message as the agent on a host of the zone puts it on its socket. In UTC it travels typed; elsewhere as the
  /// text that its clock writes, with an offset, which the reader must understand.
  package func frame(in zone: HostZone) -> AgentSocketFrame {
    guard zone != .utc, case .at(let time) = timestamp, case .object(var document) = json else {
      return .fromAgent(self)
    }
    document["timestamp"] = .string(time.rfc3339(in: zone))
    return .text(JSONWriter.bytes(of: .object(document)))
  }
}
