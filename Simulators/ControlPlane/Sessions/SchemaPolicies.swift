import StreamSpaceProtocol

/// What the code that makes and ends sessions takes for granted of the schema and of the rows it reads.
package struct SchemaPolicies: Sendable, Equatable {
  /// By which columns agents are chosen.
  package enum Load: Sendable, Equatable {
    /// The count of sessions by their `state`.
    case countedByState
    /// `agents.active_sessions`, which does not exist; the failed query counts as "no agent".
    case activeSessionsColumn
    /// The count by `sessions.status`, which does not exist either.
    case countedByStatus
  }

  /// By which column the licence counts sessions.
  package enum LicenceCount: Sendable, Equatable {
    case byState
    /// `sessions.status`, which does not exist: the query fails, and nothing is enforced (B-83).
    case byStatus
  }

  /// How a create asks for what its owner uses.
  package enum Usage: Sendable, Equatable {
    case bySession
    /// With `cluster_name` of each session, which does not exist.
    case withClusterName
  }

  /// How a row of the catalogue is read.
  package enum TemplateScan: Sendable, Equatable {
    /// NULL texts are empty.
    case toleratesNull
    /// NULL texts are an error (spec/02 §5.2 step 7).
    case rejectsNull
    /// The tags are read as a list, and the driver gives a text.
    case arrayAsList
  }

  /// What a create reads back of the command it wrote.
  package enum InsertedCommand: Sendable, Equatable {
    case nothing
    /// Its error message into a text, where a new command has NULL.
    case errorMessage
  }

  /// Where DELETE looks up who has the session.
  package enum Holder: Sendable, Equatable {
    case agent
    /// In `controller_id` of the first version, always NULL, read into a text.
    case controller
  }

  package var load = Load.countedByState
  package var usage = Usage.bySession
  package var licenceCount = LicenceCount.byState
  package var templateScan = TemplateScan.toleratesNull
  package var insertedCommand = InsertedCommand.nothing
  package var holder = Holder.agent
  /// How the catalogue follows its repositories. No replica of a simulation has repositories: DBM-11 carries it out.
  package var catalogueSync = CatalogueSync.Method.upserts

  package init() {}
}
