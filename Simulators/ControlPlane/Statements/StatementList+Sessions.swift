import StreamSpaceProtocol

extension SessionStatements {
  static func list(into list: inout StatementList, _ sessions: SessionPolicies) {
    list.add(8, find, listOwned, listOfOrganisation, listByTags, insert, setTags)
    list.add(8, when: sessions.users.feed == .everything, listEverything)
    list.add(0, catalogueFigures)
    list.add(6, figures, lockOwner, lockOwnerAlone)
    list.add(0, commandExists, beginTermination, beginHibernation, beginWake, recordActivity)
    list.add(4, insertCommand)
    SchemaStatements.list(into: &list, sessions.schema)
    QuotaNumberStatements.list(into: &list, sessions)
    list.add(7, terminateWithoutAgent)
    list.add(0, when: sessions.quotaCount != .podsOnly && sessions.quotaCount != .storedNumber, usageOfOwner)
    list.add(0, when: sessions.quotaCount == .podsOnly, podsOfOwner)
    list.add(0, when: sessions.schema.load == .countedByState && sessions.eligibility == .approved, agentCandidates)
    list.add(
      0, when: sessions.schema.load == .countedByState && sessions.eligibility == .anyAlive, unapprovedCandidates)
    list.add(0, when: sessions.batch == .rowsOnly, overwriteState, delete)
  }
}

extension CommandResultStatements {
  static func list(into list: inout StatementList, _ sessions: SessionPolicies) {
    list.add(0, standing, becomeRunning, becomeHibernated, becomeTerminating, revert)
    list.add(7, becomeTerminated, startFailed, reportedFailed)
    list.add(4, correct)
    let believed = sessions.reports == .legalFromOwner
    list.add(0, when: believed, reportedRunning, reportedHibernated)
    list.add(7, when: believed, reportedTerminated)
    list.add(0, when: sessions.reports == .verbatim, reportedVerbatim)
  }
}

extension ReconcilerStatements {
  static func list(into list: inout StatementList, _ sessions: SessionPolicies) {
    let isUnbounded = sessions.reconciliation == .everyReplicaUnbounded
    let isOn = sessions.reconciliation != .off
    list.add(0, when: isOn || sessions.hibernatesIdleSessions, work)
    list.add(9, when: isOn, stuck)
    list.add(4, when: isOn && !isUnbounded, redriveStart, redrive)
    list.add(4, when: isUnbounded, redriveStopUnbounded)
    list.add(7, when: isOn, giveUp)
    list.add(4, when: isOn, failOpenCommands)
    list.add(0, when: sessions.hibernatesIdleSessions, idleCandidates)
    list.add(0, when: sessions.hibernatesIdleSessions && sessions.idleGuard == .testedInUpdate, hibernateIdle)
    list.add(0, when: sessions.comparesInventory, rowsForInventory, adopt)
    list.add(7, when: sessions.comparesInventory, endLost)
  }
}

extension OrphanStatements {
  static func list(into list: inout StatementList, _ sessions: SessionPolicies) {
    list.add(0, due, Self.list, ofSession, remove)
    list.add(0, when: sessions.orphans == .leftAlone, record)
    list.add(4, stop)
  }
}

extension ConnectionStatements {
  static func list(into list: inout StatementList, _ sessions: SessionPolicies) {
    list.add(0, insert, beat, remove, markDisconnected)
    list.add(0, when: sessions.connectCount == .addsNothing, touchSession)
    list.add(0, when: sessions.connectCount == .addsViewer, touchAndCountSession)
    list.add(0, when: sessions.connections == .sharedRows, removeExpired)
  }
}

extension StreamingStatements {
  static func list(into list: inout StatementList, _ streaming: StreamingPolicies) {
    list.add(0, states, activeUsers, relayed)
    list.add(6, audit)
    list.add(0, when: streaming.activity == .written, active)
    let isCounted = streaming.count == .incremented
    list.add(0, when: isCounted, increment, decrement)
    list.add(9, when: !isCounted, detached)
    list.add(9, when: !isCounted && streaming.activity == .written, attached)
    list.add(9, when: !isCounted && streaming.activity != .written, attachedQuietly)
  }
}
