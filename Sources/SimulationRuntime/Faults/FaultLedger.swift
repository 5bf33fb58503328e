/// One fault of a run: when it held, and how much it touched.
public final class FaultRecord {
  public let name: String
  public let start: Instant
  /// Nil while it lasts.
  public private(set) var end: Instant?
  /// Deliveries, timers or calls it affected.
  public private(set) var touched = 0
  /// When it first affected something.
  public private(set) var firstEffect: Instant?

  init(name: String, start: Instant) {
    self.name = name
    self.start = start
  }

  /// Counts one effect.
  public func touch(at time: Instant) {
    touched += 1
    if firstEffect == nil { firstEffect = time }
  }

  func finish(at time: Instant) { if end == nil { end = time } }
}

/// Every fault of a run. A planned fault without effect proves nothing and is reported (DESIGN §3).
public final class FaultLedger {
  /// In the order they began.
  public private(set) var records: [FaultRecord] = []

  init() {}

  /// Begins a fault of any kind; the component that carries it out counts its effects.
  public func begin(_ name: String, at time: Instant) -> FaultRecord {
    let record = FaultRecord(name: name, start: time)
    records.append(record)
    return record
  }

  /// Ends a fault that is not the network's own.
  public func end(_ record: FaultRecord, at time: Instant) { record.finish(at: time) }

  /// Faults that have touched nothing.
  public var inert: [FaultRecord] { records.filter { $0.touched == 0 } }
}
