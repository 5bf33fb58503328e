/// A point in time as StreamSpace writes it: RFC 3339 in UTC with up to nine digits of a second (spec/02 §3).
package struct Timestamp: Sendable, Hashable, Comparable {
  /// Nanoseconds since 1970-01-01T00:00:00Z; years 1678 to 2261 fit.
  package var nanosecondsSince1970: Int64

  package init(nanosecondsSince1970: Int64) {
    self.nanosecondsSince1970 = nanosecondsSince1970
  }

  package static func < (left: Timestamp, right: Timestamp) -> Bool {
    left.nanosecondsSince1970 < right.nanosecondsSince1970
  }

  /// Whole seconds since 1970, rounded down: the form of token claims and of the Docker agent's envelope.
  package var secondsSince1970: Int64 {
    Timestamp.dividedDown(nanosecondsSince1970, 1_000_000_000).quotient
  }

  /// The same time with a resolution of microseconds, as the database gives it back.
  package var inMicroseconds: Timestamp {
    Timestamp(nanosecondsSince1970: Timestamp.dividedDown(nanosecondsSince1970, 1_000).quotient * 1_000)
  }

  /// The same time in whole seconds, as the browser feed gives it (spec/07 §2).
  package var inSeconds: Timestamp {
    Timestamp(nanosecondsSince1970: secondsSince1970 * 1_000_000_000)
  }

  /// The time that many nanoseconds later; stays at the end of the range when it would leave it.
  package func adding(nanoseconds: Int64) -> Timestamp {
    let (sum, overflow) = nanosecondsSince1970.addingReportingOverflow(nanoseconds)
    return Timestamp(nanosecondsSince1970: overflow ? (nanoseconds > 0 ? .max : .min) : sum)
  }

  /// `2031-03-04T09:15:02.118004Z`: trailing zeros of the fraction are cut, with the point if nothing is left.
  package var rfc3339: String {
    let (seconds, nanoseconds) = Timestamp.dividedDown(nanosecondsSince1970, 1_000_000_000)
    let (days, secondOfDay) = Timestamp.dividedDown(seconds, 86_400)
    let date = CivilDate(daysSince1970: days)
    var text: [UInt8] = []
    text.reserveCapacity(30)
    Timestamp.append(date.year, width: 4, to: &text)
    text.append(UInt8(ascii: "-"))
    Timestamp.append(date.month, width: 2, to: &text)
    text.append(UInt8(ascii: "-"))
    Timestamp.append(date.day, width: 2, to: &text)
    text.append(UInt8(ascii: "T"))
    Timestamp.append(secondOfDay / 3600, width: 2, to: &text)
    text.append(UInt8(ascii: ":"))
    Timestamp.append(secondOfDay / 60 % 60, width: 2, to: &text)
    text.append(UInt8(ascii: ":"))
    Timestamp.append(secondOfDay % 60, width: 2, to: &text)
    if nanoseconds > 0 {
      text.append(UInt8(ascii: "."))
      Timestamp.append(nanoseconds, width: 9, to: &text)
      while text.last == UInt8(ascii: "0") { text.removeLast() }
    }
    text.append(UInt8(ascii: "Z"))
    return String(decoding: text, as: UTF8.self)
  }

  private static func append(_ number: Int64, width: Int, to text: inout [UInt8]) {
    let start = text.count
    var rest = number
    for _ in 0..<width {
      text.append(UInt8(ascii: "0") + UInt8(rest % 10))
      rest /= 10
    }
    text[start...].reverse()
  }

  private static func dividedDown(_ value: Int64, _ divisor: Int64) -> (quotient: Int64, remainder: Int64) {
    let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
  }
}

extension Timestamp {
  /// Reads an RFC 3339 time with any offset; nil when the text is none or lies outside the range.
  package init?(rfc3339 text: String) {
    var scanner = DigitScanner(text)
    guard let year = scanner.number(4), scanner.take("-"), let month = scanner.number(2), scanner.take("-"),
      let day = scanner.number(2), scanner.take("T") || scanner.take("t"), let hour = scanner.number(2),
      scanner.take(":"), let minute = scanner.number(2), scanner.take(":"), let second = scanner.number(2)
    else { return nil }
    guard (1...12).contains(month), hour < 24, minute < 60, second < 60,
      day >= 1, day <= CivilDate.daysInMonth(month, ofYear: year)
    else { return nil }
    var nanoseconds: Int64 = 0
    if scanner.take(".") {
      guard let fraction = scanner.fraction() else { return nil }
      nanoseconds = fraction
    }
    guard let offset = scanner.offset(), scanner.isAtEnd else { return nil }
    let days = CivilDate(year: year, month: month, day: day).daysSince1970
    let seconds = days * 86_400 + hour * 3600 + minute * 60 + second - offset
    let (product, tooLarge) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    let (sum, stillTooLarge) = product.addingReportingOverflow(nanoseconds)
    guard !tooLarge, !stillTooLarge else { return nil }
    self.init(nanosecondsSince1970: sum)
  }
}

extension Timestamp: JSONConvertible {
  package var json: JSONValue { .string(rfc3339) }
}

extension Timestamp: CustomStringConvertible {
  package var description: String { rfc3339 }
}
