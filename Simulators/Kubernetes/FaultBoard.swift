import SimulationRuntime
import StreamSpaceProtocol

/// The faults that hold now, newest last, with their ledger.
final class FaultBoard {
  private struct Entry {
    let fault: KubernetesFault
    let record: FaultRecord
  }

  private unowned let simulation: Simulation
  private let draws: DecisionStream
  private var entries: [Entry] = []
  /// Told of each fault that ends.
  var onEnd: ((KubernetesFault, FaultRecord) -> Void)?

  private static let begun = EventLabel("kubernetes.fault.begun")
  private static let ended = EventLabel("kubernetes.fault.ended")

  init(simulation: Simulation) {
    self.simulation = simulation
    draws = simulation.decisions.stream("kubernetes.faults")
  }

  func begin(_ fault: KubernetesFault, lasting duration: TimeSpan?) -> FaultRecord {
    let record = simulation.faults.begin(fault.text, at: simulation.now)
    simulation.note(Self.begun, ("fault", .text(fault.text)))
    entries.append(Entry(fault: fault, record: record))
    if let duration {
      simulation.schedule(after: duration, Self.ended) { [weak self] in self?.end(record) }
    }
    return record
  }

  func end(_ record: FaultRecord) {
    guard let index = entries.firstIndex(where: { $0.record === record }) else { return }
    let fault = entries.remove(at: index).fault
    simulation.faults.end(record, at: simulation.now)
    simulation.note(Self.ended, ("fault", .text(record.name)))
    onEnd?(fault, record)
  }

  /// The value of the newest fault that `select` takes; it is counted as touched.
  func first<T>(_ select: (KubernetesFault) -> T?) -> T? {
    for entry in entries.reversed() {
      guard let value = select(entry.fault) else { continue }
      entry.record.touch(at: simulation.now)
      return value
    }
    return nil
  }

  /// Whether a fault that `ratio` finds strikes now.
  func strikes(_ ratio: (KubernetesFault) -> KubernetesFault.Ratio?) -> Bool {
    for entry in entries.reversed() {
      guard let ratio = ratio(entry.fault),
        simulation.decisions.happens(draws, ratio.numerator, in: ratio.denominator)
      else { continue }
      entry.record.touch(at: simulation.now)
      return true
    }
    return false
  }

  /// The newest fault that `select` takes, with its record; nothing is counted.
  func find<T>(_ select: (KubernetesFault) -> T?) -> (value: T, record: FaultRecord)? {
    for entry in entries.reversed() {
      if let value = select(entry.fault) { return (value, entry.record) }
    }
    return nil
  }

  /// Whether a fault still holds.
  func holds(_ record: FaultRecord) -> Bool { entries.contains { $0.record === record } }

  /// Whether something of that probability happens.
  func happens(_ ratio: KubernetesFault.Ratio) -> Bool {
    simulation.decisions.happens(draws, ratio.numerator, in: ratio.denominator)
  }

  /// A span in `0 ... longest`.
  func draw(upTo longest: TimeSpan) -> TimeSpan { simulation.decisions.draw(draws, from: .zero, to: longest) }

  var isEmpty: Bool { entries.isEmpty }
}
