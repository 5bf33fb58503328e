/// What the non-final sessions of each holder (a user, an agent, the licence) take up, kept up to date event by event.
struct Occupancy {
  struct Load {
    var sessions = 0
    var milliCPU = 0
    var memoryMiB = 0
  }

  private var loads: [String: Load] = [:]
  /// The holder under which a session is counted at present.
  private var holders: [String: String] = [:]

  func load(of holder: String) -> Load { loads[holder] ?? Load() }

  /// Counts the session under `holder`, or no longer if it is final, gone or nobody's.
  mutating func follow(_ session: SessionView, holder: String?) {
    let next = session.isActive ? holder : nil
    guard holders[session.id] != next else { return }
    if let before = holders[session.id] { add(session, to: before, sign: -1) }
    if let next { add(session, to: next, sign: 1) }
    holders[session.id] = next
  }

  private mutating func add(_ session: SessionView, to holder: String, sign: Int) {
    loads[holder, default: Load()].sessions += sign
    loads[holder, default: Load()].milliCPU += sign * session.milliCPU
    loads[holder, default: Load()].memoryMiB += sign * session.memoryMiB
  }
}
