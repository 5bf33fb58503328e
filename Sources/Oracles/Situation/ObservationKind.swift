import TestEnvironment

/// The kinds of observations, by which they are handed to the invariants that want them.
enum ObservationKind: Int, CaseIterable {
  case processStarted, processEnded, processPaused, processResumed, replicaReady, hubQueued, hubServed
  case route, redisAvailable, databaseAvailable
  case agentConnected, agentDisconnected, heartbeat, agentRow
  case commandInserted, commandStatus, commandSent, commandReceived, commandExecuted
  case sessionInserted, sessionHome, sessionState, sessionDeleted, activeConnections, viewerAttached, viewerDetached
  case databaseRestored, orphanListed
  case viewerAsked, viewerAnswered, viewerPicture, viewerEnded, tunnelOpened, tunnelClosed
  case streamBroken, streamLeaked, streamCompared
  case schemaCompared, statementPrepared, migrationRepeated, migrationInterrupted, migrationsTogether, contentsCompared
  case workload
  case lockChanged, leadership, platformWrite, platformWriteRefused, workStep, agentLink, agentSockets, agentRetry
  case agentCall, enrolment, foreignReport
  case requestAnswered, pushed
  case faultBegan, faultEnded, loadStopped, loadResumed
}

extension Observation {
  var kind: ObservationKind {
    switch self {
    case .processStarted: .processStarted
    case .processEnded: .processEnded
    case .processPaused: .processPaused
    case .processResumed: .processResumed
    case .replicaReady: .replicaReady
    case .hubQueued: .hubQueued
    case .hubServed: .hubServed
    case .route: .route
    case .redisAvailable: .redisAvailable
    case .databaseAvailable: .databaseAvailable
    case .agentConnected: .agentConnected
    case .agentDisconnected: .agentDisconnected
    case .heartbeat: .heartbeat
    case .agentRow: .agentRow
    case .commandInserted: .commandInserted
    case .commandStatus: .commandStatus
    case .commandSent: .commandSent
    case .commandReceived: .commandReceived
    case .commandExecuted: .commandExecuted
    case .sessionInserted: .sessionInserted
    case .sessionHome: .sessionHome
    case .sessionState: .sessionState
    case .sessionDeleted: .sessionDeleted
    case .databaseRestored: .databaseRestored
    case .orphanListed: .orphanListed
    case .activeConnections: .activeConnections
    case .viewerAttached: .viewerAttached
    case .viewerDetached: .viewerDetached
    case .viewerAsked: .viewerAsked
    case .viewerAnswered: .viewerAnswered
    case .viewerPicture: .viewerPicture
    case .viewerEnded: .viewerEnded
    case .tunnelOpened: .tunnelOpened
    case .tunnelClosed: .tunnelClosed
    case .streamBroken: .streamBroken
    case .streamLeaked: .streamLeaked
    case .streamCompared: .streamCompared
    case .schemaCompared: .schemaCompared
    case .statementPrepared: .statementPrepared
    case .migrationRepeated: .migrationRepeated
    case .migrationInterrupted: .migrationInterrupted
    case .migrationsTogether: .migrationsTogether
    case .contentsCompared: .contentsCompared
    case .workload: .workload
    case .lockChanged: .lockChanged
    case .leadership: .leadership
    case .platformWrite: .platformWrite
    case .platformWriteRefused: .platformWriteRefused
    case .workStep: .workStep
    case .agentLink: .agentLink
    case .agentSockets: .agentSockets
    case .agentRetry: .agentRetry
    case .agentCall: .agentCall
    case .enrolment: .enrolment
    case .foreignReport: .foreignReport
    case .requestAnswered: .requestAnswered
    case .pushed: .pushed
    case .faultBegan: .faultBegan
    case .faultEnded: .faultEnded
    case .loadStopped: .loadStopped
    case .loadResumed: .loadResumed
    }
  }
}
