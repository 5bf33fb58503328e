import RemoteFramebuffer

/// The lines of text in a rectangle of a desktop; it begins anew at the top when it is full.
struct TextArea {
  /// Where it is; at least one cell, or nothing is ever shown.
  private(set) var frame: Rectangle
  /// Latin-1, from the top; at least one line.
  private(set) var lines: [[UInt8]] = [[]]

  private static let margin = 4

  init(frame: Rectangle) { self.frame = frame }

  private var columns: Int { (frame.width - 2 * Self.margin) / PixelFont.cellWidth }
  private var rows: Int { (frame.height - 2 * Self.margin) / PixelFont.cellHeight }

  /// Takes the keysym of a pressed key; what changed.
  mutating func type(_ keysym: UInt32) -> Rectangle {
    guard columns > 0, rows > 0 else { return .empty }
    switch keysym {
    case 0x20...0x7e, 0xa0...0xff: return append(UInt8(keysym))
    case 0xff0d, 0xff8d: return breakLine()
    case 0xff08:
      guard !lines[lines.count - 1].isEmpty else { return .empty }
      lines[lines.count - 1].removeLast()
      return cell(row: lines.count - 1, column: lines[lines.count - 1].count)
    default: return .empty
    }
  }

  /// Goes to a rectangle of another size; text that does not fit is forgotten.
  mutating func move(to frame: Rectangle) {
    self.frame = frame
    if lines.count > max(1, rows) { lines = [[]] }
    for index in lines.indices where lines[index].count > columns {
      lines[index] = Array(lines[index].prefix(max(0, columns)))
    }
  }

  private mutating func append(_ character: UInt8) -> Rectangle {
    var changed = Rectangle.empty
    if lines[lines.count - 1].count >= columns { changed = breakLine() }
    lines[lines.count - 1].append(character)
    return changed.union(cell(row: lines.count - 1, column: lines[lines.count - 1].count - 1))
  }

  private mutating func breakLine() -> Rectangle {
    if lines.count < rows {
      lines.append([])
      return .empty
    }
    lines = [[]]
    return frame
  }

  private func cell(row: Int, column: Int) -> Rectangle {
    Rectangle(
      x: frame.x + Self.margin + column * PixelFont.cellWidth, y: frame.y + Self.margin + row * PixelFont.cellHeight,
      width: PixelFont.cellWidth, height: PixelFont.cellHeight)
  }

  func draw(_ colours: (paper: UInt32, ink: UInt32), in clip: Rectangle, on picture: inout Framebuffer) {
    let clip = clip.intersection(frame)
    guard !clip.isEmpty else { return }
    picture.fill(clip, colours.paper)
    for (row, line) in lines.enumerated() {
      let place = cell(row: row, column: 0)
      guard place.y < clip.endY, place.endY > clip.y else { continue }
      PixelFont.draw(line, x: place.x, y: place.y, colours.ink, in: clip, on: &picture)
    }
  }
}
