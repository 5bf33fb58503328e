/// A network fault as a value (spec/05 §2); hosts are named, a group on either side is allowed.
public struct NetworkFault: Sendable, Equatable {
  public enum Kind: Sendable, Equatable {
    /// Nothing passes in either direction; what was sent arrives after the heal. Dials get no answer.
    case cut
    /// As ``cut``, from the first group to the second only.
    case cutOneWay
    /// The ends on the first group are gone, those on the second have not noticed and get nothing.
    case halfOpen
    /// RST to all connections now; dials are refused while it lasts.
    case reset
    /// Every delivery takes longer.
    case slow(LatencyModel)
    /// Every delivery waits for a line of so many bytes per second.
    case bandwidth(bytesPerSecond: Int64)
    /// Everything sent is lost, in both directions, without a sign.
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
    for link in allLinks { link.remove(record) }
  }

  private func apply(_ kind: NetworkFault.Kind, _ a: Host, _ b: Host, _ record: FaultRecord) {
    let links = [link(a, b), link(b, a)]
    switch kind {
    case .cut: for link in links { link.add(cut: record) }
    case .cutOneWay: links[0].add(cut: record)
    case .slow(let model): for link in links { link.add(slowdown: model, record) }
    case .bandwidth(let rate): for link in links { link.add(bytesPerSecond: rate, record) }
    case .blackHole: for link in links { link.add(loss: record) }
    case .reset:
      for link in links { link.add(reset: record) }
      for socket in between(a, b) {
        record.touch(at: simulation.now)
        socket.finish(.reset)
      }
    case .halfOpen:
      for socket in between(a, b) where socket.owner.host === a {
        record.touch(at: simulation.now)
        if let peer = socket.peer {
          peer.outgoing.isVoid = true
          peer.outgoing.voidRecord = record
          // What the lost end had sent is lost with it.
          socket.outgoing.clear()
        }
        socket.finish(.reset)
      }
    }
  }

  private func between(_ a: Host, _ b: Host) -> [Socket] {
    liveSockets.filter { socket in
      let here = socket.owner.host
      let there = socket.outgoing.link.to
      return (here === a && there === b) || (here === b && there === a)
    }
  }
}
