/// Bounds of everything that a peer may announce (spec/04 §1.9).
package enum RFBLimits {
  /// Pixels of a framebuffer that a viewer is willing to hold: 256 MiB of memory.
  package static let pixels = 1 << 26
  /// Bytes of a reason or a name (what LibVNCClient accepts).
  package static let text = 1 << 20
  /// Bytes of cut text that are kept; longer ones are read and dropped (TigerVNC).
  package static let cutText = 256 << 10
  /// Bytes of the payload of a fence.
  package static let fencePayload = 64
  /// Columns of a Tight rectangle.
  package static let tightWidth = 2048
  /// Bytes of one block of Tight data.
  package static let tightBlock = 4_194_303
  /// Pixels of a side of a cursor (vncviewer).
  package static let cursorSide = 256
  /// Rectangles of an update; as a count it means: until LastRect.
  package static let rectangles = 65_535
  /// Screens of a layout.
  package static let screens = 255
  /// Bytes that may wait for one client before nothing more is encoded for it.
  package static let unsentBytes = 1 << 20
}
