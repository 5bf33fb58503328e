import RemoteFramebuffer

/// What one client has asked for and what of its picture is out of date (spec/04 §1.5).
///
/// It holds that the client's picture, after ``copies`` in their order, differs from the desktop's inside ``changed`` only.
struct UpdateTracker {
  /// The framebuffer as the client knows it.
  private(set) var bounds: Rectangle
  private(set) var requested = Region()
  private(set) var changed: Region
  /// Moves that the client can make itself before it gets pixels.
  private(set) var copies: [PictureChange.Move] = []
  /// Where changes are sent unasked; nil: continuous updates are off.
  private(set) var continuous: Rectangle?
  /// The least rectangle around all the client ever asked for.
  private(set) var interest = Rectangle.empty

  /// Beyond this many rectangles a region is taken as the rectangle around it.
  private static let finest = 64
  private static let mostCopies = 8

  /// Nothing has been sent yet: all is changed.
  init(bounds: Rectangle) {
    self.bounds = bounds
    changed = Region(bounds)
  }

  /// Something is requested, or comes unasked.
  var isOpen: Bool { !requested.isEmpty || continuous != nil }

  /// An update would hold pixels or copies.
  var isDue: Bool {
    guard isOpen else { return false }
    if let continuous, touches(continuous) { return true }
    return requested.rectangles.contains(where: touches)
  }

  private func touches(_ wanted: Rectangle) -> Bool {
    changed.rectangles.contains { $0.intersects(wanted) } || copies.contains { $0.destination.intersects(wanted) }
  }

  /// Nothing of what the client ever asked for is out of date.
  var isCurrent: Bool { !touches(interest) }

  mutating func request(_ rectangle: Rectangle, isIncremental: Bool) {
    let part = rectangle.intersection(bounds)
    guard !part.isEmpty else { return }
    interest = interest.union(part)
    if !isIncremental {
      if copies.contains(where: { $0.destination.intersects(part) }) { forgetCopies() }
      mark(part)
    } else if continuous != nil {
      return
    }
    requested.add(part)
    if requested.rectangles.count > Self.finest { requested = Region(requested.bounds) }
  }

  mutating func setContinuous(_ rectangle: Rectangle?) {
    continuous = rectangle?.intersection(bounds)
    guard let continuous else { return }
    interest = interest.union(continuous)
    requested.removeAll()
  }

  /// The picture changed; `canCopy`: the client takes copies.
  mutating func apply(_ change: PictureChange, canCopy: Bool) {
    if let move = change.move { apply(move, canCopy: canCopy) }
    for rectangle in change.damage.rectangles { mark(rectangle) }
  }

  private mutating func apply(_ move: PictureChange.Move, canCopy: Bool) {
    let destination = move.destination
    guard canCopy, bounds.contains(move.source), bounds.contains(destination) else { return mark(destination) }
    // What was out of date at the source is so at the destination now, and nothing else there is.
    let stale = changed.intersection(move.source)
    changed.subtract(destination)
    for part in stale.rectangles {
      changed.add(
        Rectangle(
          x: part.x - move.source.x + move.x, y: part.y - move.source.y + move.y, width: part.width,
          height: part.height))
    }
    if let last = copies.last, last.destination == move.source {
      copies[copies.count - 1] = PictureChange.Move(source: last.source, x: move.x, y: move.y)
    } else {
      copies.append(move)
    }
    if copies.count > Self.mostCopies { forgetCopies() }
    coarsen()
  }

  /// Has the client's pixels sent where they could have been copied.
  private mutating func forgetCopies() {
    let moved = copies
    copies.removeAll()
    for copy in moved { mark(copy.destination) }
  }

  private mutating func mark(_ rectangle: Rectangle) {
    changed.add(rectangle.intersection(bounds))
    coarsen()
  }

  private mutating func coarsen() {
    if changed.rectangles.count > Self.finest { changed = Region(changed.bounds) }
  }

  /// All is changed: the client's pixels are in another format.
  mutating func invalidate() {
    copies.removeAll()
    changed = Region(bounds)
  }

  /// The client has learnt of another size: it has to ask anew.
  mutating func resize(to bounds: Rectangle) {
    self.bounds = bounds
    requested.removeAll()
    continuous = continuous.map { $0.intersection(bounds) }
    interest = interest.intersection(bounds)
    invalidate()
  }

  /// What an update that is written now holds; it answers all requests so far.
  mutating func take() -> (copies: [PictureChange.Move], pixels: Region) {
    var wanted = requested
    if let continuous { wanted.add(continuous) }
    requested.removeAll()
    let isWhole = copies.allSatisfy { copy in
      var left = Region(copy.destination)
      left.subtract(wanted)
      return left.isEmpty
    }
    if !isWhole { forgetCopies() }
    let moved = copies
    copies.removeAll()
    let pixels = changed.intersection(wanted)
    changed.subtract(pixels)
    return (moved, pixels)
  }
}
