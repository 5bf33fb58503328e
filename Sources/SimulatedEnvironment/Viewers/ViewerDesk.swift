import SimulationRuntime
import TestEnvironment

/// All viewers of a run: their numbers, their desktops, and what is told of them.
final class ViewerDesk {
  let simulation: Simulation
  let recorder: ObservationRecorder
  let desktops: DesktopHosts
  private var count = 0
  /// Viewers with a WebSocket, by number.
  private var open: [Int: SimulatedViewer] = [:]

  init(_ recorder: ObservationRecorder, _ desktops: DesktopHosts, in simulation: Simulation) {
    self.simulation = simulation
    self.recorder = recorder
    self.desktops = desktops
  }

  var comparison: StreamComparison { desktops.comparison }

  /// The number of a new viewer.
  func number() -> Int {
    count += 1
    return count
  }

  func opened(_ viewer: SimulatedViewer) { open[viewer.number] = viewer }
  func ended(_ viewer: SimulatedViewer) { open[viewer.number] = nil }

  /// Everybody closes the page: nothing may stay behind after that (I-LEAK, I-VNC-END).
  func leaveAll() {
    for number in open.keys.sorted() { open[number]?.leave(abruptly: false) }
  }
}
