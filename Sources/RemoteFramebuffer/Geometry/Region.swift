/// A set of pixels as disjoint rectangles.
package struct Region: Hashable, Sendable {
  /// Disjoint, none empty, in the order in which they came.
  package private(set) var rectangles: [Rectangle] = []

  package init() {}

  package init(_ rectangle: Rectangle) {
    if !rectangle.isEmpty { rectangles = [rectangle] }
  }

  package var isEmpty: Bool { rectangles.isEmpty }
  /// Pixels.
  package var area: Int { rectangles.reduce(0) { $0 + $1.area } }
  /// The smallest rectangle that covers it.
  package var bounds: Rectangle { rectangles.reduce(.empty) { $0.union($1) } }

  package mutating func add(_ rectangle: Rectangle) {
    guard !rectangle.isEmpty, !rectangles.contains(where: { $0.contains(rectangle) }) else { return }
    rectangles.removeAll { rectangle.contains($0) }
    var parts = [rectangle]
    for present in rectangles { parts = parts.flatMap { $0.subtracting(present) } }
    rectangles += parts
  }

  package mutating func add(_ other: Region) {
    for rectangle in other.rectangles { add(rectangle) }
  }

  package mutating func subtract(_ rectangle: Rectangle) {
    guard rectangles.contains(where: { $0.intersects(rectangle) }) else { return }
    rectangles = rectangles.flatMap { $0.subtracting(rectangle) }
  }

  package mutating func subtract(_ other: Region) {
    for rectangle in other.rectangles { subtract(rectangle) }
  }

  package mutating func removeAll() { rectangles.removeAll(keepingCapacity: true) }

  package func intersection(_ rectangle: Rectangle) -> Region {
    var both = Region()
    both.rectangles = rectangles.map { $0.intersection(rectangle) }.filter { !$0.isEmpty }
    return both
  }

  package func intersection(_ other: Region) -> Region {
    var both = Region()
    both.rectangles = other.rectangles.flatMap { intersection($0).rectangles }
    return both
  }
}
