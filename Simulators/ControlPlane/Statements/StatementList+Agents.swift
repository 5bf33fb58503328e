import StreamSpaceProtocol

extension AgentStatements {
  static func list(into list: inout StatementList, _ behaviour: ControlPlaneBehaviour) {
    let (hub, enrolment) = (behaviour.hub, behaviour.enrolment)
    list.add(0, enrol, capacity, silent, Self.list, get, delete, reject)
    list.add(5, when: enrolment.identity == .mustAgree, keyOwner)
    list.add(9, credentials, keyUsed, lock, connected, owner, podDisconnected, stale, approve, replaceKey, schemaProbe)
    list.add(9, when: enrolment.registrationStatus == .untouched, register)
    list.add(9, when: enrolment.registrationStatus == .setsOnline, registerOnline)
    list.add(0, when: enrolment.registrationStatus == .untouched, httpHeartbeat)
    list.add(0, when: enrolment.registrationStatus == .setsOnline, httpHeartbeatAsShipped)
    list.add(9, when: hub.heartbeatStatus == .setsOnline, heartbeat, heartbeatDraining)
    list.add(9, when: hub.heartbeatStatus == .overwritesDraining, heartbeatOnline)
    list.add(9, when: hub.heartbeatStatus == .timestampOnly, heartbeatTimeOnly)
    list.add(9, when: hub.presenceRemoval == .guarded, disconnected)
    list.add(9, when: hub.presenceRemoval == .always, disconnectedBlindly)
    list.add(0, when: hub.attachmentCount == .clearedByRegistration, clearAttachments)
  }
}

extension CommandStatements {
  static func list(into list: inout StatementList, _ dispatch: DispatchPolicies) {
    let isGuarded = dispatch.answerUpdate == .forwardOnly
    let isStored = dispatch.transitions == .stored
    list.add(9, open, claim, claimAnew, due, releaseClaims)
    list.add(0, identify, pendingOf, insert)
    list.add(9, when: dispatch.unanswered != .left && dispatch.acknowledgement != .handover, failOverdue)
    list.add(9, when: dispatch.absentAgent == .waits, failAbsent)
    list.add(4, when: dispatch.absentAgent == .failsAtOnce || dispatch.startUp == .failsAll, failAtOnce)
    list.add(0, when: dispatch.startUp != .nothing, allPending)
    list.add(4, when: isStored && dispatch.sentUpdate == .guarded, sent)
    list.add(4, when: isStored && dispatch.sentUpdate == .unconditional, sentUnconditionally)
    list.add(9, when: isStored && isGuarded, acknowledged, completed, failed)
    list.add(
      4, when: isStored && !isGuarded, acknowledgedUnconditionally, completedUnconditionally, failedUnconditionally)
    list.add(
      4, when: !isStored, sentWithoutColumn, acknowledgedWithoutColumn, completedWithoutColumn, failedWithoutColumn)
  }
}
