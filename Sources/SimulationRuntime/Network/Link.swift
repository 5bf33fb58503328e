/// One direction between two hosts: what holds traffic up, and what waits for it to pass.
final class Link {
  /// A bandwidth fault: one line that everything between the hosts shares.
  private struct Line {
    let record: FaultRecord
    let bytesPerSecond: Int64
    /// When what was put on the line so far has left it.
    var free: Int64 = 0
  }

  /// What stops an arrival.
  enum Obstacle {
    case cut(FaultRecord)
    case loss(FaultRecord)
  }

  let from: Host
  let to: Host
  unowned let simulation: Simulation
  private var cuts: [FaultRecord] = []
  private(set) var resets: [FaultRecord] = []
  private var slowdowns: [(record: FaultRecord, model: LatencyModel)] = []
  private var lines: [Line] = []
  private var losses: [FaultRecord] = []
  /// Arrivals that wait for the heal, in order.
  private var waiting: [() -> Void] = []
  /// Whether traffic passes now: the cheap test on the hot path.
  @exclusivity(unchecked) private(set) var isClear = true
  @exclusivity(unchecked) private var isPlain = true

  private static let healed = EventLabel("network.healed")

  init(from: Host, to: Host, simulation: Simulation) {
    self.from = from
    self.to = to
    self.simulation = simulation
  }

  var isCut: Bool { !cuts.isEmpty }

  /// What stops an arrival now; a loss is stronger than a cut.
  var obstacle: Obstacle? {
    if let record = losses.last { return .loss(record) }
    if let record = cuts.last { return .cut(record) }
    return nil
  }

  /// Extra delay that slowdowns and slow lines add to one delivery of `bytes`.
  @inline(__always)
  func extraDelay(bytes: Int, _ stream: DecisionStream) -> TimeSpan {
    isPlain ? .zero : slowDelay(bytes: bytes, stream)
  }

  private func slowDelay(bytes: Int, _ stream: DecisionStream) -> TimeSpan {
    let now = simulation.now
    var extra = TimeSpan.zero
    for slowdown in slowdowns {
      slowdown.record.touch(at: now)
      extra = extra + simulation.decisions.draw(stream, slowdown.model)
    }
    for index in lines.indices where bytes > 0 {
      lines[index].record.touch(at: now)
      let begin = max(lines[index].free, now.nanoseconds)
      lines[index].free = begin + Network.transmissionTime(bytes, at: lines[index].bytesPerSecond)
      extra = extra + .nanoseconds(lines[index].free - now.nanoseconds)
    }
    return extra
  }

  /// Runs `arrival` now, or after the heal if the link is cut; never while a black hole swallows everything.
  func pass(_ arrival: @escaping () -> Void) {
    switch obstacle {
    case .loss(let record): record.touch(at: simulation.now)
    case .cut(let record):
      record.touch(at: simulation.now)
      waiting.append(arrival)
    case nil: arrival()
    }
  }

  /// Runs `arrival` after the heal.
  func park(_ arrival: @escaping () -> Void) { waiting.append(arrival) }

  func add(cut record: FaultRecord) {
    cuts.append(record)
    isClear = false
  }

  func add(loss record: FaultRecord) {
    losses.append(record)
    isClear = false
  }

  func add(reset record: FaultRecord) { resets.append(record) }

  func add(slowdown model: LatencyModel, _ record: FaultRecord) {
    slowdowns.append((record, model))
    isPlain = false
  }

  func add(bytesPerSecond: Int64, _ record: FaultRecord) {
    lines.append(Line(record: record, bytesPerSecond: bytesPerSecond))
    isPlain = false
  }

  /// Ends a fault; when the last cut is gone, what waited goes on in order.
  func remove(_ record: FaultRecord) {
    cuts.removeAll { $0 === record }
    resets.removeAll { $0 === record }
    slowdowns.removeAll { $0.record === record }
    lines.removeAll { $0.record === record }
    losses.removeAll { $0 === record }
    isClear = cuts.isEmpty && losses.isEmpty
    isPlain = slowdowns.isEmpty && lines.isEmpty
    guard cuts.isEmpty, !waiting.isEmpty else { return }
    let due = waiting
    waiting.removeAll()
    for (offset, arrival) in due.enumerated() {
      simulation.schedule(after: .nanoseconds(Int64(offset)), Self.healed) { [self] in pass(arrival) }
    }
  }

  func discard() { waiting.removeAll() }
}
