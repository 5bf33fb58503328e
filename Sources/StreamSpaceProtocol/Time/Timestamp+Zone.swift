/// RFC 3339 with the offset of a zone, as a host outside UTC writes its times (XP-13).
extension Timestamp {
  /// `2031-03-04T18:15:02.118004+09:00`; `minutes` east of UTC.
  package func rfc3339(zoneMinutes minutes: Int) -> String {
    guard minutes != 0 else { return rfc3339 }
    let local = adding(nanoseconds: Int64(minutes) * 60_000_000_000).rfc3339.dropLast()
    func twoDigits(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let span = abs(minutes)
    return "\(local)\(minutes < 0 ? "-" : "+")\(twoDigits(span / 60)):\(twoDigits(span % 60))"
  }

  /// The offset at the end of an RFC 3339 text in minutes; 0 for UTC and for what is no such text.
  package static func zoneMinutes(ofRFC3339 text: String) -> Int {
    let end = Array(text.utf8.suffix(6))
    guard end.count == 6, end[3] == UInt8(ascii: ":"),
      let sign = [UInt8(ascii: "+"): 1, UInt8(ascii: "-"): -1][end[0]],
      let hours = Int(String(decoding: end[1...2], as: UTF8.self)),
      let minutes = Int(String(decoding: end[4...5], as: UTF8.self))
    else { return 0 }
    return sign * (hours * 60 + minutes)
  }
}
