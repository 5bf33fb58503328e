import SimulationRuntime

/// How fast a viewer takes bytes off its socket: as they come, so many a second, or none (VNC-K-16).
///
/// A message is taken whole and paid for afterwards: nothing more is read until its time has passed.
final class ReadingPace {
  private let incarnation: Incarnation
  private let socket: Socket
  private var bytesPerSecond: Int?
  private var timer = EventToken.none

  private static let goOn = EventLabel("viewer.reading")

  init(_ incarnation: Incarnation, _ socket: Socket) {
    self.incarnation = incarnation
    self.socket = socket
  }

  func limit(to bytesPerSecond: Int?) {
    self.bytesPerSecond = bytesPerSecond.map { max(0, $0) }
    incarnation.cancel(timer)
    if bytesPerSecond == 0 { socket.pauseReading() } else { socket.resumeReading() }
  }

  /// So many bytes were read.
  func paid(for bytes: Int) {
    guard let bytesPerSecond, bytesPerSecond > 0, bytes > 0 else { return }
    socket.pauseReading()
    let span = TimeSpan.nanoseconds(Int64(bytes) * 1_000_000_000 / Int64(bytesPerSecond))
    timer = incarnation.after(span, Self.goOn) { [weak self] in self?.socket.resumeReading() }
  }

  func stop() { incarnation.cancel(timer) }
}
