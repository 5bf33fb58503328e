extension PixelFormat {
  /// Bytes of a format on the wire.
  static let wireSize = 16

  init(_ input: InputBuffer, at offset: Int) {
    self.init(
      bitsPerPixel: Int(input.uint8(at: offset)), depth: Int(input.uint8(at: offset + 1)),
      isBigEndian: input.uint8(at: offset + 2) != 0, isTrueColour: input.uint8(at: offset + 3) != 0,
      redMax: input.uint16(at: offset + 4), greenMax: input.uint16(at: offset + 6),
      blueMax: input.uint16(at: offset + 8), redShift: Int(input.uint8(at: offset + 10)),
      greenShift: Int(input.uint8(at: offset + 11)), blueShift: Int(input.uint8(at: offset + 12)))
  }

  func write(to sink: ByteSink) {
    sink.uint8(UInt8(truncatingIfNeeded: bitsPerPixel))
    sink.uint8(UInt8(truncatingIfNeeded: depth))
    sink.uint8(isBigEndian ? 1 : 0)
    sink.uint8(isTrueColour ? 1 : 0)
    sink.uint16(redMax)
    sink.uint16(greenMax)
    sink.uint16(blueMax)
    sink.uint8(UInt8(truncatingIfNeeded: redShift))
    sink.uint8(UInt8(truncatingIfNeeded: greenShift))
    sink.uint8(UInt8(truncatingIfNeeded: blueShift))
    sink.zeros(3)
  }

  /// What makes the format unusable, by the tests of TigerVNC; nil when nothing does. One test is milder: 8-bit pixels
  /// may use more bits than their depth says, because LibVNCClient announces depth 6 for 3 + 3 + 2 bits.
  package var fault: Fault? {
    guard bitsPerPixel == 8 || bitsPerPixel == 16 || bitsPerPixel == 32 else { return .bitsPerPixel(bitsPerPixel) }
    guard depth >= 1, depth <= bitsPerPixel else { return .depth(depth) }
    guard isTrueColour else { return bitsPerPixel == 8 && depth == 8 ? nil : .colourMapDepth }
    let channels = [(redMax, redShift), (greenMax, greenShift), (blueMax, blueShift)]
    var used: UInt64 = 0
    var bits = 0
    for (maximum, _) in channels {
      guard maximum >= 0, maximum <= 255, maximum & (maximum + 1) == 0 else { return .maximum(maximum) }
      bits += maximum.nonzeroBitCount
    }
    guard bits <= (bitsPerPixel == 8 ? 8 : depth) else { return .tooManyBits }
    for (maximum, shift) in channels {
      guard shift >= 0, maximum.nonzeroBitCount + shift <= bitsPerPixel else { return .shift(shift) }
      let mask = UInt64(maximum) << UInt64(shift)
      guard used & mask == 0 else { return .overlap }
      used |= mask
    }
    return nil
  }

  /// The value of a colour `0x00RRGGBB` (spec/04 §1.4); of a colour-map format in the map ``standardMap``.
  package func value(of colour: UInt32) -> UInt32 {
    let format = isTrueColour ? self : .mapped
    return PixelFormat.scale(colour >> 16 & 0xff, to: format.redMax) << UInt32(format.redShift)
      | PixelFormat.scale(colour >> 8 & 0xff, to: format.greenMax) << UInt32(format.greenShift)
      | PixelFormat.scale(colour & 0xff, to: format.blueMax) << UInt32(format.blueShift)
  }

  /// The colour `0x00RRGGBB` nearest to a value; of a colour-map format in the map ``standardMap``.
  package func colour(of value: UInt32) -> UInt32 {
    let format = isTrueColour ? self : .mapped
    return PixelFormat.widen(value >> UInt32(format.redShift), from: format.redMax) << 16
      | PixelFormat.widen(value >> UInt32(format.greenShift), from: format.greenMax) << 8
      | PixelFormat.widen(value >> UInt32(format.blueShift), from: format.blueMax)
  }

  /// What a viewer sees of a colour that travelled in this format.
  package func rounded(_ colour: UInt32) -> UInt32 { self.colour(of: value(of: colour)) }

  /// The colours of the map that is sent for a colour-map format: 3 bits of red, 3 of green, 2 of blue.
  package static let standardMap: [UInt32] = (0..<256).map { PixelFormat.mapped.colour(of: $0) }

  /// Whether pixels are plain `0x00RRGGBB` numbers in little-endian order.
  var isPlain: Bool {
    isTrueColour && bitsPerPixel == 32 && !isBigEndian && redMax == 255 && greenMax == 255 && blueMax == 255
      && redShift == 16 && greenShift == 8 && blueShift == 0
  }

  /// True colours whose value is the index into ``standardMap``.
  static let mapped = PixelFormat(
    bitsPerPixel: 8, depth: 8, redMax: 7, greenMax: 7, blueMax: 3, redShift: 0, greenShift: 3, blueShift: 6)

  static func scale(_ channel: UInt32, to maximum: Int) -> UInt32 { (channel * UInt32(maximum) + 127) / 255 }

  static func widen(_ bits: UInt32, from maximum: Int) -> UInt32 {
    guard maximum > 0 else { return 0 }
    let maximum = UInt32(maximum)
    return ((bits & maximum) * 255 + maximum / 2) / maximum
  }

  /// How a pixel is written where its encoding may shorten it (spec/04 §1.4).
  enum Packing {
    /// All bytes.
    case pixel
    /// ZRLE.
    case compressed
    /// Tight.
    case tight
  }

  /// The place of the three bytes of a compressed pixel in its four; nil when it is not shortened.
  var compressedBytes: CompressedPixel? {
    guard isTrueColour, bitsPerPixel == 32, depth <= 24 else { return nil }
    let used = value(of: 0xff_ffff)
    if used & 0xff00_0000 == 0 { return .low }
    return used & 0xff == 0 ? .high : nil
  }

  enum CompressedPixel { case low, high }

  /// Whether Tight sends pixels as red, green and blue bytes.
  var hasTightPixels: Bool {
    isTrueColour && bitsPerPixel == 32 && depth == 24 && redMax == 255 && greenMax == 255 && blueMax == 255
  }
}
