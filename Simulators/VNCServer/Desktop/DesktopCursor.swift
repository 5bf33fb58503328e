import RemoteFramebuffer

/// The desktop's pointer: an arrow of our own.
enum DesktopCursor {
  /// One row a number, the leftmost of its eight dots in the highest bit.
  private static let rows: [UInt8] = [0x80, 0xc0, 0xe0, 0xf0, 0xf8, 0xfc, 0xfe, 0xf0, 0xd8, 0x98, 0x0c, 0x0c]

  static let arrow: Cursor = {
    var pixels: [UInt32] = []
    var mask: [Bool] = []
    for (index, row) in rows.enumerated() {
      for column in 0..<8 {
        let isSet = row & (0x80 >> UInt8(column)) != 0
        mask.append(isSet)
        // White with a dark left edge.
        pixels.append(isSet && (column == 0 || index % 4 == 3) ? 0x10_1010 : isSet ? 0xff_ffff : 0)
      }
    }
    return Cursor(hotspotX: 0, hotspotY: 0, width: 8, height: rows.count, pixels: pixels, mask: mask)
  }()
}
