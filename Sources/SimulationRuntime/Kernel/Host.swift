/// A machine (a pod's node, a user's computer): it has a name, a clock, and processes.
public final class Host {
  public let name: String
  public let index: Int
  let time: HostTime
  public internal(set) var processes: [SimulatedProcess] = []

  init(name: String, index: Int, timeline: Timeline) {
    self.name = name
    self.index = index
    time = HostTime(timeline)
  }

  public var clock: HostClock { time.clock }

  /// What this host's clock shows now.
  public var localTime: Instant { time.local }

  /// The clock without its steps, as `CLOCK_MONOTONIC` counts: it runs at the host's rate, nobody sets it.
  public var monotonicTime: Instant { time.monotonic }

  /// Whether the machine is off: all that ran on it died silently, and nothing was started since.
  var isDown: Bool {
    processes.allSatisfy { $0.current == nil } && processes.contains { !$0.silentLives.isEmpty }
  }

  /// What the lives on this host have open, in the order of processes and of opening.
  var attachments: [any NetworkAttachment] { processes.flatMap { $0.current?.attachments.all ?? [] } }

  /// Steps the clock (`skew(p, ±d)` of spec/05 §2). Running timers keep their true due time.
  public func stepClock(by skew: TimeSpan) { time.clock.step(by: skew, at: time.timeline.now) }

  /// Makes the clock run `ppm` parts per million faster (`drift(p, ppm)` of spec/05 §2) for timers set from now on.
  public func setClockRate(ppm: Int64) { time.clock.setRate(ppm: ppm, at: time.timeline.now) }
}
