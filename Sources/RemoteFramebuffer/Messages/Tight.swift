/// Numbers of Tight (spec/04 §1.7).
enum Tight {
  static let fill: UInt8 = 0x80
  static let jpeg: UInt8 = 0x90
  /// In the upper half of the control byte: a filter byte follows.
  static let explicitFilter: UInt8 = 0x40
  static let copyFilter: UInt8 = 0
  static let paletteFilter: UInt8 = 1
  static let gradientFilter: UInt8 = 2
  /// Shorter data are sent as they are.
  static let shortestCompressed = 12

  /// The stream that servers use for each kind of data.
  static let colourStream = 0
  static let twoColourStream = 1
  static let paletteStream = 2
  static let gradientStream = 3

  /// 7 bits a byte, the lowest first; a third byte has 8.
  static func compactLength(_ length: Int) -> [UInt8] {
    if length < 1 << 7 { return [UInt8(length)] }
    let first = UInt8(length & 127) | 128
    if length < 1 << 14 { return [first, UInt8(length >> 7)] }
    return [first, UInt8(length >> 7 & 127) | 128, UInt8(truncatingIfNeeded: length >> 14)]
  }

  /// A length and the bytes it takes; nil when they are not all there.
  static func compactLength(_ input: InputBuffer, at offset: Int) -> (length: Int, size: Int)? {
    var length = 0
    for index in 0..<3 {
      guard input.count > offset + index else { return nil }
      let byte = Int(input.uint8(at: offset + index))
      if index == 2 || byte < 128 { return (length | byte << (7 * index), index + 1) }
      length |= (byte & 127) << (7 * index)
    }
    return nil
  }
}

/// The channels of pixels as the gradient filter sees them.
struct TightChannels {
  /// Bytes of a pixel.
  let byteCount: Int
  let isSwapped: Bool
  /// For red, green and blue.
  let maxima: (Int, Int, Int)
  private let shifts: (UInt32, UInt32, UInt32)

  init(_ format: PixelFormat) {
    if format.hasTightPixels {
      byteCount = 3
      isSwapped = false
      maxima = (255, 255, 255)
      shifts = (0, 8, 16)
    } else {
      byteCount = format.bytesPerPixel
      isSwapped = format.isBigEndian && byteCount > 1
      maxima = (format.redMax, format.greenMax, format.blueMax)
      shifts = (UInt32(format.redShift), UInt32(format.greenShift), UInt32(format.blueShift))
    }
  }

  /// The channels of a word whose low bytes, least significant first, are those on the wire.
  func split(_ word: UInt32) -> (Int, Int, Int) {
    let value = ordered(word)
    return (
      Int(value >> shifts.0) & maxima.0, Int(value >> shifts.1) & maxima.1, Int(value >> shifts.2) & maxima.2
    )
  }

  /// The word of channels, of which only the bits of their maxima count.
  func join(_ channels: (Int, Int, Int)) -> UInt32 {
    ordered(
      UInt32(channels.0 & maxima.0) << shifts.0 | UInt32(channels.1 & maxima.1) << shifts.1
        | UInt32(channels.2 & maxima.2) << shifts.2)
  }

  /// What the filter expects of a pixel from three of its neighbours.
  func prediction(
    left: (Int, Int, Int), above: (Int, Int, Int), aboveLeft: (Int, Int, Int)
  ) -> (Int, Int, Int) {
    (
      min(max(0, left.0 + above.0 - aboveLeft.0), maxima.0),
      min(max(0, left.1 + above.1 - aboveLeft.1), maxima.1),
      min(max(0, left.2 + above.2 - aboveLeft.2), maxima.2)
    )
  }

  private func ordered(_ word: UInt32) -> UInt32 {
    isSwapped ? word.byteSwapped >> UInt32(32 - 8 * byteCount) : word
  }
}
