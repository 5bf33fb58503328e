import SimulationRuntime
import StreamSpaceProtocol

/// A Redis client with the defaults of go-redis v9 (spec/01 §2.1): dial 5 s, read 3 s, up to 3 retries after 8 to
/// 512 ms. A call as a whole takes at most 5 s (C4).
///
/// One connection, dialled at the first call and again after a loss.
package final class RedisClient {
  /// Limit of one dial (go-redis default).
  package static let dialLimit = TimeSpan.seconds(5)
  /// Limit of one answer (go-redis default).
  package static let readLimit = TimeSpan.seconds(3)
  /// Limit of a call with all its tries (C4).
  package static let callLimit = TimeSpan.seconds(5)
  /// Tries after the first (go-redis default).
  package static let retries = 3
  /// Bounds of the wait before a retry (go-redis default).
  package static let shortestBackOff = TimeSpan.milliseconds(8)
  package static let longestBackOff = TimeSpan.milliseconds(512)

  private final class Call {
    let commands: [[String]]
    let due: Instant
    var attempt = 0
    let completion: (Result<[RESPValue], RedisFailure>) -> Void

    init(_ commands: [[String]], due: Instant, _ completion: @escaping (Result<[RESPValue], RedisFailure>) -> Void) {
      self.commands = commands
      self.due = due
      self.completion = completion
    }
  }

  private unowned let incarnation: Incarnation
  let endpoint: Endpoint
  private let database: Int
  private let backOffs: DecisionStream
  private var link: RedisLink?
  /// Calls that wait for the dial under way.
  private var waiting: [Call] = []
  private var isDialling = false
  private var isClosed = false
  /// Told when the connection broke.
  package var onLost: (() -> Void)?

  private static let retry = EventLabel("controlplane.redis.retry")

  /// `database`: 1 for routes, 0 for cache and login sessions (spec/01 §2.1).
  package init(_ incarnation: Incarnation, endpoint: Endpoint, database: Int) {
    self.incarnation = incarnation
    self.endpoint = endpoint
    self.database = database
    backOffs = incarnation.decisions.stream("controlplane.redis.backoff")
  }

  /// Whether a connection stands.
  package var isConnected: Bool { link != nil }

  /// Runs one command.
  package func call(_ command: [String], _ completion: @escaping (Result<RESPValue, RedisFailure>) -> Void) {
    pipeline([command]) { result in
      completion(
        result.flatMap { answers in
          guard let answer = answers.first else { return .failure(.connectionLost) }
          if let text = answer.errorText { return .failure(.error(text)) }
          return .success(answer)
        })
    }
  }

  /// Sends commands in one write; their answers come together, errors among them.
  package func pipeline(
    _ commands: [[String]], _ completion: @escaping (Result<[RESPValue], RedisFailure>) -> Void
  ) {
    start(Call(commands, due: incarnation.monotonicNow + Self.callLimit, completion))
  }

  /// Closes the connection; calls under way fail.
  func close() {
    isClosed = true
    link?.close()
    link = nil
    let left = waiting
    waiting.removeAll()
    for call in left { call.completion(.failure(.connectionLost)) }
  }

  // MARK: One call

  private func start(_ call: Call) {
    if isClosed { return call.completion(.failure(.connectionLost)) }
    guard let link else {
      waiting.append(call)
      dial()
      return
    }
    let left = call.due - incarnation.monotonicNow
    guard left > .zero else { return call.completion(.failure(.timedOut)) }
    link.send(call.commands, within: min(left, Self.readLimit)) { [weak self] result in
      switch result {
      case .success: call.completion(result)
      case .failure(let failure): self?.retry(call, after: failure)
      }
    }
  }

  /// Tries again after a wait that doubles with each try, or gives up.
  private func retry(_ call: Call, after failure: RedisFailure) {
    let ceiling = min(Self.longestBackOff, Self.shortestBackOff * Int64(1 << min(call.attempt, 10)))
    let wait = incarnation.decisions.draw(backOffs, from: Self.shortestBackOff, to: ceiling)
    guard call.attempt < Self.retries, incarnation.monotonicNow + wait < call.due, !isClosed else {
      return call.completion(.failure(failure))
    }
    call.attempt += 1
    incarnation.after(wait, Self.retry) { [weak self] in self?.start(call) }
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
      case .reset, .reply: fail(.connectionLost)
      case .timedOut: fail(.timedOut)
      }
    }
  }

  private func adopt(_ socket: Socket) {
    guard !isClosed else { return socket.close() }
    let link = RedisLink(incarnation, socket: socket)
    self.link = link
    link.onEnd = { [weak self, weak link] in
      guard let self, self.link === link else { return }
      self.link = nil
      onLost?()
    }
    if database != 0 { link.send([["SELECT", String(database)]], within: Self.readLimit) { _ in } }
    let due = waiting
    waiting.removeAll()
    for call in due { start(call) }
  }

  private func fail(_ failure: RedisFailure) {
    let due = waiting
    waiting.removeAll()
    for call in due { retry(call, after: failure) }
  }
}
