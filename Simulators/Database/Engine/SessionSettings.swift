/// What SET has changed for a session or its transaction.
struct SessionSettings {
  private struct Values {
    var lockTimeout: Int?
    var localLockTimeout: Int?
  }

  private var values: [DatabaseSession: Values] = [:]

  mutating func set(
    _ setting: DefinitionStatement.Setting, isLocal: Bool, of session: DatabaseSession, inTransaction: Bool
  ) {
    guard case .lockTimeout(let milliseconds) = setting else { return }
    if isLocal {
      // Outside a transaction PostgreSQL warns and does nothing.
      if inTransaction { values[session, default: Values()].localLockTimeout = milliseconds }
    } else {
      values[session, default: Values()].lockTimeout = milliseconds
    }
  }

  /// Milliseconds; nil when the session waits for ever.
  func lockTimeout(of session: DatabaseSession) -> Int? {
    guard let values = values[session] else { return nil }
    let milliseconds = values.localLockTimeout ?? values.lockTimeout
    return milliseconds == 0 ? nil : milliseconds
  }

  mutating func endTransaction(of session: DatabaseSession) { values[session]?.localLockTimeout = nil }

  mutating func forget(_ session: DatabaseSession) { values[session] = nil }
}
