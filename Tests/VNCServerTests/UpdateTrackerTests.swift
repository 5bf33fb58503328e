import RemoteFramebuffer
import Testing

@testable import VNCServer

@Suite("What a client has to be sent")
struct UpdateTrackerTests {
  private let screen = Rectangle(x: 0, y: 0, width: 100, height: 80)

  /// A change that painted one rectangle.
  private func painted(_ rectangle: Rectangle) -> PictureChange {
    var change = PictureChange()
    change.damage.add(rectangle)
    return change
  }

  @Test("the first incremental request is answered at once: nothing has been sent yet")
  func first() {
    var tracker = UpdateTracker(bounds: screen)
    #expect(!tracker.isDue)
    tracker.request(screen, isIncremental: true)
    #expect(tracker.isDue)
    let result1 = tracker.take()
    #expect(result1.pixels == Region(screen))
    #expect(!tracker.isDue && !tracker.isOpen && tracker.isCurrent)
  }

  @Test("a request is clipped; outside the screen and without area it asks for nothing")
  func clipping() {
    var tracker = UpdateTracker(bounds: screen)
    tracker.request(Rectangle(x: 100, y: 0, width: 5, height: 5), isIncremental: false)
    tracker.request(Rectangle(x: 5, y: 5, width: 0, height: 10), isIncremental: false)
    #expect(!tracker.isOpen)
    tracker.request(Rectangle(x: 90, y: 70, width: 500, height: 500), isIncremental: false)
    let result2 = tracker.take()
    #expect(result2.pixels == Region(Rectangle(x: 90, y: 70, width: 10, height: 10)))
  }

  @Test("an incremental request waits for a change inside it, and one update answers all requests")
  func incremental() {
    var tracker = UpdateTracker(bounds: screen)
    tracker.request(screen, isIncremental: true)
    _ = tracker.take()
    let left = Rectangle(x: 0, y: 0, width: 50, height: 80)
    tracker.request(left, isIncremental: true)
    tracker.request(Rectangle(x: 0, y: 0, width: 60, height: 10), isIncremental: true)
    #expect(!tracker.isDue && tracker.isOpen)
    tracker.apply(painted(Rectangle(x: 70, y: 40, width: 10, height: 10)), canCopy: false)
    #expect(!tracker.isDue)
    tracker.apply(painted(Rectangle(x: 45, y: 30, width: 10, height: 10)), canCopy: false)
    #expect(tracker.isDue)
    let result3 = tracker.take()
    #expect(result3.pixels == Region(Rectangle(x: 45, y: 30, width: 5, height: 10)))
    #expect(!tracker.isOpen)
    // What was not asked for is still to come.
    tracker.request(screen, isIncremental: true)
    let result4 = tracker.take()
    #expect(result4.pixels.area == 50 + 100)
  }

  @Test("a full request has all of its rectangle sent again")
  func full() {
    var tracker = UpdateTracker(bounds: screen)
    tracker.request(screen, isIncremental: true)
    _ = tracker.take()
    let part = Rectangle(x: 3, y: 4, width: 5, height: 6)
    tracker.request(part, isIncremental: false)
    let result5 = tracker.take()
    #expect(result5.pixels == Region(part))
  }

  @Test("continuous updates need no request, pass over incremental ones, and end")
  func continuous() {
    var tracker = UpdateTracker(bounds: screen)
    tracker.request(screen, isIncremental: true)
    _ = tracker.take()
    let part = Rectangle(x: 0, y: 0, width: 40, height: 40)
    tracker.setContinuous(part)
    tracker.request(screen, isIncremental: true)
    tracker.apply(painted(Rectangle(x: 60, y: 0, width: 10, height: 10)), canCopy: false)
    #expect(!tracker.isDue, "the incremental request counts for nothing")
    for _ in 0..<3 {
      tracker.apply(painted(Rectangle(x: 30, y: 0, width: 20, height: 10)), canCopy: false)
      let result6 = tracker.take()
      #expect(result6.pixels == Region(Rectangle(x: 30, y: 0, width: 10, height: 10)))
    }
    tracker.request(Rectangle(x: 60, y: 60, width: 5, height: 5), isIncremental: false)
    let result7 = tracker.take()
    #expect(result7.pixels == Region(Rectangle(x: 60, y: 60, width: 5, height: 5)))
    tracker.setContinuous(nil)
    tracker.apply(painted(part), canCopy: false)
    #expect(!tracker.isDue)
  }

