/// How a pixel's value is laid out on the wire (spec/04 §1.4).
package struct PixelFormat: Hashable, Sendable {
  /// 8, 16 or 32.
  package var bitsPerPixel: Int
  /// Useful bits of a pixel.
  package var depth: Int
  package var isBigEndian: Bool
  /// False: pixels are indices into a colour map.
  package var isTrueColour: Bool
  package var redMax: Int
  package var greenMax: Int
  package var blueMax: Int
  package var redShift: Int
  package var greenShift: Int
  package var blueShift: Int

  package init(
    bitsPerPixel: Int, depth: Int, isBigEndian: Bool = false, isTrueColour: Bool = true, redMax: Int, greenMax: Int,
    blueMax: Int, redShift: Int, greenShift: Int, blueShift: Int
  ) {
    self.bitsPerPixel = bitsPerPixel
    self.depth = depth
    self.isBigEndian = isBigEndian
    self.isTrueColour = isTrueColour
    self.redMax = redMax
    self.greenMax = greenMax
    self.blueMax = blueMax
    self.redShift = redShift
    self.greenShift = greenShift
    self.blueShift = blueShift
  }

  /// What Xvnc and x11vnc announce at depth 24: in memory B, G, R, X.
  package static let natural = PixelFormat(
    bitsPerPixel: 32, depth: 24, redMax: 255, greenMax: 255, blueMax: 255, redShift: 16, greenShift: 8, blueShift: 0)

  package var bytesPerPixel: Int { bitsPerPixel / 8 }

  /// What is wrong with a format (spec/04 §1.5).
  package enum Fault: Hashable, Sendable {
    case bitsPerPixel(Int)
    case depth(Int)
    case colourMapDepth
    /// A maximum that is no 2^k - 1 with k at most 8.
    case maximum(Int)
    /// The channels need more bits than the depth gives.
    case tooManyBits
    /// A channel that reaches beyond the pixel.
    case shift(Int)
    case overlap
  }
}
