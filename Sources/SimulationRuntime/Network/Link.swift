/// One direction between two hosts: what holds traffic up, and what waits for it to pass.
final class Link {
  let from: Host
  let to: Host
  unowned let simulation: Simulation
  private var cuts: [FaultRecord] = []
  private(set) var resets: [FaultRecord] = []
  private var slowdowns: [(record: FaultRecord, model: LatencyModel)] = []
  private var rates: [(record: FaultRecord, bytesPerSecond: Int64)] = []
  private var losses: [FaultRecord] = []
  /// Arrivals that wait for the heal, in order.
  private var waiting: [() -> Void] = []

  private static let healed = EventLabel("network.healed")

  init(from: Host, to: Host, simulation: Simulation) {
    self.from = from
    self.to = to
    self.simulation = simulation
  }

  var isCut: Bool { !cuts.isEmpty }

  /// Extra delay that slowdowns add to one delivery of `bytes`.
  func extraDelay(bytes: Int, _ stream: DecisionStream) -> TimeSpan {
    guard !slowdowns.isEmpty || !rates.isEmpty else { return .zero }
    var extra = TimeSpan.zero
    for slowdown in slowdowns {
      slowdown.record.touch(at: simulation.now)
      extra = extra + simulation.decisions.draw(stream, slowdown.model)
    }
    for rate in rates {
      rate.record.touch(at: simulation.now)
      extra = extra + .nanoseconds(Int64(bytes) * 1_000_000_000 / max(rate.bytesPerSecond, 1))
    }
    return extra
  }

  /// Runs `arrival` now, or after the heal if the link is cut; never while a black hole swallows everything.
  func arrive(_ arrival: @escaping () -> Void) {
    if let hole = losses.last {
      hole.touch(at: simulation.now)
      return
    }
    if let cut = cuts.last {
      cut.touch(at: simulation.now)
      waiting.append(arrival)
      return
    }
    arrival()
  }

  /// Whether traffic passes now: the cheap test on the hot path.
  @inline(__always)
  var isClear: Bool { cuts.isEmpty && losses.isEmpty }

  func add(cut record: FaultRecord) { cuts.append(record) }
  func add(reset record: FaultRecord) { resets.append(record) }
  func add(slowdown model: LatencyModel, _ record: FaultRecord) { slowdowns.append((record, model)) }
  func add(bytesPerSecond: Int64, _ record: FaultRecord) { rates.append((record, bytesPerSecond)) }
  func add(loss record: FaultRecord) { losses.append(record) }

  /// Ends a fault; when the last cut is gone, what waited goes on in order.
  func remove(_ record: FaultRecord) {
    cuts.removeAll { $0 === record }
    resets.removeAll { $0 === record }
    slowdowns.removeAll { $0.record === record }
    rates.removeAll { $0.record === record }
    losses.removeAll { $0 === record }
    guard cuts.isEmpty, !waiting.isEmpty else { return }
    let due = waiting
    waiting.removeAll()
    for (offset, arrival) in due.enumerated() {
      simulation.schedule(after: .nanoseconds(Int64(offset)), Self.healed) { [self] in arrive(arrival) }
    }
  }

  func discard() { waiting.removeAll() }
}
