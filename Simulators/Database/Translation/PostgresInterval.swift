/// Intervals as integer microseconds. Months and years have no fixed length: they can be added to a time and no more.
enum PostgresInterval {
  private static let units: [String: Int64] = [
    "microsecond": 1, "us": 1, "usec": 1,
    "millisecond": 1_000, "ms": 1_000, "msec": 1_000,
    "second": 1_000_000, "s": 1_000_000, "sec": 1_000_000,
    "minute": 60_000_000, "m": 60_000_000, "min": 60_000_000,
    "hour": 3_600_000_000, "h": 3_600_000_000, "hr": 3_600_000_000,
    "day": 86_400_000_000, "d": 86_400_000_000,
    "week": 604_800_000_000, "w": 604_800_000_000,
  ]

  /// The length of one unit in microseconds, singular or plural.
  static func microseconds(ofUnit unit: String) -> Int64? {
    let unit = unit.lowercased()
    return units[unit] ?? (unit.hasSuffix("s") ? units[String(unit.dropLast())] : nil)
  }

  /// Reads `90 seconds`, `1 hour 30 minutes`, `30m`, `-5 min`, `01:30:00`, and `30m seconds`, which PostgreSQL takes
  /// for 30 minutes (spec/02 §8.4). Nil for anything else.
  static func microseconds(of text: String) -> Int64? {
    var total: Int64 = 0
    var pending: Substring?
    var any = false
    for piece in text.split(separator: " ") {
      if piece.contains(":") {
        guard pending == nil, let clock = clock(piece) else { return nil }
        total += clock
        any = true
        continue
      }
      let number = piece.prefix { $0.isNumber || $0 == "." || $0 == "-" || $0 == "+" }
      let unit = piece[number.endIndex...]
      switch (number.isEmpty, unit.isEmpty, pending) {
      case (false, true, nil): pending = number
      case (false, false, nil):
        guard let amount = amount(number, String(unit)) else { return nil }
        total += amount
        any = true
      case (true, false, let amountText?):
        guard let amount = amount(amountText, String(unit)) else { return nil }
        total += amount
        pending = nil
        any = true
      // A unit with nothing before it, as the "seconds" of "30m seconds".
      case (true, false, nil):
        guard any, microseconds(ofUnit: String(unit)) != nil else { return nil }
      default: return nil
      }
    }
    if let pending {
      guard let amount = amount(pending, "second") else { return nil }
      return total + amount
    }
    return any ? total : nil
  }

  /// Whole months in `100 years` or `1 year 6 months`; nil for anything else. They have no fixed length: see
  /// ``adding(months:to:)``.
  static func months(of text: String) -> Int64? {
    let pieces = text.split(separator: " ")
    guard !pieces.isEmpty, pieces.count.isMultiple(of: 2) else { return nil }
    var total: Int64 = 0
    for position in stride(from: 0, to: pieces.count, by: 2) {
      guard let number = Int64(pieces[position]) else { return nil }
      switch pieces[position + 1].lowercased() {
      case "year", "years": total += 12 * number
      case "month", "months", "mon", "mons": total += number
      default: return nil
      }
    }
    return total
  }

  /// A time (microseconds since 1970, UTC) some months later, on the last day where the month is too short.
  static func adding(months: Int64, to time: Int64) -> Int64 {
    let day: Int64 = 86_400_000_000
    let days = time >= 0 ? time / day : -((-time + day - 1) / day)
    let date = CivilDate(daysSince1970: days)
    let month = date.year * 12 + (date.month - 1) + months
    let year = month >= 0 ? month / 12 : -((-month + 11) / 12)
    let first = CivilDate(year: year, month: month - year * 12 + 1, day: 1)
    let next = month + 1
    let nextYear = next >= 0 ? next / 12 : -((-next + 11) / 12)
    let length = CivilDate(year: nextYear, month: next - nextYear * 12 + 1, day: 1).daysSince1970 - first.daysSince1970
    return (first.daysSince1970 + min(date.day, length) - 1) * day + (time - days * day)
  }

  /// A decimal number of units, exactly.
  private static func amount(_ number: Substring, _ unit: String) -> Int64? {
    guard let length = microseconds(ofUnit: unit) else { return nil }
    let negative = number.hasPrefix("-")
    let digits = number.drop { $0 == "-" || $0 == "+" }
    let parts = digits.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count <= 2, let whole = Int64(parts[0].isEmpty ? "0" : parts[0]) else { return nil }
    let (product, overflow) = whole.multipliedReportingOverflow(by: length)
    guard !overflow else { return nil }
    var value = product
    if parts.count == 2, !parts[1].isEmpty {
      let fraction = parts[1].prefix(6)
      guard let units = Int64(fraction) else { return nil }
      var scale: Int64 = 1
      for _ in 0..<fraction.count { scale *= 10 }
      value += units * length / scale
    }
    return negative ? -value : value
  }

  private static func clock(_ text: Substring) -> Int64? {
    let negative = text.hasPrefix("-")
    let parts = text.drop { $0 == "-" || $0 == "+" }.split(separator: ":").map { Int64($0) }
    guard (2...3).contains(parts.count) else { return nil }
    var seconds: Int64 = 0
    for part in parts {
      guard let part else { return nil }
      seconds = seconds * 60 + part
    }
    if parts.count == 2 { seconds *= 60 }
    return (negative ? -seconds : seconds) * 1_000_000
  }
}
