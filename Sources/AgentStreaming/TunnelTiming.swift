import SimulationRuntime

/// The constants of tunnels (spec/00, Streaming).
package enum TunnelTiming {
  /// How long a workload that is not ready is waited for.
  package static let readiness = TimeSpan.seconds(10)
  /// Between two looks at a workload that is not ready.
  package static let poll = TimeSpan.milliseconds(500)
  /// An answer reaches the control plane within 30 s: what is left is for its way.
  package static let answer = TimeSpan.seconds(28)
  /// Without a frame of the control plane, which pings every 5 s: the end of all attachments (C24).
  package static let silence = TimeSpan.seconds(10)
  /// From a start to the tunnel that the agent opens by itself (spec/03 §7).
  package static let afterStart = TimeSpan.seconds(2)
  /// Bytes that may be written to a desktop and not yet be read by it.
  package static let writeBuffer = 65_536
  /// Frames of data in one queue with everything else (B-65, spec/03 §1.4).
  package static let sharedQueue = 256
}
