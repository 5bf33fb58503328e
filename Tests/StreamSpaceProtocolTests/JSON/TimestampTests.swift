import StreamSpaceProtocol
import Testing

@Suite("Timestamp")
struct TimestampTests {
  @Test(
    "known times have one text, trailing zeros cut",
    arguments: [
      (0, "1970-01-01T00:00:00Z"), (1, "1970-01-01T00:00:00.000000001Z"), (-1, "1969-12-31T23:59:59.999999999Z"),
      (1_930_382_102_118_004_000, "2031-03-04T09:15:02.118004Z"), (951_782_400_000_000_000, "2000-02-29T00:00:00Z"),
      (1_795_391_772_500_000_000, "2026-11-22T23:56:12.5Z"), (4_107_542_399_000_000_000, "2100-02-28T23:59:59Z"),
      (4_107_542_400_000_000_000, "2100-03-01T00:00:00Z"), (Int64.max, "2262-04-11T23:47:16.854775807Z"),
    ])
  func known(_ nanoseconds: Int64, _ text: String) {
    #expect(Timestamp(nanosecondsSince1970: nanoseconds).rfc3339 == text)
    #expect(Timestamp(rfc3339: text)?.nanosecondsSince1970 == nanoseconds)
  }

  @Test(
    "offsets and longer or shorter fractions are read",
    arguments: [
      ("2031-03-04T11:15:02.118+02:00", "2031-03-04T09:15:02.118Z"),
      ("2031-03-03T23:45:00-09:30", "2031-03-04T09:15:00Z"), ("2031-03-04t09:15:00z", "2031-03-04T09:15:00Z"),
      ("2031-03-04T09:15:00.470Z", "2031-03-04T09:15:00.47Z"),
      ("2031-03-04T09:15:00.1234567891Z", "2031-03-04T09:15:00.123456789Z"),
    ])
  func read(_ text: String, _ canonical: String) {
    #expect(Timestamp(rfc3339: text)?.rfc3339 == canonical)
  }

  @Test(
    "what is no time is refused",
    arguments: [
      "", "2031", "2031-03-04", "2031-13-04T09:15:02Z", "2031-02-29T09:15:02Z", "2031-03-04T24:00:00Z",
      "2031-03-04T09:60:00Z", "2031-03-04T09:15:60Z", "2031-03-04T09:15:02", "2031-03-04T09:15:02.Z",
      "2031-03-04 09:15:02Z", "2031-03-04T09:15:02Zx", "2031-03-04T09:15:02+0200", "2031-03-04T09:15:02+25:00",
      "1600-01-01T00:00:00Z", "2300-01-01T00:00:00Z", "２031-03-04T09:15:02Z",
    ])
  func refused(_ text: String) {
    #expect(Timestamp(rfc3339: text) == nil)
  }

  @Test("every time reads back as it was written", arguments: 0..<20)
  func roundTrip(_ seed: Int) {
    var dice = Dice(seed: UInt64(seed))
    for _ in 0..<100 {
      let time = Timestamp(nanosecondsSince1970: Int64(truncatingIfNeeded: dice.next()))
      #expect(Timestamp(rfc3339: time.rfc3339) == time, "seed \(seed)")
    }
  }

  @Test("coarser forms round down, also before 1970")
  func coarser() {
    let time = Timestamp(nanosecondsSince1970: -1_500_000_001)
    #expect(time.secondsSince1970 == -2)
    #expect(time.inSeconds.nanosecondsSince1970 == -2_000_000_000)
    #expect(time.inMicroseconds.nanosecondsSince1970 == -1_500_001_000)
    #expect(Timestamp(nanosecondsSince1970: .max).adding(nanoseconds: 1).nanosecondsSince1970 == .max)
    #expect(time.adding(nanoseconds: 2).nanosecondsSince1970 == -1_499_999_999)
  }
}
