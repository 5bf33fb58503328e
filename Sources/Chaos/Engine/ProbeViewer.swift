import TestEnvironment

/// A viewer that stays: it attaches, sends a pointer event every 30 s and expects its marker, and attaches again when it
/// is told its end (spec/06 §10.4, 4).
struct ProbeViewer {
  let environment: any Environment
  let roster: SessionRoster
  /// Which of the sessions it looks at, by place.
  let place: Int

  private static let period = Duration.seconds(30)
  private static let patience = Duration.seconds(15)
  /// A browser's wait before it asks again.
  private static let pause = Duration.seconds(5)

  /// Until `end`, since the start of the run.
  func watch(until end: Duration) async throws {
    var attempt = 0
    while environment.now < end {
      guard let entry = roster.entry(place + attempt) else {
        try await sleep(Self.period, until: end)
        continue
      }
      let viewer = try await environment.viewers(of: entry.user).open(
        ViewerRequest(entry.session, program: .probe), at: nil)
      // One that is not running, or no more, is left for the next.
      if let status = viewer.status, (400..<500).contains(status) { attempt += 1 }
      if viewer.facts.isOpen { try await stay(with: viewer, until: end) }
      try await sleep(Self.pause, until: end)
    }
  }

  private func stay(with viewer: any Viewer, until end: Duration) async throws {
    guard try await viewer.waitForPicture(within: Self.patience) else {
      if viewer.facts.isOpen { try await viewer.close(abruptly: true) }
      return
    }
    var position = 0
    while viewer.facts.isOpen, environment.now < end {
      position = (position + 1) % 8
      let event = try await viewer.point(x: position, y: position, buttons: position % 2)
      guard try await viewer.inputLatency(of: event, within: Self.patience) != nil else {
        if viewer.facts.isOpen { try await viewer.close(abruptly: true) }
        return
      }
      if try await viewer.waitForEnd(within: min(Self.period, max(end - environment.now, .zero))) { return }
    }
    if viewer.facts.isOpen { try await viewer.close(abruptly: false) }
  }

  private func sleep(_ span: Duration, until end: Duration) async throws {
    let rest = min(span, end - environment.now)
    if rest > .zero { try await environment.sleep(for: rest) }
  }
}
