/// The tunnels of an agent's connection by attachment: which ids are known, and whose turn it is to send. Pure.
///
/// Between peers without the contract's frames the session's id stands for the attachment's.
package struct StreamTunnelTable: Sendable {
  /// What becomes of a wish to open.
  package enum Opening: Sendable, Hashable {
    /// The tunnel is new: open it.
    case new
    /// It is known: `vnc_ready` again if it stands.
    case known(VNCReady?)
    /// It has ended: dropped (spec/00, Streaming, 2).
    case ended
  }

  private var tunnels: [String: StreamTunnel] = [:]
  /// Ids in the order of their turns.
  private var turns: [String] = []
  private var endedIDs: Set<String> = []
  private var endedOrder: [String] = []

  /// How many ended ids are remembered.
  package static let memory = 1024

  package init() {}

  package var isEmpty: Bool { tunnels.isEmpty }
  package var count: Int { tunnels.count }

  /// Ids in the order of their turns.
  package var ids: [String] { turns }

  /// Ids of a session's tunnels, in the order of their turns.
  package func ids(ofSession session: String) -> [String] { turns.filter { tunnels[$0]?.sessionID == session } }

  /// A tunnel that is open or being opened.
  package subscript(id: String) -> StreamTunnel? { tunnels[id] }

  /// What a wish to open this id meets; nothing changes.
  package func opening(_ id: String) -> Opening {
    if let tunnel = tunnels[id] { return .known(tunnel.ready) }
    return endedIDs.contains(id) ? .ended : .new
  }

  /// Enters a tunnel, in the place of another of its id.
  package mutating func insert(_ tunnel: StreamTunnel) {
    let id = tunnel.attachmentID ?? tunnel.sessionID
    if tunnels.updateValue(tunnel, forKey: id) == nil { turns.append(id) }
  }

  /// Changes a tunnel; nil if there is none of this id.
  package mutating func change<Result>(_ id: String, _ body: (inout StreamTunnel) -> Result) -> Result? {
    guard let index = tunnels.index(forKey: id) else { return nil }
    return body(&tunnels.values[index])
  }

  /// A tunnel is over. Its id is remembered, unless it is that of a session, which may have another tunnel later.
  package mutating func end(_ id: String) {
    guard let tunnel = tunnels.removeValue(forKey: id) else { return }
    turns.removeAll { $0 == id }
    guard tunnel.attachmentID != nil, endedIDs.insert(id).inserted else { return }
    endedOrder.append(id)
    if endedOrder.count > Self.memory { endedIDs.remove(endedOrder.removeFirst()) }
  }

  /// Forgets everything: the connection is over, and all ids with it.
  package mutating func clear() {
    tunnels.removeAll()
    turns.removeAll()
    endedIDs.removeAll()
    endedOrder.removeAll()
  }

  /// Whether a tunnel has something to send now.
  package var hasMessage: Bool { turns.contains { tunnels[$0]?.hasMessage == true } }

  /// The next message of the tunnel whose turn it is: one frame each (spec/00, Streaming, 4). A tunnel that said its
  /// last is over.
  package mutating func nextMessage() -> (id: String, outgoing: StreamTunnel.Outgoing)? {
    guard let index = turns.firstIndex(where: { tunnels[$0]?.hasMessage == true }) else { return nil }
    let id = turns.remove(at: index)
    turns.append(id)
    guard let outgoing = change(id, { $0.nextMessage() }) ?? nil else { return nil }
    if case .end = outgoing { end(id) }
    return (id, outgoing)
  }
}
