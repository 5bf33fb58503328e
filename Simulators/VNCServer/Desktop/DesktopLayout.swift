import RemoteFramebuffer

/// Where things are on a desktop of a size. On one too small for something its rectangle is empty or cut.
struct DesktopLayout: Equatable {
  let bounds: Rectangle
  /// The bar along the top: marker at its left, clock at its right.
  let bar: Rectangle
  /// Shows the serial number of the last input as colour (spec/06 §4).
  let marker: Rectangle
  let clock: Rectangle
  /// The region that changes at the video rate.
  let video: Rectangle
  /// Where typed text appears.
  let text: Rectangle
  /// Where the window may be and the trail is drawn. Nothing in it covers the window.
  let workspace: Rectangle

  static let barHeight = 16
  static let markerSide = 8
  static let videoSide = 64
  static let titleHeight = 16
  /// Width of the column at the right that holds the video region.
  private static let videoColumn = 96

  init(width: Int, height: Int) {
    let bounds = Rectangle(x: 0, y: 0, width: width, height: height)
    self.bounds = bounds
    let side = Self.videoSide
    let clockWidth = 8 * PixelFont.cellWidth
    bar = Rectangle(x: 0, y: 0, width: width, height: Self.barHeight).intersection(bounds)
    marker = Rectangle(x: 0, y: 0, width: Self.markerSide, height: Self.markerSide).intersection(bounds)
    clock = Rectangle(x: max(16, width - clockWidth - 4), y: 2, width: clockWidth, height: PixelFont.cellHeight)
      .intersection(bounds)
    video = Rectangle(x: max(0, width - side - 16), y: max(0, height - side - 16), width: side, height: side)
      .intersection(bounds)
    workspace = Rectangle(
      x: 0, y: Self.barHeight, width: width - Self.videoColumn, height: height - Self.barHeight)
    text = Rectangle(x: 8, y: 24, width: workspace.width / 2, height: height - 32).intersection(workspace)
  }

  /// Size of the window; 0x0 where there is no room for one.
  var windowSize: (width: Int, height: Int) {
    workspace.width >= 40 && workspace.height >= 40 ? (workspace.width * 2 / 5, workspace.height / 2) : (0, 0)
  }

  /// The nearest place to (`x`, `y`) at which the window lies in the workspace.
  func window(nearX x: Int, y: Int) -> Rectangle {
    let (width, height) = windowSize
    guard width > 0 else { return .empty }
    return Rectangle(
      x: min(max(x, workspace.x), workspace.endX - width), y: min(max(y, workspace.y), workspace.endY - height),
      width: width, height: height)
  }
}
