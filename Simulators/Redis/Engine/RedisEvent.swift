/// Something that happened inside the server, for oracles and traces.
package enum RedisEvent: Sendable, Equatable {
  /// The server accepts connections; without data every key it had is reported as lost right after.
  case started(withData: Bool)
  /// A key came, changed or went.
  case keyChanged(KeyChange)
  /// A connection subscribed to a channel or pattern.
  case subscribed(ConnectionID, to: ByteString, isPattern: Bool)
  /// A connection ceased to be subscribed, by command or because it ended.
  case unsubscribed(ConnectionID, from: ByteString, isPattern: Bool)
  /// A message was published; 0 receivers means that nobody has it (C3).
  case published(channel: ByteString, payload: [UInt8], receivers: Int)
  /// A script was refused because it is outside the subset this server runs: the scenario must be told.
  case scriptRefused(digest: String, reason: String)
}

/// A change of one key.
package struct KeyChange: Sendable, Equatable {
  /// Why a key changed.
  package enum Cause: Sendable, Equatable {
    /// A client's command.
    case command
    /// Its time was over.
    case expired
    /// Taken out under memory pressure, or by a fault.
    case evicted
    /// A write that a fail-over lost.
    case lost
  }

  package let database: Int
  package let key: ByteString
  package let old: KeyEntry?
  package let new: KeyEntry?
  package let cause: Cause
}
