import Testing

@testable import RemoteFramebuffer

@Suite("Regions")
struct RegionTests {
  /// A plain set of pixels beside the region under test.
  private func pixels(_ rectangle: Rectangle) -> Set<[Int]> {
    var all: Set<[Int]> = []
    for y in rectangle.y..<rectangle.endY { for x in rectangle.x..<rectangle.endX { all.insert([x, y]) } }
    return all
  }

  private func pixels(_ region: Region) -> Set<[Int]> {
    region.rectangles.reduce(into: []) { $0.formUnion(pixels($1)) }
  }

  @Test("a region is the set of its pixels, and its rectangles are disjoint", arguments: 0..<40)
  func asSet(seed: UInt64) {
    var state = seed &* 6_364_136_223_846_793_005 &+ 1
    func draw(_ count: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % count
    }
    var region = Region()
    var model: Set<[Int]> = []
    for _ in 0..<25 {
      let rectangle = Rectangle(x: draw(12), y: draw(12), width: draw(8), height: draw(8))
      switch draw(3) {
      case 0:
        region.subtract(rectangle)
        model.subtract(pixels(rectangle))
      case 1 where draw(4) == 0:
        region = region.intersection(rectangle)
        model.formIntersection(pixels(rectangle))
      default:
        region.add(rectangle)
        model.formUnion(pixels(rectangle))
      }
      #expect(pixels(region) == model)
      #expect(region.area == model.count)
    }
  }
}
