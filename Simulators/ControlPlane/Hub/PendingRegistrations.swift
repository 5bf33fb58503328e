/// New connections whose instance may be locked out: they have no place in the hub before their rows are written (C1).
struct PendingRegistrations {
  private var connections: [AgentConnection] = []

  var isEmpty: Bool { connections.isEmpty }

  /// Whether an open connection of another instance awaits the same agent id.
  func holdRival(of connection: AgentConnection) -> Bool {
    connections.contains { Self.areRivals($0, connection) }
  }

  /// Whether `other` may have the agent id in spite of `connection`.
  static func areRivals(_ other: AgentConnection, _ connection: AgentConnection) -> Bool {
    other.isOpen && other.agentID == connection.agentID
      && other.identity.instanceID != connection.identity.instanceID
  }

  mutating func append(_ connection: AgentConnection) { connections.append(connection) }

  /// Takes a connection out; false if it does not wait.
  @discardableResult
  mutating func remove(_ connection: AgentConnection) -> Bool {
    guard let place = connections.firstIndex(where: { $0 === connection }) else { return false }
    connections.remove(at: place)
    return true
  }

  mutating func removeAll() -> [AgentConnection] {
    defer { connections.removeAll() }
    return connections
  }
}
