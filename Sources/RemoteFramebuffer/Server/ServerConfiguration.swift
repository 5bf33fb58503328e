/// What a server is to one connection.
package struct ServerConfiguration: Sendable {
  /// Pixels, 1 ... ``Framebuffer/maximumSide``.
  package var width: Int
  package var height: Int
  package var name: String
  /// The format announced.
  package var format: PixelFormat
  package var security: Security
  /// The 16 random bytes of VNC authentication.
  package var challenge: [UInt8]
  /// Bytes of cut text and of each clipboard format that are kept; more is read and dropped.
  package var maximumCutText: Int

  package enum Security: Hashable, Sendable {
    case none
    /// A second password gives access without input.
    case passwords(full: String, viewOnly: String?)
    /// Every connection is refused with a reason after the version exchange.
    case refused(reason: String)
  }

  package init(
    width: Int, height: Int, name: String, format: PixelFormat = .natural, security: Security = .none,
    challenge: [UInt8] = [UInt8](repeating: 0, count: 16), maximumCutText: Int = RFBLimits.cutText
  ) {
    self.width = width
    self.height = height
    self.name = name
    self.format = format
    self.security = security
    self.challenge = challenge
    self.maximumCutText = maximumCutText
  }
}
