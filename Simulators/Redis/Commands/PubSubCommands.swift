import StreamSpaceProtocol

/// Publish and subscribe (`spec/04 §3.7`).
enum PubSubCommands {
  static let all: [RedisCommand] = [
    RedisCommand("subscribe", -2, subscribing) { (engine, call) throws(RedisError) in
      subscribe(engine, call, isPattern: false)
    },
    RedisCommand("psubscribe", -2, subscribing) { (engine, call) throws(RedisError) in
      subscribe(engine, call, isPattern: true)
    },
    RedisCommand("unsubscribe", -1, subscribing) { (engine, call) throws(RedisError) in
      unsubscribe(engine, call, isPattern: false)
    },
    RedisCommand("punsubscribe", -1, subscribing) { (engine, call) throws(RedisError) in
      unsubscribe(engine, call, isPattern: true)
    },
    RedisCommand("publish", 3, [.loading]) { (engine, call) throws(RedisError) in
      .integer(Int64(engine.publish(call[2], to: call.key(1))))
    },
    RedisCommand(
      "pubsub",
      container: [
        RedisCommand("pubsub|channels", -2, [.loading], channels),
        RedisCommand("pubsub|numsub", -2, [.loading]) { (engine, call) throws(RedisError) in
          .array(
            (2..<call.count).flatMap { index -> [RESPValue] in
              [.bulk(call[index]), .integer(Int64(engine.pubsub.subscribers(of: call.key(index)).count))]
            })
        },
        RedisCommand("pubsub|numpat", 2, [.loading]) { (engine, call) throws(RedisError) in
          .integer(Int64(engine.pubsub.patternCount))
        },
      ]),
  ]

  /// Inside a transaction the messages would arrive in the middle of the reply: not offered
  /// (`docs/redis-differences.md`).
  private static let subscribing: RedisCommand.Flags = [.loading, .noScript, .subscriber, .noTransaction]

  private static func subscribe(_ engine: RedisEngine, _ call: Invocation, isPattern: Bool) -> RESPValue? {
    for index in 1..<call.count { engine.subscribe(call.connection, to: call.key(index), isPattern: isPattern) }
    return nil
  }

  private static func unsubscribe(_ engine: RedisEngine, _ call: Invocation, isPattern: Bool) -> RESPValue? {
    let subscribed = isPattern ? call.connection.patterns : call.connection.channels
    let names = call.count > 1 ? (1..<call.count).map { call.key($0) } : subscribed
    for name in names { engine.unsubscribe(call.connection, from: name, isPattern: isPattern) }
    if names.isEmpty { engine.announceNothingToUnsubscribe(call.connection, isPattern: isPattern) }
    return nil
  }

  private static func channels(_ engine: RedisEngine, _ call: Invocation) throws(RedisError) -> RESPValue? {
    guard call.count <= 3 else {
      throw RedisError("ERR unknown subcommand or wrong number of arguments for 'CHANNELS'. Try PUBSUB HELP.")
    }
    let names = engine.pubsub.channelNames
    let shown = call.count == 3 ? names.filter { GlobPattern.matches(call[2], $0.bytes) } : names
    return .array(shown.map { .bulk($0.bytes) })
  }
}
