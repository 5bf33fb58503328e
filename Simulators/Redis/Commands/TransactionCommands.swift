import StreamSpaceProtocol

/// Transactions (`spec/04 §3.4`).
enum TransactionCommands {
  static let all: [RedisCommand] = [
    RedisCommand("multi", 1, always, begin),
    RedisCommand("exec", 1, always, execute),
    RedisCommand("discard", 1, always, discard),
    RedisCommand("watch", -2, always, keys: (1, -1, 1), watch),
    RedisCommand("unwatch", 1, [.loading, .noScript]) { (engine, call) throws(RedisError) in
      engine.unwatchAll(call.connection)
      return .ok
    },
  ]

  private static let always: RedisCommand.Flags = [.loading, .noScript, .notQueued]

  private static func begin(_ engine: RedisEngine, _ call: Invocation) throws(RedisError) -> RESPValue? {
    guard call.connection.transaction == nil else { throw RedisError("ERR MULTI calls can not be nested") }
    call.connection.transaction = Transaction()
    return .ok
  }

  /// Runs all queued commands at one instant, as one write.
  private static func execute(_ engine: RedisEngine, _ call: Invocation) throws(RedisError) -> RESPValue? {
    guard let transaction = call.connection.transaction else { throw RedisError("ERR EXEC without MULTI") }
    let isBroken = transaction.isBroken
    let hasConflict = call.connection.hasConflict || engine.hasExpiredWatch(call.connection)
    call.connection.transaction = nil
    engine.unwatchAll(call.connection)
    if isBroken { throw .executionAborted }
    if hasConflict { return .nullArray }
    var replies: [RESPValue] = []
    for queued in transaction.queue {
      if let reply = engine.run(queued.command, queued.arguments, on: call.connection) { replies.append(reply) }
    }
    return .array(replies)
  }

  private static func discard(_ engine: RedisEngine, _ call: Invocation) throws(RedisError) -> RESPValue? {
    guard call.connection.transaction != nil else { throw RedisError("ERR DISCARD without MULTI") }
    call.connection.transaction = nil
    engine.unwatchAll(call.connection)
    return .ok
  }

  private static func watch(_ engine: RedisEngine, _ call: Invocation) throws(RedisError) -> RESPValue? {
    guard call.connection.transaction == nil else {
      throw RedisError("ERR WATCH inside MULTI is not allowed")
    }
    for index in 1..<call.count { engine.watch(call.key(index), by: call.connection) }
    return .ok
  }
}
