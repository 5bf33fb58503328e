/// A picture of 24-bit colours.
package struct Framebuffer: Sendable {
  package private(set) var width: Int
  package private(set) var height: Int
  /// Rows from top to bottom, each pixel `0x00RRGGBB`.
  package private(set) var pixels: [UInt32]

  /// Largest side (spec/04 §1.4).
  package static let maximumSide = 16_384

  /// Sides are taken into `0 ... maximumSide`.
  package init(width: Int, height: Int, colour: UInt32 = 0) {
    self.width = min(max(0, width), Framebuffer.maximumSide)
    self.height = min(max(0, height), Framebuffer.maximumSide)
    pixels = [UInt32](repeating: colour & 0xff_ffff, count: self.width * self.height)
  }

  package var bounds: Rectangle { Rectangle(x: 0, y: 0, width: width, height: height) }

  /// The colour at a place inside ``bounds``.
  package subscript(x: Int, y: Int) -> UInt32 {
    get { pixels[y * width + x] }
    set { pixels[y * width + x] = newValue & 0xff_ffff }
  }

  /// Paints what of `rectangle` lies inside.
  package mutating func fill(_ rectangle: Rectangle, _ colour: UInt32) {
    let part = rectangle.intersection(bounds)
    guard !part.isEmpty else { return }
    let width = width
    let colour = colour & 0xff_ffff
    pixels.withUnsafeMutableBufferPointer { pixels in
      for row in part.y..<part.endY {
        let start = row * width + part.x
        pixels[start..<(start + part.width)].update(repeating: colour)
      }
    }
  }

  /// Copies the pixels of `source` so that its corner comes to (`x`, `y`), as a move of a snapshot; both must lie inside.
  package mutating func copy(_ source: Rectangle, toX x: Int, y: Int) {
    guard bounds.contains(source), bounds.contains(Rectangle(x: x, y: y, width: source.width, height: source.height))
    else { return }
    let width = width
    pixels.withUnsafeMutableBufferPointer { pixels in
      guard let base = pixels.baseAddress else { return }
      for step in 0..<source.height {
        // Downwards the last row goes first, so that no row is overwritten before it was read.
        let row = y <= source.y ? step : source.height - 1 - step
        // `update` allows the areas to overlap.
        (base + (y + row) * width + x).update(from: base + (source.y + row) * width + source.x, count: source.width)
      }
    }
  }

  /// Writes the pixels of a rectangle that lies inside through `body`, which gets each row's number in the rectangle and
  /// the place of its first pixel.
  package mutating func withRows(
    of rectangle: Rectangle, _ body: (_ row: Int, _ pixels: UnsafeMutablePointer<UInt32>) -> Void
  ) {
    guard !rectangle.isEmpty, bounds.contains(rectangle) else { return }
    let width = width
    pixels.withUnsafeMutableBufferPointer { pixels in
      guard let base = pixels.baseAddress else { return }
      for row in 0..<rectangle.height { body(row, base + (rectangle.y + row) * width + rectangle.x) }
    }
  }

  /// Keeps what fits of the picture; the rest is black.
  package mutating func resize(width: Int, height: Int) {
    var new = Framebuffer(width: width, height: height)
    let columns = min(self.width, new.width)
    for row in 0..<min(self.height, new.height) {
      let start = row * self.width
      new.pixels.replaceSubrange(
        (row * new.width)..<(row * new.width + columns), with: pixels[start..<(start + columns)])
    }
    self = new
  }

  /// The bounding rectangle of the pixels that differ; nil when none do. Pictures of different sizes differ everywhere.
  package func difference(from other: Framebuffer) -> Rectangle? {
    guard width == other.width, height == other.height else { return bounds.union(other.bounds) }
    guard pixels != other.pixels else { return nil }
    var found = Rectangle.empty
    for row in 0..<height {
      let range = (row * width)..<((row + 1) * width)
      guard pixels[range] != other.pixels[range] else { continue }
      for index in range where pixels[index] != other.pixels[index] {
        found = found.union(Rectangle(x: index - row * width, y: row, width: 1, height: 1))
      }
    }
    return found
  }
}
