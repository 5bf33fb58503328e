import SimulationRuntime
import StreamSpaceProtocol

/// One connection to the database: requests out, answers back in order.
final class DatabaseLink {
  private struct Pending {
    let request: SQLRequest
    let due: Instant
    let completion: (Result<SQLResult, DatabaseError>) -> Void
  }

  private unowned let incarnation: Incarnation
  private let socket: Socket
  private var pending: [Pending] = []
  /// Index of the oldest request without answer in ``pending``.
  private var head = 0
  private lazy var deadline = AnswerDeadline(incarnation, Self.deadlineLabel) { [unowned self] in
    head < pending.count ? pending[head].due : nil
  } passed: { [unowned self] in
    expire()
  }
  private(set) var isOpen = true
  /// Told once when the connection is gone.
  var onEnd: (() -> Void)?
  private let onRequest: ((SQLRequest) -> Void)?

  private static let deadlineLabel = EventLabel("controlplane.database.deadline")

  /// `onRequest`: told of each request but pings when it has been sent.
  init(_ incarnation: Incarnation, socket: Socket, onRequest: ((SQLRequest) -> Void)? = nil) {
    self.incarnation = incarnation
    self.onRequest = onRequest
    self.socket = socket
    socket.onReceive = { [unowned self] in receive($0) }
    socket.onClose = { [unowned self] in lose($0.reason) }
  }

  /// Whether every request has its answer.
  var isIdle: Bool { head == pending.count }

  /// Sends a request; `completion` gets its answer, or an error once `limit` has passed or the connection broke.
  func send(
    _ request: SQLRequest, within limit: TimeSpan, _ completion: @escaping (Result<SQLResult, DatabaseError>) -> Void
  ) {
    guard isOpen else { return completion(.failure(.sql(.connectionLost))) }
    pending.append(Pending(request: request, due: incarnation.monotonicNow + limit, completion: completion))
    deadline.begin(limit)
    socket.send(Frame(request, byteCount: request.byteCount))
    if let onRequest, request != .ping { onRequest(request) }
  }

  /// Ends the connection; open requests fail.
  func close() {
    guard isOpen else { return }
    socket.close()
    lose()
  }

  private func receive(_ payload: any Payload) {
    guard let response = (payload as? Frame<SQLResponse>)?.value, head < pending.count else { return }
    let answered = pending[head]
    head += 1
    if head == pending.count {
      pending.removeAll(keepingCapacity: true)
      head = 0
      deadline.cancel()
    }
    switch response {
    case .result(let result): answered.completion(.success(result))
    case .failure(let error):
      if error.endsConnection, isOpen {
        socket.close()
        lose()
      }
      answered.completion(.failure(.sql(error)))
    }
  }

  /// The connection is gone; `reason` is what the server said, if it said anything.
  private func lose(_ reason: SQLError? = nil) {
    guard isOpen else { return }
    isOpen = false
    let lost = pending[head...]
    pending.removeAll()
    head = 0
    deadline.cancel()
    onEnd?()
    onEnd = nil
    for request in lost {
      let loss = request.request == .commit ? SQLError.commitUnknown : reason ?? .connectionLost
      request.completion(.failure(.sql(loss)))
    }
  }

  /// The oldest request has waited too long.
  private func expire() {
    let oldest = pending[head]
    head += 1
    socket.reset()
    lose()
    oldest.completion(.failure(.deadline))
  }
}

extension SocketEnd {
  /// Why the server ended the connection, if it said so.
  fileprivate var reason: SQLError? {
    guard case .closed(let farewell) = self, let response = (farewell as? Frame<SQLResponse>)?.value,
      case .failure(let error) = response
    else { return nil }
    return error
  }
}

extension SQLRequest {
  /// Bytes of the request on the wire: text and parameters, about as the extended protocol of PostgreSQL carries them.
  package var byteCount: Int {
    guard case .execute(let statement, let parameters) = self else { return 16 }
    return statement.name.utf8.count + 40 + parameters.reduce(0) { $0 + $1.byteCount }
  }
}

extension SQLValue {
  /// Bytes of a parameter with its length.
  fileprivate var byteCount: Int {
    switch self {
    case .null: 4
    case .boolean: 5
    case .integer, .timestamp: 12
    case .text(let text): 4 + text.utf8.count
    case .bytes(let bytes): 4 + bytes.count
    }
  }
}
