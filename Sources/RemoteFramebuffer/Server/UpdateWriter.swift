/// Composes a server's messages for one connection and owns its zlib streams: nothing composed may be dropped or
/// reordered afterwards (spec/04 §1.7).
///
/// ```
/// writer.beginUpdate()
/// writer.copy(to: moved, fromX: 10, y: 20)
/// writer.encode(changed, of: picture, as: .zrle)
/// writer.endUpdate()
/// send(session.takeOutput())
/// ```
package final class UpdateWriter {
  /// Format of pixels from the next rectangle on.
  package internal(set) var format: PixelFormat
  /// zlib level 0 ... 9 of data compressed from now on.
  package var compressionLevel = 6
  /// Lets Tight use the gradient filter, which old viewers cannot read.
  package var allowsGradient = false

  package init(format: PixelFormat = .natural) { self.format = format }

  /// Begins a FramebufferUpdate; its rectangles follow, then ``endUpdate()``. Before the first one after a change to a
  /// colour map the map is sent.
  package func beginUpdate() {}

  /// Ends the update with the right number of rectangles; an update without any is taken back.
  /// - Returns: the number of rectangles on the wire.
  @discardableResult
  package func endUpdate() -> Int { 0 }

  /// CopyRect: the client moves its own pixels.
  package func copy(to destination: Rectangle, fromX x: Int, y: Int) {}

  /// The pixels of what of `rectangle` lies inside the picture. Sent as more than one rectangle where the encoding needs
  /// it, and as Raw where RRE would be larger.
  package func encode(_ rectangle: Rectangle, of framebuffer: Framebuffer, as encoding: Encoding) {}

  package func cursor(_ cursor: Cursor) {}
  package func desktopSize(width: Int, height: Int) {}
  package func extendedDesktopSize(
    reason: ResizeReason, status: ResizeStatus, width: Int, height: Int, screens: [Screen]
  ) {}
  package func desktopName(_ name: String) {}
  /// Offers extended key events.
  package func extendedKey() {}
  /// Offers more than seven buttons.
  package func extendedMouseButtons() {}
  /// Ends the update early: what ``endUpdate()`` then counts is 65535, as servers do that do not know the number.
  package func lastRectangle() {}

  package func colourMap(first: Int, _ colours: [UInt32]) {}
  package func bell() {}
  /// Latin-1.
  package func cutText(_ text: [UInt8]) {}
  package func clipboard(_ message: ClipboardMessage) {}
  package func endOfContinuousUpdates() {}
  package func fence(flags: UInt32, payload: [UInt8]) {}
  package func xvp(code: UInt8) {}

  package func takeOutput() -> [UInt8] { [] }
  package var outputCount: Int { 0 }
}