  @Test("a move is copied, and a drag of many steps is one copy")
  func drag() {
    var tracker = UpdateTracker(bounds: screen)
    tracker.request(screen, isIncremental: true)
    _ = tracker.take()
    tracker.request(screen, isIncremental: true)
    var place = Rectangle(x: 10, y: 10, width: 20, height: 20)
    for _ in 0..<20 {
      let next = Rectangle(x: place.x + 2, y: place.y + 1, width: 20, height: 20)
      var change = PictureChange()
      change.move = PictureChange.Move(source: place, x: next.x, y: next.y)
      for exposed in place.subtracting(next) { change.damage.add(exposed) }
      tracker.apply(change, canCopy: true)
      place = next
    }
    let (copies, pixels) = tracker.take()
    #expect(copies == [PictureChange.Move(source: Rectangle(x: 10, y: 10, width: 20, height: 20), x: 50, y: 30)])
    #expect(pixels.intersection(place).isEmpty)
  }

  @Test("no copy lands where a full request was made, and none where the client takes no copies")
  func copyRules() {
    for variant in 0..<3 {
      var tracker = UpdateTracker(bounds: screen)
      tracker.request(screen, isIncremental: true)
      _ = tracker.take()
      var change = PictureChange()
      change.move = PictureChange.Move(source: Rectangle(x: 0, y: 0, width: 20, height: 20), x: 40, y: 40)
      tracker.apply(change, canCopy: variant != 0)
      if variant == 1 { tracker.request(Rectangle(x: 55, y: 55, width: 10, height: 10), isIncremental: false) }
      // Or only a part of where it lands is asked for.
      tracker.request(variant == 2 ? Rectangle(x: 0, y: 0, width: 50, height: 50) : screen, isIncremental: true)
      let (copies, pixels) = tracker.take()
      #expect(copies.isEmpty)
      #expect(pixels.area >= 100)
    }
  }

  @Test("whatever happens, copies and pixels make the client's picture right where it is up to date", arguments: 0..<20)
  func model(seed: UInt64) {
    var draw = Draws(seed)
    let (width, height) = (24, 18)
    let bounds = Rectangle(x: 0, y: 0, width: width, height: height)
    var server = Framebuffer(width: width, height: height, colour: 1)
    var client = Framebuffer(width: width, height: height)
    var tracker = UpdateTracker(bounds: bounds)
    var colour: UInt32 = 2
    func part() -> Rectangle {
      let x = draw(width)
      let y = draw(height)
      return Rectangle(x: x, y: y, width: 1 + draw(width - x), height: 1 + draw(height - y))
    }
    for _ in 0..<200 {
      switch draw(5) {
      case 0, 1:
        var change = PictureChange()
        let source = part()
        let (x, y) = (draw(width - source.width + 1), draw(height - source.height + 1))
        server.copy(source, toX: x, y: y)
        let move = PictureChange.Move(source: source, x: x, y: y)
        change.move = move
        for exposed in source.subtracting(move.destination) {
          server.fill(exposed, colour)
          colour += 1
          change.damage.add(exposed)
        }
        tracker.apply(change, canCopy: draw(8) > 0)
      case 2:
        let rectangle = part()
        server.fill(rectangle, colour)
        colour += 1
        tracker.apply(painted(rectangle), canCopy: true)
      case 3: tracker.request(draw(2) == 0 ? bounds : part(), isIncremental: draw(4) > 0)
      default:
        let (copies, pixels) = tracker.take()
        for copy in copies { client.copy(copy.source, toX: copy.x, y: copy.y) }
        for rectangle in pixels.rectangles {
          for y in rectangle.y..<rectangle.endY {
            for x in rectangle.x..<rectangle.endX { client[x, y] = server[x, y] }
          }
        }
        // Everything else that differs is known to be out of date.
        for y in 0..<height {
          for x in 0..<width where client[x, y] != server[x, y] {
            #expect(!tracker.changed.intersection(Rectangle(x: x, y: y, width: 1, height: 1)).isEmpty)
          }
        }
      }
    }
    tracker.request(bounds, isIncremental: true)
    let (copies, pixels) = tracker.take()
    for copy in copies { client.copy(copy.source, toX: copy.x, y: copy.y) }
    for rectangle in pixels.rectangles {
      for y in rectangle.y..<rectangle.endY { for x in rectangle.x..<rectangle.endX { client[x, y] = server[x, y] } }
    }
    #expect(client.difference(from: server) == nil)
  }
}
