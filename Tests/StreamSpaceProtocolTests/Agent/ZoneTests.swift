import StreamSpaceProtocol
import Testing

@Suite("Zones of envelope times")
struct ZoneTests {
  @Test("a time in a zone is the same time, and survives its text", arguments: [-420, -1, 0, 330, 540])
  func roundTrip(_ minutes: Int) throws {
    let time = Timestamp(nanosecondsSince1970: 1_767_225_600_123_456_789)
    let envelope = AgentEnvelope(at: time, zoneMinutes: minutes, .pong(agentID: nil))
    let text = String(decoding: envelope.encoded, as: UTF8.self)
    #expect(text.contains("Z\"") == (minutes == 0))
    let read = try AgentEnvelope.decode(envelope.encoded)
    #expect(read == envelope)
    #expect(Timestamp(rfc3339: time.rfc3339(zoneMinutes: minutes)) == time)
    #expect(Timestamp.zoneMinutes(ofRFC3339: time.rfc3339(zoneMinutes: minutes)) == minutes)
  }

  @Test("the text bears the local time and the offset")
  func text() {
    let time = Timestamp(nanosecondsSince1970: 1_767_225_600_000_000_000)
    #expect(time.rfc3339(zoneMinutes: 540) == "2026-01-01T09:00:00+09:00")
    #expect(time.rfc3339(zoneMinutes: -450) == "2025-12-31T16:30:00-07:30")
  }

  @Test("a reader that wants numbers refuses it like any text")
  func rule() {
    let envelope = AgentEnvelope(
      at: Timestamp(nanosecondsSince1970: 0), zoneMinutes: 60, .pong(agentID: nil))
    #expect(throws: WireError.self) { try AgentEnvelope.decode(envelope.encoded, rule: .integer) }
  }
}
