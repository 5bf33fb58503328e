/// A latency of a viewer's stream (spec/06 §4). Its raw value begins the name of its samples.
public enum StreamLatency: String, Sendable, Equatable, CaseIterable {
  /// From the desktop's write of an update to its decoding at the viewer.
  case update = "WS"
  /// From the viewer's write of an event to the decoding of its marker.
  case input
  /// From the viewer's write of a key event to the desktop's receipt.
  case key
}

/// Where a viewer's socket ends: at the replica that holds the agent, or at another, which relays (C22).
public enum StreamPath: String, Sendable, Equatable, CaseIterable {
  case direct
  case relayed
}

extension StreamLatency {
  /// The name under which values of it are sampled: `latency: input, kubernetes, relayed`.
  public func sampleName(_ platform: Topology.Agent.Platform, _ path: StreamPath) -> String {
    "latency: \(rawValue), \(platform.rawValue), \(path.rawValue)"
  }
}

// MARK: - Streams (scenario 4)

extension TableEntry {
  /// Table `handshake`, columns `platform`, `path`, `step`, `after the request`: when a viewer was done with a step.
  public static func handshake(
    _ platform: Topology.Agent.Platform, _ path: StreamPath, step: String, after time: Duration
  ) -> TableEntry {
    TableEntry(
      table: "handshake",
      row: [
        "platform": .text(platform.rawValue), "path": .text(path.rawValue), "step": .text(step),
        "after the request": .duration(time),
      ])
  }

  /// Table `throughput`, columns `platform`, `what`, `bytes`, `span`: what a stream carried in which time; the report
  /// adds the rate.
  public static func throughput(
    _ platform: Topology.Agent.Platform, _ what: String, bytes: Int, in span: Duration
  ) -> TableEntry {
    TableEntry(
      table: "throughput",
      row: [
        "platform": .text(platform.rawValue), "what": .text(what), "bytes": .count(bytes), "span": .duration(span),
      ])
  }

  /// Table `stalls`, columns `platform`, `what`, `frames in the worst 5 s`, `longest gap`: how steadily video came.
  public static func stalls(
    _ platform: Topology.Agent.Platform, _ what: String, worst frames: Int, longestGap: Duration
  ) -> TableEntry {
    TableEntry(
      table: "stalls",
      row: [
        "platform": .text(platform.rawValue), "what": .text(what), "frames in the worst 5 s": .count(frames),
        "longest gap": .duration(longestGap),
      ])
  }

  /// Table `integrity`, columns `platform`, `split`, `bytes to the desktop`, `bytes to the viewer`, `equal`: what was
  /// sent and what came, by their digests.
  public static func integrity(
    _ platform: Topology.Agent.Platform, split: String, toDesktop: Int, toViewer: Int, equal: Bool
  ) -> TableEntry {
    TableEntry(
      table: "integrity",
      row: [
        "platform": .text(platform.rawValue), "split": .text(split), "bytes to the desktop": .count(toDesktop),
        "bytes to the viewer": .count(toViewer), "equal": .text(equal ? "yes" : "**no**"),
      ])
  }

  /// Table `interruptions`, columns `platform`, `what`, `viewers`, `told`, `re-opened`: what an end of the stream cost,
  /// at its worst: from the cause to the last viewer's end, and to the last one's next picture.
  public static func interruption(
    _ platform: Topology.Agent.Platform, _ what: String, viewers: Int, told: Duration, reopened: Duration
  ) -> TableEntry {
    TableEntry(
      table: "interruptions",
      row: [
        "platform": .text(platform.rawValue), "what": .text(what), "viewers": .count(viewers),
        "told": .duration(told), "re-opened": .duration(reopened),
      ])
  }
}
