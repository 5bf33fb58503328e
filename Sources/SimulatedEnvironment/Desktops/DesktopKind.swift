/// What the image of a container runs.
enum DesktopKind: Equatable {
  /// An RFB desktop of that size.
  case framebuffer(width: Int, height: Int)
  /// A desktop that echoes bytes (VNC-K-02).
  case raw

  /// The screen of spec/06 §4, and the smaller one of load and chaos cases.
  private static let screen = DesktopKind.framebuffer(width: 1_280, height: 800)
  private static let smallScreen = DesktopKind.framebuffer(width: 320, height: 200)

  /// Nil: nothing that a tunnel reaches. A tag of the form `320x200` gives the size of the screen.
  init?(image: String) {
    guard !image.contains("linuxserver/"), !image.contains("code-server") else { return nil }
    let name = image.prefix { $0 != ":" }
    if name.hasSuffix("/vnc-raw") {
      self = .raw
    } else if let size = Self.size(image.dropFirst(name.count + 1)) {
      self = size
    } else {
      self = name.hasSuffix("/xterm-vnc") ? Self.smallScreen : Self.screen
    }
  }

  private static func size(_ tag: Substring) -> DesktopKind? {
    let sides = tag.split(separator: "x").compactMap { Int($0) }
    guard sides.count == 2, sides.allSatisfy({ $0 > 0 }) else { return nil }
    return .framebuffer(width: sides[0], height: sides[1])
  }
}
