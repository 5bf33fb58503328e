import RemoteFramebuffer
import SimulationRuntime

/// What a desktop is when it starts.
package struct VNCServerConfiguration: Sendable {
  package var port: Int
  package var name: String
  /// Pixels, 1 ... ``Framebuffer/maximumSide``.
  package var width: Int
  package var height: Int
  package var security: ServerConfiguration.Security
  /// Decides what the picture looks like.
  package var seed: UInt64
  package var content: DesktopContent
  /// From the accepted connection to the server's first bytes.
  package var greetingDelay: TimeSpan
  /// Changes of the video region a second while somebody is attached, 0 ... 1000.
  package var videoPerSecond: Int
  /// Turns hosts away that fail again and again; nil: where there is a password. All viewers of a session come from the
  /// host of its agent, and without a password there is nothing to guess.
  package var throttlesAttempts: Bool?
  /// Whether SetDesktopSize is granted.
  package var allowsResize: Bool
  /// Most pixels that SetDesktopSize may ask for.
  package var maximumPixels: Int
  /// Updates are written at multiples of it since the start (spec/04 §1.5: 16 ms).
  package var frameInterval: TimeSpan
  /// A client that is not through the handshake by then is closed (spec/04 §1.10: 30 s).
  package var handshakeLimit: TimeSpan
  /// The picture is kept so long after the last client (spec/06 §4: 60 s).
  package var pictureLife: TimeSpan
  /// A wrong password is answered after it (spec/04 §1.2: 100 ms).
  package var failureDelay: TimeSpan

  package init(
    port: Int = 5_900, name: String = "desktop", width: Int = 1_280, height: Int = 800,
    security: ServerConfiguration.Security = .none, seed: UInt64 = 0, content: DesktopContent = .standard,
    greetingDelay: TimeSpan = .zero, videoPerSecond: Int = 0
  ) {
    self.port = port
    self.name = name
    self.width = width
    self.height = height
    self.security = security
    self.seed = seed
    self.content = content
    self.greetingDelay = greetingDelay
    self.videoPerSecond = videoPerSecond
    allowsResize = true
    maximumPixels = 1 << 24
    frameInterval = .milliseconds(16)
    handshakeLimit = .seconds(30)
    pictureLife = .seconds(60)
    failureDelay = .milliseconds(100)
  }
}
