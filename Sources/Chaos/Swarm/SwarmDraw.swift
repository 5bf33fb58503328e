/// Draws of a plan. Each question has a name, and each name a stream of its own, so that a new question shifts no other.
struct SwarmDraw {
  /// A number in `0 ..< count`.
  let choose: (_ name: String, _ count: Int) -> Int

  func pick<Element>(_ name: String, _ elements: [Element]) -> Element { elements[choose(name, elements.count)] }

  func number(_ name: String, _ range: ClosedRange<Int>) -> Int { range.lowerBound + choose(name, range.count) }

  func chance(_ name: String, percent: Int) -> Bool { choose(name, 100) < percent }

  /// With a grain of 1 ms.
  func span(_ name: String, _ range: ClosedRange<Int>) -> Duration {
    .milliseconds(range.lowerBound * 1_000 + choose(name, (range.upperBound - range.lowerBound) * 1_000 + 1))
  }

  /// By weight; none where all are zero.
  func weighted<Element>(_ name: String, _ elements: [(Element, weight: Int)]) -> Element? {
    let total = elements.reduce(0) { $0 + $1.weight }
    guard total > 0 else { return nil }
    var rest = choose(name, total)
    for (element, weight) in elements {
      if rest < weight { return element }
      rest -= weight
    }
    return nil
  }
}
