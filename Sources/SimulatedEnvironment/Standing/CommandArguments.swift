import StreamSpaceProtocol

/// The members of a control command (spec/08 §5), read one by one: what nobody asked for is a mistake of the sender.
struct CommandArguments {
  private let object: JSONObject
  private var asked: [String]

  /// `known` were read already.
  init(_ object: JSONObject, known: [String]) {
    self.object = object
    asked = known
  }

  mutating func text(_ key: String) throws(CommandError) -> String {
    guard let text = try optionalText(key) else { throw CommandError("'\(key)' is missing, a text") }
    return text
  }

  mutating func optionalText(_ key: String) throws(CommandError) -> String? {
    asked.append(key)
    guard let value = object[key] else { return nil }
    guard let text = value.text, !text.isEmpty else { throw CommandError("'\(key)' must be a text") }
    return text
  }

  /// Seconds, whole or with up to nine decimals.
  mutating func seconds(
    _ key: String, in range: ClosedRange<Duration> = .zero...longest
  ) throws(CommandError) -> Duration {
    guard let span = try optionalSeconds(key, in: range) else {
      throw CommandError("'\(key)' is missing, a number of seconds")
    }
    return span
  }

  mutating func optionalSeconds(
    _ key: String, in range: ClosedRange<Duration> = .zero...longest
  ) throws(CommandError) -> Duration? {
    asked.append(key)
    guard let value = object[key] else { return nil }
    guard value.kind == .number, let span = Self.span(JSONWriter.text(of: value)) else {
      throw CommandError("'\(key)' must be a number of seconds")
    }
    guard range.contains(span) else {
      throw CommandError("'\(key)' must be \(Self.text(range.lowerBound)) to \(Self.text(range.upperBound)) seconds")
    }
    return span
  }

  /// A day: no fault or delay lasts longer.
  static let longest = Duration.seconds(86_400)

  /// A decimal number as a span; nil with an exponent or more than nine decimals.
  private static func span(_ text: String) -> Duration? {
    let isNegative = text.hasPrefix("-")
    let parts = text.drop { $0 == "-" }.split(separator: ".", omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count), let whole = Int64(parts[0]), whole < 1_000_000_000 else { return nil }
    var nanoseconds: Int64 = 0
    if parts.count == 2 {
      guard (1...9).contains(parts[1].count), let fraction = Int64(parts[1]), fraction >= 0 else { return nil }
      nanoseconds = (0..<(9 - parts[1].count)).reduce(fraction) { value, _ in value * 10 }
    }
    let span = Duration.seconds(whole) + .nanoseconds(nanoseconds)
    return isNegative ? .zero - span : span
  }

  mutating func integer(_ key: String, in range: ClosedRange<Int>, default fallback: Int? = nil) throws(CommandError)
    -> Int
  {
    asked.append(key)
    guard let value = object[key] else {
      guard let fallback else { throw CommandError("'\(key)' is missing, a whole number") }
      return fallback
    }
    guard let number = value.integer, let small = Int(exactly: number), range.contains(small) else {
      throw CommandError("'\(key)' must be a whole number, \(range.lowerBound) to \(range.upperBound)")
    }
    return small
  }

  /// Throws if there is more than was asked for.
  func finish() throws(CommandError) {
    guard let stranger = object.members.first(where: { !asked.contains($0.key) }) else { return }
    let known = asked.dropFirst().map { "'\($0)'" }.joined(separator: ", ")
    throw CommandError("'\(stranger.key)' is not known here; there is \(known.isEmpty ? "nothing more" : known)")
  }

  private static func text(_ span: Duration) -> String {
    let (seconds, attoseconds) = span.components
    guard attoseconds != 0 else { return "\(seconds)" }
    var decimals = String(format(attoseconds / 1_000_000_000))
    while decimals.hasSuffix("0") { decimals.removeLast() }
    return "\(seconds).\(decimals)"
  }

  /// Nine digits.
  private static func format(_ nanoseconds: Int64) -> String {
    let digits = String(nanoseconds)
    return String(repeating: "0", count: 9 - digits.utf8.count) + digits
  }
}

/// Why a control command is refused, in the sender's words.
struct CommandError: Error, Equatable, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}
