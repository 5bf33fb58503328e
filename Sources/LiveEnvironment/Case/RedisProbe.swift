#if Live
  import SocketBridges
  import StreamSpaceProtocol

  /// Asks a real Redis and waits for the answer. For one thread at a time, and none of Swift's own.
  package final class RedisProbe {
    private let server: SocketBridges.ServerAddress
    /// A connection to each database that was asked.
    private var clients: [Int: RESPClient] = [:]

    /// Longest wait for a connection and for an answer.
    private static let patience = Duration.seconds(2)

    /// - Parameter port: On the loopback address.
    package init(port: Int) { server = .tcp(host: "127.0.0.1", port: port) }

    deinit { close() }

    package func close() {
      for client in clients.values { client.close() }
      clients = [:]
    }

    /// One command of a database; connects first where that is needed, and once anew where the old connection is gone.
    /// Throws ``ConnectionTrouble``, also for an error that Redis answers. For commands that may be carried out twice.
    package func call(_ words: [String], database: Int) throws -> RESPValue {
      if let known = clients[database] {
        do { return try call(words, known, database: database) } catch ConnectionTrouble.reset {}
      }
      return try call(words, nil, database: database)
    }

    private func call(_ words: [String], _ known: RESPClient?, database: Int) throws -> RESPValue {
      let server = server
      let answer = Blocking.wait { () async -> Result<(RESPClient, RESPValue), any Error> in
        do {
          let client: RESPClient
          if let known {
            client = known
          } else {
            client = try await RESPClient.connect(to: server, database: database, timeout: Self.patience)
          }
          return .success((client, try await client.command(words, within: Self.patience)))
        } catch {
          return .failure(error)
        }
      }
      switch answer {
      case .failure(let error):
        clients.removeValue(forKey: database)?.close()
        throw error
      case .success((let client, let value)):
        clients[database] = client
        if let text = value.errorText { throw ConnectionTrouble.malformed(text) }
        return value
      }
    }
  }
#endif
