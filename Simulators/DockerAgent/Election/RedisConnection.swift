import SimulationRuntime
import StreamSpaceProtocol

/// The agent's connection to Redis: one at a time, dialled at the first call and again after a loss. Limits are those of
/// go-redis (spec/03 §6): dial 5 s, answer 3 s. It tries nothing twice: who calls knows whether that is safe.
final class RedisConnection {
  static let dialLimit = TimeSpan.seconds(5)
  static let readLimit = TimeSpan.seconds(3)

  /// Why a call brought no answer.
  enum Failure: Error, Equatable {
    /// Nobody listens.
    case refused
    /// The connection broke before the answer.
    case lost
    case timedOut
    /// The call asked for a connection that is gone; nothing was sent.
    case otherLife
    /// The server answered an error.
    case error(String)

    /// As go-redis words it.
    var text: String {
      switch self {
      case .refused: "dial tcp: connect: connection refused"
      case .lost: "EOF"
      case .timedOut: "i/o timeout"
      case .otherLife: "the connection is another one by now"
      case .error(let text): text
      }
    }
  }

  typealias Completion = (Result<RESPValue, Failure>) -> Void

  private struct Call {
    let command: [String]
    let completion: Completion
  }

  private unowned let incarnation: Incarnation
  private let endpoint: Endpoint
  private let database: Int
  private var socket: Socket?
  private var decoder = RESPReplyDecoder()
  /// Sent, oldest first.
  private var pending: [(due: Instant, completion: Completion)] = []
  /// Waiting for the dial under way.
  private var waiting: [Call] = []
  private var isDialling = false
  private var isClosed = false
  private lazy var deadline = AnswerDeadline(incarnation, Self.deadlineLabel) { [unowned self] in
    pending.first?.due
  } passed: { [unowned self] in
    socket?.reset()
    lose(.timedOut)
  }
  /// Number of the present or last connection; what was seen over an older one may be undone by a fail-over.
  private(set) var life = 0

  private static let deadlineLabel = EventLabel("docker-agent.redis.deadline")

  init(_ incarnation: Incarnation, endpoint: Endpoint, database: Int) {
    self.incarnation = incarnation
    self.endpoint = endpoint
    self.database = database
  }

  /// Runs one command; with `inLife` only over that connection.
  func call(_ command: [String], inLife: Int? = nil, _ completion: @escaping Completion) {
    if isClosed { return completion(.failure(.lost)) }
    if let inLife, socket == nil || inLife != life { return completion(.failure(.otherLife)) }
    guard let socket else {
      waiting.append(Call(command: command, completion: completion))
      return dial()
    }
    send(command, over: socket, completion)
  }

  /// Runs a script by its digest, and by its text if the server does not know it (any more): `Script.Run` of go-redis.
  func run(
    _ script: RedisScript, keys: [String], arguments: [String], inLife: Int? = nil, _ completion: @escaping Completion
  ) {
    let rest = [String(keys.count)] + keys + arguments
    call(["EVALSHA", script.digest] + rest, inLife: inLife) { [weak self] result in
      if case .failure(.error(let text)) = result, text.hasPrefix("NOSCRIPT") {
        self?.call(["EVAL", script.body] + rest, inLife: inLife, completion)
      } else {
        completion(result)
      }
    }
  }

  /// Ends the connection; calls under way fail.
  func close() {
    guard !isClosed else { return }
    isClosed = true
    socket?.close()
    lose(.lost)
  }

  // MARK: The connection

  private func dial() {
    guard !isDialling else { return }
    isDialling = true
    incarnation.simulation.network.open(from: incarnation, to: endpoint, timeout: Self.dialLimit) {
      [weak self] outcome in
      guard let self else { return }
      isDialling = false
      switch outcome {
      case .connected(let socket): adopt(socket)
      case .refused: fail(.refused)
      case .reset, .reply: fail(.lost)
      case .timedOut: fail(.timedOut)
      }
    }
  }

  private func adopt(_ socket: Socket) {
    guard !isClosed else { return socket.close() }
    self.socket = socket
    life += 1
    decoder = RESPReplyDecoder()
    let number = life
    socket.onReceive = { [weak self] payload in self?.receive(payload, inLife: number) }
    socket.onClose = { [weak self] _ in
      guard let self, self.stands(number) else { return }
      self.lose(.lost)
    }
    if database != 0 { send(["SELECT", String(database)], over: socket) { _ in } }
    let due = waiting
    waiting.removeAll()
    for call in due { send(call.command, over: socket, call.completion) }
  }

  private func fail(_ failure: Failure) {
    let due = waiting
    waiting.removeAll()
    for call in due { call.completion(.failure(failure)) }
  }

  private func lose(_ failure: Failure) {
    socket = nil
    let lost = pending.map(\.completion) + waiting.map(\.completion)
    pending.removeAll()
    waiting.removeAll()
    deadline.cancel()
    for completion in lost { completion(.failure(failure)) }
  }

  private func send(_ command: [String], over socket: Socket, _ completion: @escaping Completion) {
    pending.append((incarnation.monotonicNow + Self.readLimit, completion))
    deadline.begin(Self.readLimit)
    let payload = RESPCommandPayload(command)
    socket.send(Frame(payload, byteCount: payload.byteCount))
  }

  /// Whether the connection of that number is the present one.
  private func stands(_ number: Int) -> Bool { socket != nil && life == number }

  private func receive(_ payload: any Payload, inLife number: Int) {
    guard stands(number) else { return }
    if let frame = payload as? Frame<RESPReplyPayload> { return take(frame.value.value) }
    guard let bytes = (payload as? Bytes)?.bytes else { return }
    decoder.append(bytes)
    while stands(number) {
      do throws(RESPProtocolError) {
        guard let value = try decoder.next() else { return }
        take(value)
      } catch {
        socket?.reset()
        lose(.lost)
      }
    }
  }

  private func take(_ value: RESPValue) {
    guard !pending.isEmpty else { return }
    let call = pending.removeFirst()
    if pending.isEmpty { deadline.cancel() }
    if let text = value.errorText { call.completion(.failure(.error(text))) } else { call.completion(.success(value)) }
  }
}

/// A script that a Redis server runs in one step, known by its digest.
struct RedisScript: Sendable {
  let body: String
  let digest: String

  init(_ body: String) {
    self.body = body
    digest = ScriptDigest.of(Array(body.utf8))
  }
}
