/// A rectangle of framebuffer pixels, origin top left; empty when a side is 0.
package struct Rectangle: Hashable, Sendable {
  package var x: Int
  package var y: Int
  /// Never negative.
  package var width: Int
  /// Never negative.
  package var height: Int

  package static let empty = Rectangle(x: 0, y: 0, width: 0, height: 0)

  /// Negative sides count as 0.
  package init(x: Int, y: Int, width: Int, height: Int) {
    self.x = x
    self.y = y
    self.width = max(0, width)
    self.height = max(0, height)
  }

  package var isEmpty: Bool { width == 0 || height == 0 }
  /// Pixels.
  package var area: Int { width * height }
  /// The first column to the right of it.
  package var endX: Int { x + width }
  /// The first row below it.
  package var endY: Int { y + height }

  package func contains(_ other: Rectangle) -> Bool {
    other.isEmpty || (other.x >= x && other.y >= y && other.endX <= endX && other.endY <= endY)
  }

  package func intersects(_ other: Rectangle) -> Bool { !intersection(other).isEmpty }

  /// What both cover; empty if nothing.
  package func intersection(_ other: Rectangle) -> Rectangle {
    let left = max(x, other.x)
    let top = max(y, other.y)
    let both = Rectangle(
      x: left, y: top, width: min(endX, other.endX) - left, height: min(endY, other.endY) - top)
    return both.isEmpty ? .empty : both
  }

  /// The smallest rectangle that covers both.
  package func union(_ other: Rectangle) -> Rectangle {
    if isEmpty { return other }
    if other.isEmpty { return self }
    let left = min(x, other.x)
    let top = min(y, other.y)
    return Rectangle(
      x: left, y: top, width: max(endX, other.endX) - left, height: max(endY, other.endY) - top)
  }

  /// The parts of it that `other` does not cover: at most four, disjoint.
  package func subtracting(_ other: Rectangle) -> [Rectangle] {
    let hole = intersection(other)
    guard !hole.isEmpty else { return isEmpty ? [] : [self] }
    return [
      Rectangle(x: x, y: y, width: width, height: hole.y - y),
      Rectangle(x: x, y: hole.y, width: hole.x - x, height: hole.height),
      Rectangle(x: hole.endX, y: hole.y, width: endX - hole.endX, height: hole.height),
      Rectangle(x: x, y: hole.endY, width: width, height: endY - hole.endY),
    ].filter { !$0.isEmpty }
  }
}

extension Rectangle: CustomStringConvertible {
  package var description: String { "\(width)x\(height)+\(x)+\(y)" }
}
