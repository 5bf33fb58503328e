import RemoteFramebuffer

/// The desktop's own letters: 3x5 dots each, drawn at twice the size in cells of 8x12 pixels.
///
/// It has the characters from space to `_`; small letters look like capitals, everything else is a box.
enum PixelFont {
  static let cellWidth = 8
  static let cellHeight = 12
  private static let dot = 2

  /// One glyph a number: five octal digits, one a row from the top, the leftmost dot in the highest bit.
  private static let glyphs: [UInt16] = [
    0o00000, 0o22202, 0o55000, 0o57575, 0o36236, 0o51245, 0o25256, 0o22000,  // space to '
    0o12221, 0o42224, 0o05250, 0o02720, 0o00024, 0o00700, 0o00002, 0o11244,  // ( to /
    0o75557, 0o26227, 0o71747, 0o71717, 0o55711, 0o74717, 0o74757, 0o71111,  // 0 to 7
    0o75757, 0o75717, 0o02020, 0o02024, 0o12421, 0o07070, 0o42124, 0o71202,  // 8 to ?
    0o75747, 0o25755, 0o65656, 0o34443, 0o65556, 0o74647, 0o74644, 0o34553,  // @ to G
    0o55755, 0o72227, 0o11152, 0o55655, 0o44447, 0o57755, 0o65555, 0o25552,  // H to O
    0o65644, 0o25573, 0o65655, 0o34216, 0o72222, 0o55557, 0o55552, 0o55775,  // P to W
    0o55255, 0o55222, 0o71247, 0o64446, 0o44211, 0o31113, 0o25000, 0o00007,  // X to _
  ]
  private static let box: UInt16 = 0o77777

  /// The dots of a character (Latin-1).
  private static func glyph(_ character: UInt8) -> UInt16 {
    let capital = (0x61...0x7a).contains(character) ? character - 0x20 : character
    guard (0x20...0x5f).contains(capital) else { return box }
    return glyphs[Int(capital) - 0x20]
  }

  /// Draws what of a character lies inside `clip`; (`x`, `y`) is the corner of its cell.
  static func draw(
    _ character: UInt8, x: Int, y: Int, _ colour: UInt32, in clip: Rectangle, on picture: inout Framebuffer
  ) {
    let dots = glyph(character)
    guard dots != 0, clip.intersects(Rectangle(x: x, y: y, width: cellWidth, height: cellHeight)) else { return }
    for row in 0..<5 {
      let bits = dots >> UInt16(3 * (4 - row)) & 7
      for column in 0..<3 where bits & (4 >> UInt16(column)) != 0 {
        let rectangle = Rectangle(x: x + 1 + column * dot, y: y + 1 + row * dot, width: dot, height: dot)
        picture.fill(rectangle.intersection(clip), colour)
      }
    }
  }

  /// Draws what of a line of text lies inside `clip`.
  static func draw(
    _ text: [UInt8], x: Int, y: Int, _ colour: UInt32, in clip: Rectangle, on picture: inout Framebuffer
  ) {
    for (index, character) in text.enumerated() {
      draw(character, x: x + index * cellWidth, y: y, colour, in: clip, on: &picture)
    }
  }
}
