/// What a viewer wants of a connection.
package struct ViewerConfiguration: Sendable {
  /// The version answered is the server's, at most this one.
  package var highestVersion: ProtocolVersion
  package var password: String?
  package var isShared: Bool
  /// Nil keeps the server's.
  package var format: PixelFormat?
  /// The list that is sent at once; empty sends none.
  package var encodings: [Encoding]
  /// The part of the screen that is asked for and kept; nil is all of it.
  package var window: Rectangle?
  /// Bytes of cut text and of each clipboard format that are kept; more is read and dropped.
  package var maximumCutText: Int
  /// Pixels of the part that is kept.
  package var maximumPixels: Int

  package init(
    highestVersion: ProtocolVersion = .v38, password: String? = nil, isShared: Bool = true, format: PixelFormat? = nil,
    encodings: [Encoding] = [.zrle, .copyRect, .raw, .desktopSize, .lastRectangle], window: Rectangle? = nil,
    maximumCutText: Int = RFBLimits.cutText, maximumPixels: Int = RFBLimits.pixels
  ) {
    self.highestVersion = highestVersion
    self.password = password
    self.isShared = isShared
    self.format = format
    self.encodings = encodings
    self.window = window
    self.maximumCutText = maximumCutText
    self.maximumPixels = maximumPixels
  }
}
