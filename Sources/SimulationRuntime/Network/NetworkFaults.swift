/// A network fault as a value (spec/05 §2); hosts are named, a group on either side is allowed.
public struct NetworkFault: Sendable, Equatable {
  public enum Kind: Sendable, Equatable {
    /// Nothing passes in either direction; what was sent arrives after the heal. Dials get no answer.
    case cut
    /// As ``cut``, from the first group to the second only. What must travel back (an answer, room in the
    /// window) still passes.
    case cutOneWay
    /// The ends on the first group are gone, those on the second have not noticed and get nothing. When the
    /// fault has ended, their next send (or what they have sent in vain) meets RST.
    case halfOpen
    /// RST to all connections now; dials are refused while it lasts.
    case reset
    /// Every delivery takes longer.
    case slow(LatencyModel)
    /// Everything from one host to the other shares a line of so many bytes per second.
    case bandwidth(bytesPerSecond: Int64)
    /// Everything is lost on arrival, in both directions, without a sign. A connection that has lost something
    /// is dead: when the fault has ended, its sender meets RST.
    case blackHole
  }

  public var kind: Kind
  public var a: [String]
  public var b: [String]

  public init(_ kind: Kind, between a: [String], and b: [String]) {
    self.kind = kind
    self.a = a
    self.b = b
  }

  /// As spec/05 §2 writes it: `cut(agent-1,api-1)`.
  public var text: String {
    let name =
      switch kind {
      case .cut: "cut"
      case .cutOneWay: "cut1"
      case .halfOpen: "halfopen"
      case .reset: "reset"
      case .slow: "slow"
      case .bandwidth: "bandwidth"
      case .blackHole: "blackhole"
      }
    return "\(name)(\(a.joined(separator: "+")),\(b.joined(separator: "+")))"
  }
}

extension Network {
  private static let begun = EventLabel("fault.begun")
  private static let ended = EventLabel("fault.ended")

  /// Begins `fault`; it lasts until ``end(_:)`` or, with `duration`, until that has passed.
  @discardableResult
  public func begin(_ fault: NetworkFault, lasting duration: TimeSpan? = nil) -> FaultRecord {
    let record = simulation.faults.begin(fault.text, at: simulation.now)
    simulation.note(Self.begun, ("fault", .text(fault.text)))
    let hostsA = fault.a.map(simulation.host)
    let hostsB = fault.b.map(simulation.host)
    for a in hostsA {
      for b in hostsB {
        apply(fault.kind, a, b, record)
      }
    }
    if let duration {
      simulation.schedule(after: duration, Self.ended) { [self] in end(record) }
    }
    return record
  }

  /// Ends a fault; does nothing if it has ended.
  public func end(_ record: FaultRecord) {
    guard record.end == nil else { return }
    record.finish(at: simulation.now)
    simulation.note(Self.ended, ("fault", .text(record.name)))
    faultEnded(record)
  }

  private func apply(_ kind: NetworkFault.Kind, _ a: Host, _ b: Host, _ record: FaultRecord) {
    let links = a === b ? [link(a, b)] : [link(a, b), link(b, a)]
    switch kind {
    case .cut: for link in links { link.add(cut: record) }
    case .cutOneWay: links[0].add(cut: record)
    case .slow(let model): for link in links { link.add(slowdown: model, record) }
    case .bandwidth(let rate): for link in links { link.add(bytesPerSecond: rate, record) }
    case .blackHole: for link in links { link.add(loss: record) }
    case .reset:
      for link in links { link.add(reset: record) }
      breakOff(a, b, record)
      if a !== b { breakOff(b, a, record) }
    case .halfOpen:
      for socket in a.attachments.compactMap({ $0 as? Socket }) where socket.remote === b {
        socket.incoming.lose(.fault(record))
      }
      breakOff(a, b, record)
    }
  }

  /// Cuts off what `host` has open with `other`.
  private func breakOff(_ host: Host, _ other: Host, _ record: FaultRecord) {
    for attachment in host.attachments where attachment.remote === other {
      if attachment.breakOff() { record.touch(at: simulation.now) }
    }
  }
}
