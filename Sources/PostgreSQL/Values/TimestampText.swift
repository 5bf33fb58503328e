/// Time stamps as PostgreSQL writes them with `DateStyle` ISO and `TimeZone` UTC: `2026-01-01 00:00:00.25+00`.
enum TimestampText {
  private static let microsecondsPerDay: Int64 = 86_400_000_000

  /// Appends `2026-01-01 00:00:00.000000+00`; years before 1 get PostgreSQL's ` BC`.
  static func append(_ microseconds: Int64, to bytes: inout [UInt8]) {
    var days = microseconds / microsecondsPerDay
    var rest = microseconds % microsecondsPerDay
    if rest < 0 {
      rest += microsecondsPerDay
      days -= 1
    }
    let (year, month, day) = date(daysSince1970: days)
    appendDigits(year > 0 ? year : 1 - year, 4, &bytes)
    bytes.append(UInt8(ascii: "-"))
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 21) { text in
      // Month to microseconds have one width.
      put(month, 2, at: 0, text)
      text[2] = UInt8(ascii: "-")
      put(day, 2, at: 3, text)
      text[5] = UInt8(ascii: " ")
      put(rest / 3_600_000_000, 2, at: 6, text)
      text[8] = UInt8(ascii: ":")
      put(rest / 60_000_000 % 60, 2, at: 9, text)
      text[11] = UInt8(ascii: ":")
      put(rest / 1_000_000 % 60, 2, at: 12, text)
      text[14] = UInt8(ascii: ".")
      put(rest % 1_000_000, 6, at: 15, text)
      bytes.append(contentsOf: text)
    }
    bytes += "+00".utf8
    if year <= 0 { bytes += " BC".utf8 }
  }

  /// Microseconds since 1970, or nil for `infinity` and everything else that is no time in UTC.
  static func microseconds(_ text: UnsafeBufferPointer<UInt8>) -> Int64? {
    var scanner = Scanner(text: text)
    guard var year = scanner.number(atLeast: 4), scanner.take("-"), let month = scanner.number(atLeast: 2),
      scanner.take("-"), let day = scanner.number(atLeast: 2), scanner.take(" "),
      let hour = scanner.number(atLeast: 2), scanner.take(":"), let minute = scanner.number(atLeast: 2),
      scanner.take(":"), let second = scanner.number(atLeast: 2)
    else { return nil }
    let fraction = scanner.take(".") ? scanner.microseconds() : 0
    if scanner.take("+") {
      guard scanner.take("0"), scanner.take("0") else { return nil }
    }
    if scanner.take(" ") {
      guard scanner.take("B"), scanner.take("C") else { return nil }
      year = 1 - year
    }
    guard scanner.isAtEnd else { return nil }
    let seconds = (hour * 60 + minute) * 60 + second
    return daysSince1970(year, month, day) * microsecondsPerDay + seconds * 1_000_000 + fraction
  }

  private static func put(_ number: Int64, _ width: Int, at start: Int, _ text: UnsafeMutableBufferPointer<UInt8>) {
    var rest = number
    for position in stride(from: start + width - 1, through: start, by: -1) {
      text[position] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
      rest /= 10
    }
  }

  private static func appendDigits(_ number: Int64, _ width: Int, _ bytes: inout [UInt8]) {
    var divisor: Int64 = 1
    for _ in 1..<width { divisor *= 10 }
    while number / divisor >= 10 { divisor *= 10 }
    while divisor > 0 {
      bytes.append(UInt8(ascii: "0") + UInt8(number / divisor % 10))
      divisor /= 10
    }
  }

  /// Years begin in March here, so that the leap day ends a year; 400 years have 146 097 days.
  private static func date(daysSince1970 days: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let shifted = days + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let month = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * month + 2) / 5 + 1
    return (yearOfEra + era * 400 + (month >= 10 ? 1 : 0), month < 10 ? month + 3 : month - 9, day)
  }

  private static func daysSince1970(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
    let shifted = month <= 2 ? year - 1 : year
    let era = (shifted >= 0 ? shifted : shifted - 399) / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }

  private struct Scanner {
    let text: UnsafeBufferPointer<UInt8>
    var position = 0

    init(text: UnsafeBufferPointer<UInt8>) { self.text = text }

    var isAtEnd: Bool { position == text.count }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
      guard position < text.count, text[position] == UInt8(ascii: character) else { return false }
      position += 1
      return true
    }

    mutating func number(atLeast width: Int) -> Int64? {
      var value: Int64 = 0
      let start = position
      while position < text.count, position - start < 7 {
        let digit = text[position] &- UInt8(ascii: "0")
        guard digit < 10 else { break }
        value = value * 10 + Int64(digit)
        position += 1
      }
      return position - start >= width ? value : nil
    }

    /// Up to six digits behind the point.
    mutating func microseconds() -> Int64 {
      var value: Int64 = 0
      var scale: Int64 = 100_000
      while position < text.count, scale > 0 {
        let digit = text[position] &- UInt8(ascii: "0")
        guard digit < 10 else { break }
        value += Int64(digit) * scale
        scale /= 10
        position += 1
      }
      return value
    }
  }
}
