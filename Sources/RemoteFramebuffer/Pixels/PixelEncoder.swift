/// Turns colours into the bytes of a pixel format. A colour becomes a *word*, whose low bytes, least significant first,
/// are the bytes on the wire whatever the format: byte order and shortening are in the tables.
final class PixelEncoder {
  /// Bytes of a pixel: 1 ... 4.
  let byteCount: Int
  /// Words are the colours themselves.
  let isIdentity: Bool
  // Three tables of 256 words: what each channel contributes.
  private let tables: UnsafeMutablePointer<UInt32>

  init(_ format: PixelFormat, _ packing: PixelFormat.Packing) {
    tables = .allocate(capacity: 768)
    tables.initialize(repeating: 0, count: 768)
    let isShort: Bool
    switch packing {
    case .pixel: isShort = false
    case .compressed: isShort = format.compressedBytes != nil
    case .tight: isShort = format.hasTightPixels
    }
    byteCount = isShort ? 3 : format.bytesPerPixel
    isIdentity = format.isPlain && packing != .tight
    for channel in 0..<3 {
      for level in 0..<256 {
        let colour = UInt32(level) << UInt32(16 - 8 * channel)
        tables[channel * 256 + level] = PixelEncoder.word(format.value(of: colour), colour, format, packing, isShort)
      }
    }
  }

  deinit { tables.deallocate() }

  private static func word(
    _ value: UInt32, _ colour: UInt32, _ format: PixelFormat, _ packing: PixelFormat.Packing, _ isShort: Bool
  ) -> UInt32 {
    if isShort && packing == .tight { return colour.byteSwapped >> 8 }
    if isShort {
      let bytes = format.compressedBytes == .low ? value : value >> 8
      return format.isBigEndian ? bytes.byteSwapped >> 8 : bytes
    }
    return format.isBigEndian ? value.byteSwapped >> UInt32(32 - format.bitsPerPixel) : value
  }

  /// The words of colours.
  func translate(_ colours: UnsafePointer<UInt32>, _ words: UnsafeMutablePointer<UInt32>, count: Int) {
    if isIdentity {
      words.update(from: colours, count: count)
      return
    }
    let red = tables
    let green = tables + 256
    let blue = tables + 512
    for index in 0..<count {
      let colour = colours[index]
      words[index] =
        red[Int(colour >> 16 & 0xff)] | green[Int(colour >> 8 & 0xff)] | blue[Int(colour & 0xff)]
    }
  }

  /// Writes the bytes of words; returns the place behind them.
  @discardableResult
  func emit(
    _ words: UnsafePointer<UInt32>, count: Int, to bytes: UnsafeMutablePointer<UInt8>
  ) -> UnsafeMutablePointer<UInt8> {
    switch byteCount {
    case 1:
      for index in 0..<count { bytes[index] = UInt8(truncatingIfNeeded: words[index]) }
    case 2:
      let raw = UnsafeMutableRawPointer(bytes)
      for index in 0..<count {
        raw.storeBytes(
          of: UInt16(truncatingIfNeeded: words[index]).littleEndian, toByteOffset: index * 2, as: UInt16.self)
      }
    case 3:
      var place = bytes
      for index in 0..<count {
        let word = words[index]
        place[0] = UInt8(truncatingIfNeeded: word)
        place[1] = UInt8(truncatingIfNeeded: word >> 8)
        place[2] = UInt8(truncatingIfNeeded: word >> 16)
        place += 3
      }
    default:
      // Hosts are little-endian wherever Swift runs; the words are copied as they are.
      UnsafeMutableRawPointer(bytes).copyMemory(from: words, byteCount: count * 4)
    }
    return bytes + count * byteCount
  }

  /// Writes the bytes of one word; returns the place behind them.
  @inline(__always)
  func emit(_ word: UInt32, to bytes: UnsafeMutablePointer<UInt8>) -> UnsafeMutablePointer<UInt8> {
    bytes[0] = UInt8(truncatingIfNeeded: word)
    if byteCount > 1 { bytes[1] = UInt8(truncatingIfNeeded: word >> 8) }
    if byteCount > 2 { bytes[2] = UInt8(truncatingIfNeeded: word >> 16) }
    if byteCount > 3 { bytes[3] = UInt8(truncatingIfNeeded: word >> 24) }
    return bytes + byteCount
  }
}
