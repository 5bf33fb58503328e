import StreamSpaceProtocol

/// The table `schema_migrations`: which steps of which versions a database has (spec/00, Migrations).
package struct MigrationLedger: Sendable, Equatable {
  /// One step.
  package struct Row: Sendable, Equatable {
    package enum State: String, Sendable {
      /// A back-fill of which some batches are done.
      case running
      case done
      /// Taken back, or being taken back: then `position` tells how far.
      case rolledBack = "rolled_back"
    }

    package var version: Int
    package var step: Int
    package var name: String
    package var checksum: String
    /// Nil: a word this binary does not know.
    package var state: State?
    package var position: String?

    package init(
      version: Int, step: Int, name: String, checksum: String, state: State?, position: String? = nil
    ) {
      self.version = version
      self.step = step
      self.name = name
      self.checksum = checksum
      self.state = state
      self.position = position
    }
  }

  package var rows: [Row]

  package init(_ rows: [Row]) { self.rows = rows }

  /// Reads the answer to ``read``.
  ///
  /// - Throws: `SQLRowError` when the answer is not one to it.
  package init(_ answer: SQLResult) throws(SQLRowError) {
    rows = []
    for row in answer.rows {
      rows.append(
        Row(
          version: Int(try row.integer("version")), step: Int(try row.integer("step")), name: try row.text("name"),
          checksum: try row.text("checksum"), state: Row.State(rawValue: try row.text("state")),
          position: try row.optionalText("position")))
    }
  }

  /// The rows of a version that stand: what was taken back, or is being, does not count.
  package func standing(_ version: Int) -> [Row] {
    rows.filter { $0.version == version && $0.state != .rolledBack }
  }

  /// Whether every step of a migration is done.
  package func isComplete(_ migration: Migration) -> Bool {
    let done = standing(migration.version).filter { $0.state == .done }.map(\.step)
    return migration.up.indices.allSatisfy { done.contains($0 + 1) }
  }

  /// Whether nothing is left to do for a binary with these migrations, and nothing speaks against it.
  package func isComplete(_ set: MigrationSet) -> Bool {
    set.migrations.allSatisfy(isComplete) && refusal(for: set) == nil
  }

  /// How many steps of the way back are done of a version that is being taken back; nil when it is not.
  package func rollBackProgress(_ version: Int) -> Int? {
    rows.first { $0.version == version && $0.state == .rolledBack && $0.position != nil }
      .flatMap { Int($0.position ?? "") }
  }
}
