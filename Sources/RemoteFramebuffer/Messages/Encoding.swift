/// The number of an encoding or pseudo-encoding.
package struct Encoding: RawRepresentable, Hashable, Sendable {
  package let rawValue: Int32

  package init(rawValue: Int32) { self.rawValue = rawValue }

  package static let raw = Encoding(rawValue: 0)
  package static let copyRect = Encoding(rawValue: 1)
  package static let rre = Encoding(rawValue: 2)
  package static let hextile = Encoding(rawValue: 5)
  package static let zlib = Encoding(rawValue: 6)
  package static let tight = Encoding(rawValue: 7)
  package static let zrle = Encoding(rawValue: 16)

  package static let desktopSize = Encoding(rawValue: -223)
  package static let lastRectangle = Encoding(rawValue: -224)
  package static let cursor = Encoding(rawValue: -239)
  package static let xCursor = Encoding(rawValue: -240)
  package static let extendedKey = Encoding(rawValue: -258)
  package static let desktopName = Encoding(rawValue: -307)
  package static let extendedDesktopSize = Encoding(rawValue: -308)
  package static let fence = Encoding(rawValue: -312)
  package static let continuousUpdates = Encoding(rawValue: -313)
  package static let extendedMouseButtons = Encoding(rawValue: -316)
  package static let extendedClipboard = Encoding(rawValue: -1_063_131_698)

  /// The encodings of pixels that a server here can send, CopyRect apart.
  package static let pictures: [Encoding] = [.raw, .rre, .hextile, .zlib, .tight, .zrle]

  /// The wish for a zlib level, 0 ... 9.
  package static func compressionLevel(_ level: Int) -> Encoding {
    Encoding(rawValue: -256 + Int32(min(max(0, level), 9)))
  }

  /// The zlib level that the number stands for; nil when it is another number.
  package var compressionLevel: Int? { (-256 ... -247).contains(rawValue) ? Int(rawValue) + 256 : nil }
}

extension Encoding: CustomStringConvertible {
  package var description: String {
    switch self {
    case .raw: "Raw"
    case .copyRect: "CopyRect"
    case .rre: "RRE"
    case .hextile: "Hextile"
    case .zlib: "Zlib"
    case .tight: "Tight"
    case .zrle: "ZRLE"
    case .desktopSize: "DesktopSize"
    case .lastRectangle: "LastRect"
    case .cursor: "Cursor"
    case .xCursor: "XCursor"
    case .extendedKey: "QEMU extended key"
    case .desktopName: "DesktopName"
    case .extendedDesktopSize: "ExtendedDesktopSize"
    case .fence: "Fence"
    case .continuousUpdates: "ContinuousUpdates"
    case .extendedMouseButtons: "ExtendedMouseButtons"
    case .extendedClipboard: "extended clipboard"
    default: "encoding \(rawValue)"
    }
  }
}
