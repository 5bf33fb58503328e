import StreamSpaceProtocol

/// A Redis server without sockets and without a clock: commands in, replies and messages out.
///
/// The time is given with every call, in milliseconds of the server's wall clock; it may jump, forwards and back
/// (`spec/04 §3.5`). One engine is confined to one thread. Two ways in, with the same meaning: ``execute(_:on:now:)``
/// takes a command's arguments, ``feed(_:from:now:)`` the bytes of a stream.
package final class RedisEngine {
  package let configuration: RedisConfiguration
  /// While true, commands are refused that are not legal during start-up.
  package var isLoading = false
  /// While true, the server is a read-only replica and refuses writes.
  package var isReadOnly = false
  /// Told of everything that happens to keys, subscriptions and messages.
  package var observer: ((RedisEvent) -> Void)?
  /// Number of commands executed, refused ones and those inside transactions included.
  package internal(set) var commandsProcessed: Int64 = 0

  var databases: [Keyspace]
  var connections: [ConnectionID: RedisConnection] = [:]
  var pubsub = PubSubRegistry()
  var scripts = ScriptCache()
  var journal: WriteJournal
  /// Counts memory, where it is limited.
  var pressure: MemoryPressure?
  /// Server time of the current command: frozen while it runs.
  var now: Int64
  let started: Int64

  private var lastConnection: Int64 = 0
  private var messages: [RedisMessage] = []
  private var closed: [ConnectionID] = []

  static let commands = CommandTable([
    StringCommands.all, KeyCommands.all, ExpiryCommands.all, HashCommands.all, SetCommands.all, PubSubCommands.all,
    TransactionCommands.all, ScriptCommands.all, ConnectionCommands.all, ServerCommands.all,
  ])

  package init(configuration: RedisConfiguration = RedisConfiguration(), now: Int64 = 0) {
    self.configuration = configuration
    self.now = now
    started = now
    databases = Array(repeating: Keyspace(), count: max(1, configuration.databases))
    journal = WriteJournal(capacity: configuration.rememberedWrites)
    pressure = configuration.maximumMemory.map { MemoryPressure(limit: $0, policy: configuration.eviction) }
  }

  // MARK: Connections

  /// Opens a connection.
  ///
  /// - Parameter address: the peer as `CLIENT LIST` shows it.
  /// - Throws: the error to send before closing, when there are too many clients.
  package func open(address: String = "127.0.0.1:0", now: Int64) throws(RedisError) -> ConnectionID {
    guard connections.count < configuration.maximumClients else { throw .tooManyClients }
    lastConnection += 1
    let id = ConnectionID(lastConnection)
    connections[id] = RedisConnection(
      id: id, address: address, now: now, limits: configuration.limits,
      isAuthenticated: configuration.password == nil)
    return id
  }

  /// Forgets a connection that has ended, whoever ended it.
  package func close(_ id: ConnectionID, now: Int64) {
    guard let connection = connections[id] else { return }
    self.now = now
    connection.isClosing = true
    unsubscribeFromAll(connection)
    unwatchAll(connection)
    connections[id] = nil
  }

  /// Whether a connection exists and was not ended by the server.
  package func isOpen(_ id: ConnectionID) -> Bool { connections[id].map { !$0.isClosing } ?? false }

  /// The protocol version a connection has negotiated.
  package func version(of id: ConnectionID) -> RESPVersion { connections[id]?.version ?? .two }

  /// Connections the server has ended since the last call; messages and replies to them come before their end.
  package func takeClosed() -> [ConnectionID] {
    defer { closed = [] }
    return closed
  }

  /// Messages (pushes) since the last call, in order. They come before the reply of the command that caused them.
  package func takeMessages() -> [RedisMessage] {
    guard !messages.isEmpty else { return [] }
    defer { messages = [] }
    return messages
  }

  func send(_ value: RESPValue, to connection: RedisConnection) {
    guard !connection.isClosing else { return }
    messages.append(RedisMessage(connection: connection.id, value: value, version: connection.version))
  }

  /// Ends a connection from the server's side. What was sent to it is still delivered.
  func end(_ connection: RedisConnection) {
    guard !connection.isClosing else { return }
    closed.append(connection.id)
    unsubscribeFromAll(connection)
    unwatchAll(connection)
    connection.isClosing = true
    connections[connection.id] = nil
  }

  // MARK: Commands

  /// Executes one command as if it had arrived on a connection.
  ///
  /// - Parameters:
  ///   - arguments: the command's name, then its arguments.
  ///   - now: server time in milliseconds.
  /// - Returns: the reply as the connection's protocol version shows it; nil for a command that answers by messages
  ///   only (`SUBSCRIBE` and its like) and for an unknown connection.
  package func execute(_ arguments: [[UInt8]], on id: ConnectionID, now: Int64) -> RESPValue? {
    guard let connection = connections[id], !arguments.isEmpty else { return nil }
    return process(arguments, on: connection, now: now)?.represented(in: connection.version)
  }

  /// Executes a command given as texts.
  package func execute(_ arguments: [String], on id: ConnectionID, now: Int64) -> RESPValue? {
    execute(arguments.map { Array($0.utf8) }, on: id, now: now)
  }

  /// Executes one command; the reply is not yet in the form of the connection's protocol version.
  func process(_ arguments: [[UInt8]], on connection: RedisConnection, now: Int64) -> RESPValue? {
    self.now = now
    connection.lastInteraction = now
    commandsProcessed += 1
    defer {
      relievePressure()
      journal.endWrite()
    }
    var named: RedisCommand?
    do {
      let command = try Self.commands.command(for: arguments)
      named = command
      try admit(command, arguments, on: connection)
      if connection.transaction != nil, !command.flags.contains(.notQueued) {
        connection.transaction?.queue.append(Transaction.Queued(command: command, arguments: arguments))
        return .simple("QUEUED")
      }
      connection.lastCommand = command.name
      return run(command, arguments, on: connection)
    } catch {
      return refuse(error, command: named, on: connection)
    }
  }

  /// Runs a command that was admitted.
  func run(_ command: RedisCommand, _ arguments: [[UInt8]], on connection: RedisConnection) -> RESPValue? {
    do {
      return try command.body(self, Invocation(arguments: arguments, connection: connection, command: command))
    } catch {
      return error.reply
    }
  }

  /// Tests whether a command may run now, in the order of Redis.
  private func admit(
    _ command: RedisCommand, _ arguments: [[UInt8]], on connection: RedisConnection
  ) throws(RedisError) {
    guard command.accepts(argumentCount: arguments.count) else { throw .arity(command.name) }
    if !connection.isAuthenticated, !command.flags.contains(.withoutAuthentication) { throw .notAuthenticated }
    if connection.transaction != nil, command.flags.contains(.noTransaction) {
      throw RedisError("ERR Command not allowed inside a transaction")
    }
    if isReadOnly, command.flags.contains(.write) || wouldExecuteWrites(command, connection) { throw .readOnly }
    if connection.version == .two, connection.subscriptionCount > 0, !command.flags.contains(.subscriber) {
      throw RedisError(
        "ERR Can't execute '\(command.name)': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context"
      )
    }
    if isLoading, !command.flags.contains(.loading) || wouldExecuteRefusedWhileLoading(command, connection) {
      throw .loading
    }
  }

  private func wouldExecuteWrites(_ command: RedisCommand, _ connection: RedisConnection) -> Bool {
    command.name == "exec"
      && (connection.transaction?.queue.contains { $0.command.flags.contains(.write) } ?? false)
  }

  private func wouldExecuteRefusedWhileLoading(_ command: RedisCommand, _ connection: RedisConnection) -> Bool {
    command.name == "exec"
      && (connection.transaction?.queue.contains { !$0.command.flags.contains(.loading) } ?? false)
  }

  /// Answers a refused command: it spoils an open transaction, and a refused `EXEC` discards it.
  private func refuse(_ error: RedisError, command: RedisCommand?, on connection: RedisConnection) -> RESPValue {
    guard connection.transaction != nil else { return error.reply }
    if command?.name == "exec" {
      connection.transaction = nil
      unwatchAll(connection)
      return .error("EXECABORT Transaction discarded because of: \(error.text)")
    }
    connection.transaction?.isBroken = true
    return error.reply
  }

  func note(_ event: @autoclosure () -> RedisEvent) {
    if let observer { observer(event()) }
  }
}

/// A value on its way to a connection.
package struct RedisMessage: Sendable, Equatable {
  package let connection: ConnectionID
  /// Not yet in the form of the protocol version.
  let value: RESPValue
  /// The version the connection had when the value was sent.
  let version: RESPVersion

  /// The value as the connection's protocol version shows it.
  package var represented: RESPValue { value.represented(in: version) }
  /// The bytes on the wire.
  package var encoded: [UInt8] { value.encoded(in: version) }
}
