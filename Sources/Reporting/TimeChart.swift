import TestEnvironment

/// A figure with rows over a common axis of time: what the strip chart and the life-lines share.
struct TimeChart {
  enum Size {
    static let width = 960
    static let left = 230
    static let right = 20
    static let top = 46
    static let row = 30
    static let bottom = 34
  }

  let rows: [String]
  let from: Duration
  let to: Duration
  private var lines: [String]

  /// `title` and `legend` stand above the rows.
  init(title: String, legend: String, rows: [String], from: Duration, to: Duration) {
    self.rows = rows
    self.from = from
    self.to = max(to, from + .seconds(1))
    let height = Size.top + rows.count * Size.row + Size.bottom
    lines = [
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"\(Size.width)\" height=\"\(height)\" viewBox=\"0 0 \(Size.width) \(height)\" font-family=\"sans-serif\" font-size=\"11\">",
      "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>",
      "<text x=\"10\" y=\"18\" font-size=\"13\" font-weight=\"bold\">\(JUnitReport.escaped(title))</text>",
      "<text x=\"10\" y=\"34\" fill=\"#616161\">\(JUnitReport.escaped(legend))</text>",
    ]
    for (index, row) in rows.enumerated() {
      let top = Size.top + index * Size.row
      lines.append(
        "<rect x=\"0\" y=\"\(top)\" width=\"\(Size.width)\" height=\"\(Size.row)\" fill=\"\(index % 2 == 0 ? "#f5f5f5" : "#ffffff")\"/>"
          + "<text x=\"8\" y=\"\(top + 19)\">\(JUnitReport.escaped(row))</text>")
    }
  }

  func x(_ time: Duration) -> Int {
    let length = max((to - from).nanoseconds, 1)
    let clamped = min(max((time - from).nanoseconds, 0), length)
    return Size.left + Int(clamped * Int64(Size.width - Size.left - Size.right) / length)
  }

  /// A bar on a row, `inset` pixels below its top and above its bottom.
  mutating func bar(
    _ row: Int, from start: Duration, to end: Duration, fill: String, opacity: String = "1", inset: Int = 6,
    label: String = "", hint: String
  ) {
    guard end >= from, start <= to, rows.indices.contains(row) else { return }
    let left = x(start)
    let width = max(x(end) - left, 2)
    let top = Size.top + row * Size.row
    lines.append(
      "<rect x=\"\(min(left, Size.width - Size.right - width))\" y=\"\(top + inset)\" width=\"\(width)\" height=\"\(Size.row - 2 * inset)\" fill=\"\(fill)\" fill-opacity=\"\(opacity)\"><title>\(JUnitReport.escaped(hint))</title></rect>"
    )
    guard !label.isEmpty, width > label.count * 6 else { return }
    lines.append(
      "<text x=\"\(left + 4)\" y=\"\(top + 19)\" font-size=\"10\" fill=\"#212121\">\(JUnitReport.escaped(label))</text>"
    )
  }

  /// A moment on a row.
  mutating func dot(_ row: Int, at time: Duration, fill: String, hint: String) {
    guard time >= from, time <= to, rows.indices.contains(row) else { return }
    lines.append(
      "<circle cx=\"\(x(time))\" cy=\"\(Size.top + row * Size.row + Size.row / 2)\" r=\"3\" fill=\"\(fill)\"><title>\(JUnitReport.escaped(hint))</title></circle>"
    )
  }

  var svg: String {
    let bottom = Size.top + rows.count * Size.row
    return (lines + axis(to: bottom) + ["</svg>"]).joined(separator: "\n") + "\n"
  }

  private func axis(to bottom: Int) -> [String] {
    let length = (to - from).components.seconds
    let steps: [Int64] = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1_200, 3_600, 14_400]
    let step = steps.first { length / $0 <= 14 } ?? 86_400
    var ticks: [String] = []
    var tick = from.components.seconds / step * step
    while tick <= to.components.seconds {
      let time = Duration.seconds(tick)
      if time >= from {
        ticks.append(
          "<line x1=\"\(x(time))\" y1=\"\(Size.top)\" x2=\"\(x(time))\" y2=\"\(bottom)\" stroke=\"#bdbdbd\" stroke-width=\"0.5\"/>"
            + "<text x=\"\(x(time))\" y=\"\(bottom + 14)\" text-anchor=\"middle\" fill=\"#616161\">\(tick) s</text>")
      }
      tick += step
    }
    return ticks
  }
}
