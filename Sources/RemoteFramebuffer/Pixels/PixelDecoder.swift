/// Turns the bytes of a pixel format into colours `0x00RRGGBB`.
final class PixelDecoder {
  /// Bytes of a pixel: 1 ... 4.
  let byteCount: Int
  private enum Kind { case table, plain, tight, channels }
  private let kind: Kind
  private let isSwapped: Bool
  /// Bits by which three bytes lie too low.
  private let lift: UInt32
  private let format: PixelFormat
  // For bytes: the colours. Otherwise what each of three channels gives for its bits.
  private let tables: UnsafeMutablePointer<UInt32>

  /// - Parameter map: the colours of a colour-map format; missing ones are black.
  init(_ format: PixelFormat, _ packing: PixelFormat.Packing, map: [UInt32] = []) {
    self.format = format
    let isShort: Bool
    switch packing {
    case .pixel: isShort = false
    case .compressed: isShort = format.compressedBytes != nil
    case .tight: isShort = format.hasTightPixels
    }
    byteCount = isShort ? 3 : format.bytesPerPixel
    isSwapped = format.isBigEndian && byteCount > 1
    lift = isShort && packing == .compressed && format.compressedBytes == .high ? 8 : 0
    tables = .allocate(capacity: 768)
    tables.initialize(repeating: 0, count: 768)
    if byteCount == 1 {
      kind = .table
      for value in 0..<256 {
        tables[value] =
          format.isTrueColour ? format.colour(of: UInt32(value)) : value < map.count ? map[value] & 0xff_ffff : 0
      }
    } else if isShort && packing == .tight {
      kind = .tight
    } else if format.isPlain {
      kind = .plain
    } else {
      kind = .channels
      for bits in 0..<256 {
        tables[bits] = PixelFormat.widen(UInt32(bits), from: format.redMax) << 16
        tables[256 + bits] = PixelFormat.widen(UInt32(bits), from: format.greenMax) << 8
        tables[512 + bits] = PixelFormat.widen(UInt32(bits), from: format.blueMax)
      }
    }
  }

  deinit { tables.deallocate() }

  /// The colour of the pixel at a place.
  @inline(__always)
  func colour(_ bytes: UnsafePointer<UInt8>) -> UInt32 {
    switch kind {
    case .table: return tables[Int(bytes[0])]
    case .tight: return UInt32(bytes[0]) << 16 | UInt32(bytes[1]) << 8 | UInt32(bytes[2])
    case .plain: return UInt32(bytes[0]) | UInt32(bytes[1]) << 8 | UInt32(bytes[2]) << 16
    case .channels: return colour(ofValue: value(bytes))
    }
  }

  /// The colours of pixels in a row.
  func decode(_ bytes: UnsafePointer<UInt8>, _ colours: UnsafeMutablePointer<UInt32>, count: Int) {
    if kind == .plain && byteCount == 4 {
      let raw = UnsafeRawPointer(bytes)
      for index in 0..<count {
        colours[index] =
          UInt32(littleEndian: raw.loadUnaligned(fromByteOffset: index * 4, as: UInt32.self)) & 0xff_ffff
      }
      return
    }
    var place = bytes
    for index in 0..<count {
      colours[index] = colour(place)
      place += byteCount
    }
  }

  /// The channels of a pixel as its format has them: red, green, blue, each 0 ... its maximum.
  func channels(_ bytes: UnsafePointer<UInt8>) -> (UInt32, UInt32, UInt32) {
    if kind == .tight { return (UInt32(bytes[0]), UInt32(bytes[1]), UInt32(bytes[2])) }
    let value = value(bytes)
    return (
      value >> UInt32(format.redShift) & UInt32(format.redMax),
      value >> UInt32(format.greenShift) & UInt32(format.greenMax),
      value >> UInt32(format.blueShift) & UInt32(format.blueMax)
    )
  }

  /// The colour of channels as the format has them.
  func colour(_ red: UInt32, _ green: UInt32, _ blue: UInt32) -> UInt32 {
    PixelFormat.widen(red, from: format.redMax) << 16 | PixelFormat.widen(green, from: format.greenMax) << 8
      | PixelFormat.widen(blue, from: format.blueMax)
  }

  @inline(__always)
  private func value(_ bytes: UnsafePointer<UInt8>) -> UInt32 {
    switch byteCount {
    case 1: return UInt32(bytes[0])
    case 2:
      let low = UInt32(bytes[isSwapped ? 1 : 0])
      return low | UInt32(bytes[isSwapped ? 0 : 1]) << 8
    case 3:
      let low = UInt32(bytes[isSwapped ? 2 : 0])
      return (low | UInt32(bytes[1]) << 8 | UInt32(bytes[isSwapped ? 0 : 2]) << 16) << lift
    default:
      let word = UnsafeRawPointer(bytes).loadUnaligned(as: UInt32.self)
      return isSwapped ? UInt32(bigEndian: word) : UInt32(littleEndian: word)
    }
  }

  @inline(__always)
  private func colour(ofValue value: UInt32) -> UInt32 {
    tables[Int(value >> UInt32(format.redShift) & UInt32(format.redMax))]
      | tables[256 + Int(value >> UInt32(format.greenShift) & UInt32(format.greenMax))]
      | tables[512 + Int(value >> UInt32(format.blueShift) & UInt32(format.blueMax))]
  }
}
