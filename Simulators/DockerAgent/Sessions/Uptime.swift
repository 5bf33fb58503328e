import SimulationRuntime
import StreamSpaceProtocol

extension ContainerSummary {
  /// How long the container has run at most, read from its `Status`, for example `Up 3 seconds`; nil for one that does
  /// not run, or a text that says nothing. The list of the daemon has no other sign of a restart.
  var greatestUptime: TimeSpan? {
    let words = statusText.utf8.split(separator: UInt8(ascii: " ")).map { Substring($0) }
    guard words.first == "Up" else { return nil }
    for (text, span) in Self.roundTexts where statusText.hasPrefix("Up \(text)") { return span }
    guard words.count >= 3, let count = Int64(words[1]), (0..<10_000).contains(count) else { return nil }
    // The daemon cuts fractions off, and rounds hours.
    return Self.units.first { words[2].hasPrefix($0.name) }.map { $0.length * (count + 1) }
  }

  private static let units: [(name: String, length: TimeSpan)] = [
    ("second", .seconds(1)), ("minute", .minutes(1)), ("hour", .minutes(60)), ("day", .minutes(24 * 60)),
  ]

  private static let roundTexts: [(String, TimeSpan)] = [
    ("Less than a second", .seconds(1)), ("About a minute", .minutes(2)), ("About an hour", .minutes(120)),
  ]
}
