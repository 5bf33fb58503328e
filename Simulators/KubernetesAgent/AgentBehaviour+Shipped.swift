extension AgentBehaviour {
  /// The agent of the branch head (spec/03 §1 to §4): it knows none of the contract's extensions.
  ///
  /// Its second writer is left out: it would end the process at the 270th second of every run.
  package static let shipped: AgentBehaviour = {
    var behaviour = AgentBehaviour()
    behaviour.reconnect = .exact
    behaviour.joinedDocuments = .dropped
    behaviour.writer = .diesOnFailure
    behaviour.namesProtocol = false
    behaviour.reportsInventory = false
    behaviour.handlers = .inReadLoop
    behaviour.commandHistory = .none
    behaviour.statusReports = .startOnly
    behaviour.existingWorkload = .fails
    behaviour.failedStart = .leavesIt
    behaviour.stopErrors = .hidden
    behaviour.podChoice = .firstInList
    behaviour.scaleConflict = .fails
    behaviour.inspectsWorkloads = false
    behaviour.tunnels.desktopEnd = .silent
    behaviour.tunnels.sendQueues = .shared
    behaviour.reportedPort = .always3000
    behaviour.election.afterLoss = .retires
    behaviour.election.withoutControlPlane = .keepsLease
    behaviour.election.handlersAtLoss = .runOn
    behaviour.election.release = .beforeStop
    behaviour.election.platformWrites = .unfenced
    return behaviour
  }()
}
