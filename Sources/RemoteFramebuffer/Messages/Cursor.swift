/// The picture of a pointer, drawn by the viewer.
package struct Cursor: Hashable, Sendable {
  package var hotspotX: Int
  package var hotspotY: Int
  /// Pixels, 0 ... ``RFBLimits/cursorSide``; 0 hides it.
  package var width: Int
  package var height: Int
  /// Rows from top to bottom, each pixel `0x00RRGGBB`.
  package var pixels: [UInt32]
  /// For each pixel whether it is drawn.
  package var mask: [Bool]

  package init(hotspotX: Int, hotspotY: Int, width: Int, height: Int, pixels: [UInt32], mask: [Bool]) {
    self.hotspotX = hotspotX
    self.hotspotY = hotspotY
    self.width = width
    self.height = height
    self.pixels = pixels
    self.mask = mask
  }

  package static let hidden = Cursor(hotspotX: 0, hotspotY: 0, width: 0, height: 0, pixels: [], mask: [])
}
