import SimulationRuntime
import TestEnvironment

/// A deployment whose control plane is real.
extension Deployment {
  /// Puts the clocks of all hosts at the time that real servers go by.
  func followClock(of outside: OutsideControlPlane) {
    recorder.origin = outside.origin
    let distance = TimeSpan.microseconds(outside.origin - Epoch.microseconds)
    for process in simulation.allProcesses where process.host.name != HostName.database {
      stepped(process.host, by: distance)
    }
    clientClock = distance
  }

  private func stepped(_ host: Host, by distance: TimeSpan) {
    if !steppedHosts.contains(host.name) { host.stepClock(by: distance) }
    steppedHosts.insert(host.name)
  }

  /// Does so for the host of a client.
  func followClock(_ host: Host) {
    if let clientClock { stepped(host, by: clientClock) }
  }
}
