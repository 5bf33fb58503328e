import SimulationRuntime
import StreamSpaceProtocol

/// What a replica looks at while it serves viewers: as owner the states and the activity of their sessions, as edge
/// their users and tokens. No timer runs while there are none.
final class StreamBeats {
  private unowned let replica: Replica
  private let policies: StreamingPolicies
  private let loginStands: (_ tokenID: String, _ done: @escaping (Bool) -> Void) -> Void
  private var states: Ticker?
  private var activity: Ticker?
  private var access: Ticker?

  private static let stateLabel = EventLabel("controlplane.stream.states")
  private static let activityLabel = EventLabel("controlplane.stream.activity")
  private static let accessLabel = EventLabel("controlplane.stream.access")

  init(_ replica: Replica, loginStands: @escaping (_ tokenID: String, _ done: @escaping (Bool) -> Void) -> Void) {
    self.replica = replica
    policies = replica.behaviour.streaming
    self.loginStands = loginStands
  }

  // MARK: The owner

  /// The table has attachments, or none any more.
  func occupied(_ isOccupied: Bool, _ table: AttachmentTable) {
    states?.stop()
    activity?.stop()
    states = nil
    activity = nil
    guard isOccupied else { return }
    states = replica.incarnation.every(StreamTiming.stateBeat, Self.stateLabel) { [unowned table] in
      table.lookAtStates(of: table.sessions)
    }
    guard policies.activity == .written else { return }
    activity = replica.incarnation.every(StreamTiming.beat, Self.activityLabel) { [unowned replica, unowned table] in
      replica.database.execute(StreamingStatements.active, [.array(table.sessions)]) { _ in }
    }
  }

  // MARK: The edge

  /// Who is served here; called whenever that changes.
  func serves(_ viewers: @escaping () -> [ViewerSocket]) {
    guard access == nil, !viewers().isEmpty else { return }
    access = replica.incarnation.every(StreamTiming.beat, Self.accessLabel) { [unowned self] in
      let present = viewers()
      if present.isEmpty {
        access?.stop()
        access = nil
      } else {
        lookAtAccess(of: present)
      }
    }
  }

  private func lookAtAccess(of viewers: [ViewerSocket]) {
    var users: [String] = []
    for viewer in viewers where !users.contains(viewer.user.id) { users.append(viewer.user.id) }
    replica.database.execute(StreamingStatements.activeUsers, [.array(users)]) { result in
      guard let rows = try? result.get().rows else { return }
      var active: Set<String> = []
      for user in rows.compactMap({ try? ViewingUser($0) }) where user.isActive { active.insert(user.id) }
      for viewer in viewers where !active.contains(viewer.user.id) { viewer.endFromEdge(.revoked) }
    }
    for viewer in viewers {
      guard let token = viewer.user.claims?.tokenID else { continue }
      loginStands(token) { [weak viewer] in if !$0 { viewer?.endFromEdge(.revoked) } }
    }
  }
}
