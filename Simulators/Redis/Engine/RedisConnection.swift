import StreamSpaceProtocol

/// Identifies a connection over the server's life; counts up from 1 (`CLIENT ID`).
package struct ConnectionID: Hashable, Comparable, Sendable {
  package let number: Int64

  package init(_ number: Int64) { self.number = number }

  package static func < (left: ConnectionID, right: ConnectionID) -> Bool { left.number < right.number }
}

/// The state of one connection (`spec/04 §3.2`). Confined to its engine.
final class RedisConnection {
  let id: ConnectionID
  /// The peer's address as `CLIENT LIST` shows it.
  let address: String
  /// When it was opened, server time in milliseconds.
  let opened: Int64
  var decoder: RESPRequestDecoder

  var version = RESPVersion.two
  var database = 0
  var name: [UInt8] = []
  var libraryName: [UInt8] = []
  var libraryVersion: [UInt8] = []
  var isAuthenticated: Bool
  var isClosing = false
  /// Channels and patterns in the order of subscription.
  var channels: [ByteString] = []
  var patterns: [ByteString] = []
  var transaction: Transaction?
  var watched: [WatchedKey] = []
  /// A watched key has changed: the next `EXEC` answers nil.
  var hasConflict = false
  var lastCommand = "NULL"
  var lastInteraction: Int64
  /// Bytes waiting to be handed out by ``RedisEngine/feed(_:from:now:)``.
  var output: [UInt8] = []

  init(id: ConnectionID, address: String, now: Int64, limits: RESPLimits, isAuthenticated: Bool) {
    self.id = id
    self.address = address
    opened = now
    lastInteraction = now
    decoder = RESPRequestDecoder(limits: limits)
    self.isAuthenticated = isAuthenticated
  }

  var subscriptionCount: Int { channels.count + patterns.count }
}

/// Commands queued between `MULTI` and `EXEC`.
struct Transaction {
  struct Queued {
    let command: RedisCommand
    let arguments: [[UInt8]]
  }

  var queue: [Queued] = []
  /// A command was refused while queueing: `EXEC` discards all.
  var isBroken = false
}

/// A key a connection watches.
struct WatchedKey {
  let database: Int
  let key: ByteString
  /// The key had expired already when the watch began, so that its removal is no change.
  let wasExpired: Bool
}
