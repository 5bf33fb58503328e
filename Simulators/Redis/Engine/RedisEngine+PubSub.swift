import StreamSpaceProtocol

extension RedisEngine {
  /// Subscribes a connection; says so with the connection's new count (`spec/04 §3.7`).
  func subscribe(_ connection: RedisConnection, to name: ByteString, isPattern: Bool) {
    let known = isPattern ? connection.patterns : connection.channels
    if !known.contains(name) {
      if isPattern { connection.patterns.append(name) } else { connection.channels.append(name) }
      pubsub.add(connection.id, to: name, isPattern: isPattern)
      note(.subscribed(connection.id, to: name, isPattern: isPattern))
    }
    announce(isPattern ? "psubscribe" : "subscribe", .bulk(name.bytes), to: connection)
  }

  /// Unsubscribes a connection; says so, whether it was subscribed or not.
  func unsubscribe(_ connection: RedisConnection, from name: ByteString, isPattern: Bool) {
    drop(connection, name, isPattern: isPattern)
    announce(isPattern ? "punsubscribe" : "unsubscribe", .bulk(name.bytes), to: connection)
  }

  /// The answer to `UNSUBSCRIBE` of a connection without channels.
  func announceNothingToUnsubscribe(_ connection: RedisConnection, isPattern: Bool) {
    announce(isPattern ? "punsubscribe" : "unsubscribe", .null, to: connection)
  }

  /// Ends all subscriptions of a connection without a word to it.
  func unsubscribeFromAll(_ connection: RedisConnection) {
    for name in connection.channels { drop(connection, name, isPattern: false) }
    for name in connection.patterns { drop(connection, name, isPattern: true) }
  }

  /// Delivers a message to all who are subscribed at this moment; at most once, no queue, no history.
  ///
  /// - Returns: the number of receivers, channel and pattern matches together.
  func publish(_ payload: [UInt8], to channel: ByteString) -> Int {
    var receivers = 0
    for id in pubsub.subscribers(of: channel) {
      guard let connection = connections[id] else { continue }
      send(.push([.bulk("message"), .bulk(channel.bytes), .bulk(payload)]), to: connection)
      receivers += 1
    }
    for (pattern, subscribers) in pubsub.patterns(matching: channel) {
      for id in subscribers {
        guard let connection = connections[id] else { continue }
        send(
          .push([.bulk("pmessage"), .bulk(pattern.bytes), .bulk(channel.bytes), .bulk(payload)]), to: connection)
        receivers += 1
      }
    }
    note(.published(channel: channel, payload: payload, receivers: receivers))
    return receivers
  }

  /// Number of connections subscribed to a channel by name.
  package func subscriberCount(of channel: String) -> Int {
    pubsub.subscribers(of: ByteString(channel)).count
  }

  /// Channels with a subscriber by name.
  package var channelCount: Int { pubsub.channelNames.count }

  private func drop(_ connection: RedisConnection, _ name: ByteString, isPattern: Bool) {
    let known = isPattern ? connection.patterns : connection.channels
    guard let index = known.firstIndex(of: name) else { return }
    if isPattern { connection.patterns.remove(at: index) } else { connection.channels.remove(at: index) }
    pubsub.remove(connection.id, from: name, isPattern: isPattern)
    note(.unsubscribed(connection.id, from: name, isPattern: isPattern))
  }

  private func announce(_ kind: String, _ name: RESPValue, to connection: RedisConnection) {
    send(.push([.bulk(kind), name, .integer(Int64(connection.subscriptionCount))]), to: connection)
  }
}
