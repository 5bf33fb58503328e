#if Live
  import Foundation
  import PostgreSQL
  import SimulationRuntime
  import StreamSpaceProtocol

  /// Takes the inner connections to the database out to a PostgreSQL server: each has a session of its own there, and
  /// asks it on a thread of its own, because libpq answers before it returns.
  package final class SQLEgress: Program {
    private let incarnation: Incarnation
    private let port: Int
    private let url: String
    private let driver: WallClockDriver
    private var sessions: [ObjectIdentifier: SQLSession] = [:]

    /// `port` is the inner one; `url` any form that libpq takes.
    package init(_ incarnation: Incarnation, port: Int, url: String, driver: WallClockDriver) {
      self.incarnation = incarnation
      self.port = port
      self.url = url
      self.driver = driver
    }

    package func start() {
      incarnation.simulation.network.listen(incarnation, port: port) { [weak self] call in self?.take(call) }
    }

    package func terminate() {
      for session in sessions.values { session.drop() }
      sessions.removeAll()
      incarnation.exit("terminated")
    }

    private func take(_ call: IncomingCall) {
      let session = SQLSession(call)
      sessions[ObjectIdentifier(session)] = session
      session.onEnd = { [weak self, unowned session] in self?.sessions[ObjectIdentifier(session)] = nil }
      session.start(url, driver)
    }
  }

  /// One inner connection and its session on the server.
  ///
  /// Unchecked: touched on the simulation's thread only; the worker has its own lock.
  private final class SQLSession: @unchecked Sendable {
    private let call: IncomingCall
    private var socket: Socket?
    private var worker: SQLWorker?
    private var isOver = false
    var onEnd: (() -> Void)?

    init(_ call: IncomingCall) { self.call = call }

    func start(_ url: String, _ driver: WallClockDriver) {
      worker = SQLWorker(url) { [weak self] event in self?.pass(event, driver) }
    }

    private func pass(_ event: SQLWorker.Event, _ driver: WallClockDriver) {
      driver.post { [self] _ in take(event) }
    }

    private func take(_ event: SQLWorker.Event) {
      guard !isOver else { return }
      switch event {
      case .opened: opened()
      case .refused(let error):
        // A server that is full answers the opening itself; nobody there is nobody there.
        if error.sqlState.hasPrefix("53") || error.sqlState.hasPrefix("57") {
          let response = SQLResponse.failure(error)
          call.reply(Frame(response, byteCount: response.wireSize))
        } else {
          call.drop()
        }
        finish()
      case .answered(let response): socket?.send(Frame(response, byteCount: response.wireSize))
      case .lost:
        let socket = socket
        self.socket = nil
        finish()
        socket?.reset()
      }
    }

    private func opened() {
      guard let socket = call.accept() else { return drop() }
      self.socket = socket
      socket.onReceive = { [unowned self] payload in
        if let request = (payload as? Frame<SQLRequest>)?.value { worker?.ask(request) }
      }
      socket.onClose = { [unowned self] _ in
        self.socket = nil
        drop()
      }
    }

    func drop() {
      socket?.reset()
      socket = nil
      finish()
    }

    private func finish() {
      guard !isOver else { return }
      isOver = true
      worker?.close()
      worker = nil
      let ended = onEnd
      onEnd = nil
      ended?()
    }
  }

  /// A thread with a connection to PostgreSQL: requests in, answers out, in order.
  ///
  /// Unchecked: what several threads touch is guarded by `condition`; the connection lives on the thread.
  private final class SQLWorker: @unchecked Sendable {
    enum Event: Sendable {
      case opened
      case refused(SQLError)
      case answered(SQLResponse)
      /// The server has gone.
      case lost
    }

    private let condition = NSCondition()
    private var requests: [SQLRequest] = []
    private var isClosed = false

    init(_ url: String, _ tell: @escaping @Sendable (Event) -> Void) {
      let thread = Thread { [self] in run(url, tell) }
      thread.name = "postgresql"
      thread.start()
    }

    func ask(_ request: SQLRequest) {
      condition.withLock {
        requests.append(request)
        condition.signal()
      }
    }

    /// The thread ends after the request that it is at; its session is closed.
    func close() {
      condition.withLock {
        isClosed = true
        condition.signal()
      }
    }

    private func run(_ url: String, _ tell: @Sendable (Event) -> Void) {
      let connection: PostgreSQLConnection
      do throws(SQLError) {
        connection = try PostgreSQLConnection(url: url, timeout: 5)
      } catch {
        return tell(.refused(error))
      }
      defer { connection.close() }
      tell(.opened)
      while let request = next() {
        let response = connection.answer(request)
        tell(.answered(response))
        if case .failure(let error) = response, error.endsConnection { return tell(.lost) }
      }
    }

    private func next() -> SQLRequest? {
      condition.withLock {
        while requests.isEmpty, !isClosed { condition.wait() }
        return isClosed ? nil : requests.removeFirst()
      }
    }
  }
#endif
