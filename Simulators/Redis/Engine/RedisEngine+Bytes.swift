import StreamSpaceProtocol

/// Bytes for one connection, and whether it ends after them.
package struct RedisOutput: Sendable, Equatable {
  package let connection: ConnectionID
  package let bytes: [UInt8]
  package let closes: Bool
}

extension RedisEngine {
  /// Takes bytes that a client sent; executes every whole request among them, in order.
  ///
  /// - Returns: what goes out, to this connection and others, in the order in which each first had something to get.
  package func feed(_ bytes: some Collection<UInt8>, from id: ConnectionID, now: Int64) -> [RedisOutput] {
    var touched: [RedisConnection] = []
    receive(bytes, from: id, now: now) { connection, value, version in
      if connection.output.isEmpty { touched.append(connection) }
      connection.output.append(value, in: version)
    }
    let closed = takeClosed()
    var outputs = touched.map { connection in
      defer { connection.output = [] }
      return RedisOutput(
        connection: connection.id, bytes: connection.output, closes: closed.contains(connection.id))
    }
    for id in closed where !touched.contains(where: { $0.id == id }) {
      outputs.append(RedisOutput(connection: id, bytes: [], closes: true))
    }
    return outputs
  }

  /// Takes bytes and hands out every value as it arises, messages before the reply that follows them.
  func receive(
    _ bytes: some Collection<UInt8>, from id: ConnectionID, now: Int64,
    deliver: (RedisConnection, RESPValue, RESPVersion) -> Void
  ) {
    guard let connection = connections[id] else { return }
    connection.decoder.append(bytes)
    while !connection.isClosing {
      do {
        guard let request = try connection.decoder.next(authenticated: connection.isAuthenticated) else { return }
        if Self.isHTTP(request) { return end(connection) }
        let reply = process(request, on: connection, now: now)
        for message in takeMessages() {
          guard let receiver = connections[message.connection] else { continue }
          deliver(receiver, message.value, message.version)
        }
        if let reply { deliver(connection, reply, connection.version) }
      } catch {
        deliver(connection, error.reply, connection.version)
        end(connection)
      }
    }
  }

  /// Redis drops a client that speaks HTTP without a word, lest a browser be made to write into it.
  private static func isHTTP(_ request: [[UInt8]]) -> Bool {
    guard let name = request.first, name.count == 4 || name.count == 5 else { return false }
    let word = String(decoding: name, as: UTF8.self).lowercased()
    return word == "post" || word == "host:"
  }
}
