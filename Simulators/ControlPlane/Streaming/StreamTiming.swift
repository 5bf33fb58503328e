import SimulationRuntime

/// Times and sizes of the streaming part (spec/00 Streaming; spec/01 §6.4, §8.1).
package enum StreamTiming {
  /// Between two pings to a viewer (spec/01 §6.4).
  package static let viewerPing = TimeSpan.seconds(54)
  /// Silence of a viewer that ends it (spec/01 §6.4).
  package static let viewerSilence = TimeSpan.seconds(120)
  /// Silence after which the reaper of A-22 cuts a viewer.
  package static let idleReaper = TimeSpan.seconds(60)
  /// Between two pings to an agent that carries attachments, and on a relay (C24).
  package static let hopPing = TimeSpan.seconds(5)
  /// Silence that ends the attachments of a hop (C24).
  package static let hopSilence = TimeSpan.seconds(10)
  /// How long a viewer is not read before it is pinged for that.
  package static let shortestProbe = TimeSpan.seconds(1)
  /// How long a viewer may leave queued bytes alone (C23).
  package static let stall = TimeSpan.seconds(30)
  /// How long the agent may take to answer `vnc_open` (C21).
  package static let answer = TimeSpan.seconds(30)
  /// Between two looks of the edge for the owner (C22).
  package static let retry = TimeSpan.seconds(1)
  /// Looks of the edge for the owner (C22).
  package static let tries = 3
  /// Between two beats of a viewer: its user and token, and the activity of its session.
  package static let beat = TimeSpan.seconds(30)
  /// Between two looks at the states of attached sessions: within the 15 s of C24.
  package static let stateBeat = TimeSpan.seconds(10)
  /// How long a takeover waits for the other replica to close its viewer.
  package static let takeover = TimeSpan.seconds(2)
  /// Lifetime and renewal of a replica's address in Redis (spec/00, Relay).
  package static let addressLifetimeSeconds = 300
  package static let addressRenewal = TimeSpan.seconds(60)
  /// Largest message of a viewer.
  package static let viewerMessageLimit = 65_536
  /// Bytes that the socket of a viewer holds before the rest waits here.
  package static let viewerSocketWindow = 65_536
  /// What may wait in each direction for an agent without the contract's frames (Streaming, Negotiation).
  package static let legacyBuffer = 1_048_576
  /// Frames that wait for a viewer under B-67.
  package static let droppingQueue = 256
}
