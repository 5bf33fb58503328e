import SimulationRuntime
import StreamSpaceProtocol

extension ContainerSummary {
  /// How long the container has run at most, read from its `Status` (`Up 3 seconds`); nil for a text that stands for a
  /// minute or more, or for one that does not run. The list of the daemon has no other sign of a restart.
  var shortUptime: TimeSpan? {
    let words = statusText.split(separator: " ")
    guard words.first == "Up" else { return nil }
    if statusText.hasPrefix("Up Less than a second") { return .seconds(1) }
    guard words.count >= 3, words[2].hasPrefix("second"), let seconds = Int64(words[1]), (0..<3_600).contains(seconds)
    else { return nil }
    // The daemon cuts fractions off.
    return .seconds(seconds + 1)
  }
}
