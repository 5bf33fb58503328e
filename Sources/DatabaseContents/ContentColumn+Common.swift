import StreamSpaceProtocol

/// Columns that many tables have alike.
extension ContentColumn {
  static let created = nullable("created_at", every: 13) { $0.madeTime() }
  static let updated = nullable("updated_at", every: 11) { $0.changedTime() }

  static func serial() -> ContentColumn {
    always("id") { .integer(Int64(ContentGenerator.firstSerial + $0.row)) }
  }

  /// `org_id` of version 6: both tenants, the default one, and none.
  static let organisation = nullable("org_id", since: 6, every: 5) { $0.pick($0.contents.organisations) }

  static func user(_ name: String, every period: Int = 9) -> ContentColumn {
    nullable(name, every: period) { $0.pick($0.contents.users) }
  }

  static func text(_ name: String, _ limit: Int? = 255, since: Int = 0) -> ContentColumn {
    nullable(name, since: since) { $0.text(limit) }
  }

  static func time(_ name: String, since: Int = 0, every period: Int = 3) -> ContentColumn {
    nullable(name, since: since, every: period) { $0.time() }
  }

  static func integer(_ name: String) -> ContentColumn { nullable(name) { $0.integer() } }

  static func json(_ name: String) -> ContentColumn { nullable(name, every: 6) { $0.json() } }

  static func choice(_ name: String, _ values: [String], since: Int = 0, limit: Int = 50) -> ContentColumn {
    nullable(name, since: since, every: 9) { $0.usually(values, limit: limit) }
  }
}
