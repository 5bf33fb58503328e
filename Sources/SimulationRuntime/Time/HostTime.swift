/// What the clock of a host shows. An object of its own, so that every life on the host can hold on to it: programs ask for
/// the time at almost every event.
final class HostTime {
  @exclusivity(unchecked) var clock = HostClock()
  let timeline: Timeline

  init(_ timeline: Timeline) { self.timeline = timeline }

  @inline(__always)
  var local: Instant { clock.local(at: timeline.now) }

  /// Without the steps.
  @inline(__always)
  var monotonic: Instant { local - clock.stepped }
}
