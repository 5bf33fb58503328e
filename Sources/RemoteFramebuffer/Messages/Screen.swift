/// One screen of a layout (ExtendedDesktopSize).
package struct Screen: Hashable, Sendable {
  package var id: UInt32
  package var area: Rectangle
  package var flags: UInt32

  package init(id: UInt32, area: Rectangle, flags: UInt32 = 0) {
    self.id = id
    self.area = area
    self.flags = flags
  }

  /// Whether screens may be the layout of a desktop: at least one, none empty or outside, no id twice.
  package static func isValidLayout(_ screens: [Screen], width: Int, height: Int) -> Bool {
    let desktop = Rectangle(x: 0, y: 0, width: width, height: height)
    guard !screens.isEmpty else { return false }
    for (index, screen) in screens.enumerated() {
      if screen.area.isEmpty || !desktop.contains(screen.area) { return false }
      if screens[..<index].contains(where: { $0.id == screen.id }) { return false }
    }
    return true
  }
}

/// Who asked for a new size, the `x` of an ExtendedDesktopSize rectangle.
package enum ResizeReason: Int, Sendable {
  /// The server changed it, or answers a full request.
  case server = 0
  /// This client asked.
  case thisClient = 1
  case otherClient = 2
}

/// How a wish for a new size ended, the `y` of an ExtendedDesktopSize rectangle.
package enum ResizeStatus: Int, Sendable {
  case done = 0
  case prohibited = 1
  case outOfResources = 2
  case invalidLayout = 3
  case forwarded = 4
}
