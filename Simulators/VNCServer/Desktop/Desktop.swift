import RemoteFramebuffer

/// A desktop that reacts to keys and pointer: a picture, all of it determined by a seed and by what was done to it.
///
/// The pixels exist only while somebody looks (``showPicture()``); what they show is kept apart from them, so the picture
/// that comes back is the one that would have been there all along.
package struct Desktop {
  let seed: UInt64
  let content: DesktopContent
  private(set) var layout: DesktopLayout
  /// The pixels; nil while nobody looks.
  package private(set) var picture: Framebuffer?
  /// Inputs so far; the colour of the marker.
  package private(set) var serial = 0
  /// Changes of the video region so far; what it shows.
  package private(set) var videoSerial = 0
  private(set) var text: TextArea
  private(set) var window: Rectangle
  /// Where the pointer was, the last place last.
  private(set) var trail: [(x: Int, y: Int)] = []
  /// Second of the day that the clock shows.
  private(set) var clockSeconds = 0
  /// Where in the window the pointer holds it.
  private var grip: (x: Int, y: Int)?
  private var wasPressed = false

  /// What the video region is cut from; empty while nobody looks.
  private(set) var noise: [UInt32] = []

  static let trailLength = 16
  /// Pixels of noise, a power of two; so many more that a row may begin at any of them.
  static let noiseLength = DesktopLayout.videoSide * DesktopLayout.videoSide

  /// Sides are taken into `1 ... Framebuffer.maximumSide`.
  package init(width: Int, height: Int, seed: UInt64, content: DesktopContent = .standard) {
    self.seed = seed
    self.content = content
    let layout = Self.layout(width, height)
    self.layout = layout
    text = TextArea(frame: content.contains(.text) ? layout.text : .empty)
    let x = layout.workspace.x + Int(Noise.mix(seed, 1) % UInt64(max(1, layout.workspace.width)))
    let y = layout.workspace.y + Int(Noise.mix(seed, 2) % UInt64(max(1, layout.workspace.height)))
    window = content.contains(.window) ? layout.window(nearX: x, y: y) : .empty
  }

  private static func layout(_ width: Int, _ height: Int) -> DesktopLayout {
    let most = Framebuffer.maximumSide
    return DesktopLayout(width: min(max(1, width), most), height: min(max(1, height), most))
  }

  package var width: Int { layout.bounds.width }
  package var height: Int { layout.bounds.height }
  package var bounds: Rectangle { layout.bounds }
  /// The 8x8 pixels that show ``serial`` as their colour.
  package var marker: Rectangle { layout.marker }
  /// The 64x64 pixels that change at the video rate.
  package var video: Rectangle { layout.video }
  /// Where the clock is; empty without one.
  package var clock: Rectangle { content.contains(.clock) ? layout.clock : .empty }
  /// What a press moves the window with; empty without one.
  package var titleBar: Rectangle {
    Rectangle(x: window.x, y: window.y, width: window.width, height: min(window.height, DesktopLayout.titleHeight))
  }

  // MARK: Pixels

  /// Makes the pixels, unless they are there: 4 bytes each.
  package mutating func showPicture() {
    guard picture == nil else { return }
    picture = Framebuffer(width: width, height: height)
    let row = (0..<Self.noiseLength).map { UInt32(truncatingIfNeeded: Noise.mix(seed, $0)) & 0xff_ffff }
    noise = row + row.prefix(DesktopLayout.videoSide)
    paint(bounds)
  }

  /// Lets go of the pixels.
  package mutating func hidePicture() {
    picture = nil
    noise = []
  }

  /// The picture as it is now, painted anew from what it shows.
  package func paintedAnew() -> Framebuffer {
    var copy = self
    copy.picture = nil
    copy.showPicture()
    return copy.picture ?? Framebuffer(width: width, height: height)
  }

  mutating func paint(_ rectangle: Rectangle) {
    guard picture != nil else { return }
    // Taken out while it is drawn on: two owners would make each stroke a copy.
    var pixels = picture.take() ?? Framebuffer(width: width, height: height)
    paint(rectangle, on: &pixels)
    picture = pixels
  }

  // MARK: Input

  /// Takes a pointer event; places outside are taken to the nearest edge. `isTrailed`: the place joins the trail.
  package mutating func point(x: Int, y: Int, buttons: Int, isTrailed: Bool = true) -> PictureChange {
    let x = min(max(0, x), width - 1)
    let y = min(max(0, y), height - 1)
    var change = PictureChange()
    let isPressed = buttons & 1 != 0
    if isPressed, !wasPressed, titleBar.contains(Rectangle(x: x, y: y, width: 1, height: 1)) {
      grip = (x - window.x, y - window.y)
    }
    if !isPressed { grip = nil }
    wasPressed = isPressed
    if let grip { drag(to: layout.window(nearX: x - grip.x, y: y - grip.y), &change) }
    if isTrailed, content.contains(.trail) { addToTrail(x: x, y: y, &change) }
    countInput(&change)
    return change
  }

  /// Takes a key that goes down or up.
  package mutating func key(_ keysym: UInt32, isDown: Bool) -> PictureChange {
    var change = PictureChange()
    if isDown, content.contains(.text) { repaint(text.type(keysym), &change) }
    countInput(&change)
    return change
  }

  private mutating func countInput(_ change: inout PictureChange) {
    serial += 1
    repaint(layout.marker, &change)
  }

  private mutating func drag(to place: Rectangle, _ change: inout PictureChange) {
    guard place != window else { return }
    let old = window
    window = place
    picture?.copy(old, toX: place.x, y: place.y)
    change.move = PictureChange.Move(source: old, x: place.x, y: place.y)
    for exposed in old.subtracting(place) { repaint(exposed, &change) }
  }

  private mutating func addToTrail(x: Int, y: Int, _ change: inout PictureChange) {
    trail.append((x, y))
    if trail.count > Self.trailLength {
      let gone = trail.removeFirst()
      repaint(dot(gone), &change)
    }
    repaint(dot((x, y)), &change)
  }

  /// The pixels of a place of the trail; it goes behind the window.
  func dot(_ place: (x: Int, y: Int)) -> Rectangle {
    Rectangle(x: place.x - 1, y: place.y - 1, width: 3, height: 3).intersection(layout.workspace)
  }

  private mutating func repaint(_ rectangle: Rectangle, _ change: inout PictureChange) {
    guard !rectangle.isEmpty else { return }
    paint(rectangle)
    change.damage.add(rectangle)
  }

  // MARK: Changes of its own

  /// The next frame of the video region.
  package mutating func advanceVideo() -> PictureChange {
    var change = PictureChange()
    videoSerial += 1
    repaint(layout.video, &change)
    return change
  }

  /// The clock shows a second of the day; nothing changes without a clock.
  package mutating func setClock(seconds: Int) -> PictureChange {
    var change = PictureChange()
    guard content.contains(.clock), seconds != clockSeconds else { return change }
    clockSeconds = seconds
    repaint(layout.clock, &change)
    return change
  }

  /// Takes another size; things keep their places where they can.
  package mutating func resize(width: Int, height: Int) -> PictureChange {
    var change = PictureChange()
    let new = Self.layout(width, height)
    guard new != layout else { return change }
    layout = new
    text.move(to: content.contains(.text) ? new.text : .empty)
    window = content.contains(.window) ? new.window(nearX: window.x, y: window.y) : .empty
    grip = nil
    if picture != nil {
      picture = nil
      showPicture()
    }
    change.isResized = true
    change.damage = Region(new.bounds)
    return change
  }
}
