import ControlPlane
import Database
import SimulationRuntime
import StreamSpaceProtocol
import Testing

/// Every statement of the user side is what the schema of the contract can run (I-SCHEMA).
@Suite struct SessionStatementTests {
  static let all: [SQLStatement] = [
    SessionStatements.find, SessionStatements.listOwned, SessionStatements.listOfOrganisation,
    SessionStatements.listByTags, SessionStatements.lockOwner, SessionStatements.usageOfOwner,
    SessionStatements.lockOwnerAlone, SessionStatements.agentCandidates, SessionStatements.insert,
    SessionStatements.insertCommand, SessionStatements.commandExists, SessionStatements.beginTermination,
    SessionStatements.beginHibernation, SessionStatements.beginWake, SessionStatements.terminateWithoutAgent,
    SessionStatements.setTags, SessionStatements.overwriteState, SessionStatements.delete,
    SessionStatements.recordActivity,
    ConnectionStatements.insert, ConnectionStatements.touchSession, ConnectionStatements.touchAndCountSession,
    ConnectionStatements.beat,
    ConnectionStatements.remove, ConnectionStatements.markDisconnected, ConnectionStatements.removeExpired,
    CommandResultStatements.standing, CommandResultStatements.becomeRunning,
    CommandResultStatements.becomeHibernated, CommandResultStatements.becomeTerminated,
    CommandResultStatements.becomeTerminating,
    CommandResultStatements.startFailed, CommandResultStatements.revert, CommandResultStatements.reportedRunning,
    CommandResultStatements.reportedHibernated, CommandResultStatements.reportedTerminated,
    CommandResultStatements.reportedFailed, CommandResultStatements.reportedVerbatim,
    CommandResultStatements.correct,
    ReconcilerStatements.work, ReconcilerStatements.redriveStopUnbounded, ReconcilerStatements.stuck,
    ReconcilerStatements.redriveStart, ReconcilerStatements.redrive,
    ReconcilerStatements.giveUp, ReconcilerStatements.failOpenCommands, ReconcilerStatements.idleCandidates,
    ReconcilerStatements.hibernateIdle, ReconcilerStatements.rowsForInventory, ReconcilerStatements.adopt,
    ReconcilerStatements.endLost,
    CatalogStatements.forSession, CatalogStatements.applicationForSession, CatalogStatements.list,
    CatalogStatements.find,
    UserStatements.authenticate, UserStatements.credentials, UserStatements.recordLogin, UserStatements.find,
    UserStatements.findByIDOrName, UserStatements.list, UserStatements.groups, UserStatements.quota,
    UserStatements.quotaByName, UserStatements.quotas, UserStatements.setQuota,
  ]

  /// An engine answers a statement with the wrong number of parameters only after it was prepared.
  @Test("every statement prepares against the schema of the contract", arguments: all)
  func prepares(_ statement: SQLStatement) throws {
    let image = try DatabaseImage(schema: .contract, at: Epoch.unixSeconds * 1_000_000)
    let engine = try DatabaseEngine(image: image, identifierSeed: 1)
    let session = DatabaseSession(1)
    let many = Array(repeating: SQLValue.null, count: 40)
    let effects = engine.submit(.execute(statement, many), from: session, at: Epoch.unixSeconds * 1_000_000)
    guard case .failure(let error)? = effects.answer(to: session) else {
      Issue.record("\(statement.name) took 40 parameters")
      return
    }
    #expect(error.sqlState == "08P01", "\(statement.name): \(error)")
  }

  @Test("no two statements share a name")
  func namesAreUnique() {
    #expect(Set(Self.all.map(\.name)).count == Self.all.count)
  }
}
