import StreamSpaceProtocol

/// Numbered migrations in order, 0 first (spec/00, Migrations).
package struct MigrationSet: Sendable, Equatable {
  package var migrations: [Migration]

  package init(_ migrations: [Migration]) { self.migrations = migrations }

  /// The newest version.
  package var newest: Int { migrations.last?.version ?? 0 }

  package subscript(version: Int) -> Migration? { migrations.first { $0.version == version } }
}

/// One version: what brings it and what takes it back.
package struct Migration: Sendable, Equatable {
  package var version: Int
  package var name: String
  package var up: [MigrationStep]
  /// Undoes `up`, in the order in which it is carried out.
  package var down: [MigrationStep]
  /// Adds nullable columns only: an older control plane can go on serving (spec/00, Migrations).
  package var isCompatible: Bool
  package var effects: DeclaredEffects

  package init(
    version: Int, name: String, up: [MigrationStep], down: [MigrationStep], isCompatible: Bool,
    effects: DeclaredEffects
  ) {
    self.version = version
    self.name = name
    self.up = up
    self.down = down
    self.isCompatible = isCompatible
    self.effects = effects
  }
}

/// A part of a migration that is carried out at once and recorded with it.
package struct MigrationStep: Sendable, Equatable {
  package enum Kind: Sendable, Equatable {
    /// DDL (and seed rows) in one transaction with its ledger row.
    case schema
    /// One UPDATE, batch after batch of 5 000 rows by the key of `table`, each with its position in the ledger. In the
    /// statement `$1` is the key after which the batch begins and `$2` the key with which it ends.
    case backfill(table: String, key: String)
    /// One index; on large tables built CONCURRENTLY, outside a transaction.
    case index(table: String)
  }

  package var kind: Kind
  /// PostgreSQL text without the closing semicolon, one statement each.
  package var statements: [String]
  /// The step's text with LF line ends: what the checksum is of.
  package var text: String { didSet { checksum = SHA256.hex(text) } }
  /// SHA-256 of the text in hexadecimal, as the ledger records it. Every start of a replica compares it.
  package private(set) var checksum: String

  package init(kind: Kind, statements: [String], text: String) {
    self.kind = kind
    self.statements = statements
    self.text = text
    checksum = SHA256.hex(text)
  }
}

/// What a migration says it does to data, so that a test can tell a loss from a declared one.
package struct DeclaredEffects: Sendable, Equatable {
  /// `table.column` or `table`.
  package var adds: [String]
  /// By `table.column`: what fills the rows that have no value, as an SQL expression.
  package var backfills: [String: String]
  /// `table.column` or `table`: what the roll-back loses.
  package var loses: [String]

  package init(adds: [String] = [], backfills: [String: String] = [:], loses: [String] = []) {
    self.adds = adds
    self.backfills = backfills
    self.loses = loses
  }
}
