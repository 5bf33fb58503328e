import StreamSpaceProtocol

/// Decides which rows of one agent are sent now. Pure: rows in, rows out (C10, C34).
struct DispatchPlan {
  /// Commands of an agent that may be `sent` or `ack` at a time (C34).
  static let window = 8
  /// Rows that a decision needs to see: all that may be under way, and as many that wait.
  static let horizon = 2 * window

  /// Why the agent's rows are looked at.
  enum Occasion: Equatable {
    /// The agent has a new connection: everything under way is sent again at once.
    case connected
    /// The 5 s scan, or a place in the window that became free.
    case scan
    /// These rows were committed just now, or their delivery was asked for by another replica.
    case committed([String])

    var commandIDs: [String] {
      if case .committed(let ids) = self { ids } else { [] }
    }
  }

  /// Rows to send, in creation order.
  let rows: [CommandRow]
  /// Whether rows wait for a place in the window.
  let hasBacklog: Bool

  init(_ open: [CommandRow], _ occasion: Occasion, _ policies: DispatchPolicies) {
    let known = occasion.commandIDs
    let readable = open.filter { row in
      known.contains(row.commandID) || row.isRead(by: policies.pendingScan)
    }
    let underWay = readable.filter(\.isUnderWay)
    let again: [CommandRow]
    if occasion == .connected {
      let lost = policies.acknowledgement == .receipt ? underWay : underWay.filter { $0.status != .ack }
      again = policies.reconnection == .resends ? Array(lost.prefix(Self.window)) : []
    } else {
      again = policies.unanswered == .left ? [] : underWay.filter { $0.status == .sent && $0.isDue }
    }
    let waiting = readable.filter { !$0.isUnderWay }
    let room = max(0, Self.window - underWay.count)
    let mayStart = occasion != .connected || policies.reconnection == .resends
    rows = again + (mayStart ? waiting.prefix(room) : [])
    hasBacklog = waiting.count > room || open.count >= Self.horizon
  }
}
