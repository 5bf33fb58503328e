import SimulationRuntime
import StreamSpaceProtocol

/// One connection to Redis: typed frames for single commands, RESP bytes for pipelines, answers in order, pushed
/// messages beside them.
final class RedisLink {
  private struct Pending {
    var answersLeft: Int
    var answers: [RESPValue]
    let due: Instant
    let completion: (Result<[RESPValue], RedisFailure>) -> Void
  }

  private unowned let incarnation: Incarnation
  private let socket: Socket
  private var decoder = RESPReplyDecoder()
  private var pending: [Pending] = []
  private var head = 0
  private lazy var deadline = AnswerDeadline(incarnation, Self.deadlineLabel) { [unowned self] in
    head < pending.count ? pending[head].due : nil
  } passed: { [unowned self] in
    expire()
  }
  private(set) var isOpen = true
  /// Told of each `message` of a subscription.
  var onMessage: ((_ channel: String, _ payload: [UInt8]) -> Void)?
  /// Told once when the connection is gone.
  var onEnd: (() -> Void)?

  private static let deadlineLabel = EventLabel("controlplane.redis.deadline")

  init(_ incarnation: Incarnation, socket: Socket) {
    self.incarnation = incarnation
    self.socket = socket
    socket.onReceive = { [unowned self] in receive($0) }
    socket.onClose = { [unowned self] _ in lose() }
  }

  /// Sends commands in one write; `completion` gets one answer each, or a failure once `limit` has passed.
  func send(
    _ commands: [[String]], within limit: TimeSpan,
    _ completion: @escaping (Result<[RESPValue], RedisFailure>) -> Void
  ) {
    guard isOpen else { return completion(.failure(.connectionLost)) }
    pending.append(
      Pending(answersLeft: commands.count, answers: [], due: incarnation.monotonicNow + limit, completion: completion))
    deadline.begin(limit)
    if commands.count == 1 {
      let payload = RESPCommandPayload(commands[0])
      socket.send(Frame(payload, byteCount: payload.byteCount))
    } else {
      // Several commands are one write of bytes, as in a pipeline.
      var bytes: [UInt8] = []
      for command in commands { bytes.appendRequest(command.map { Array($0.utf8) }) }
      socket.send(Bytes(bytes))
    }
  }

  /// Ends the connection; open calls fail.
  func close() {
    guard isOpen else { return }
    socket.close()
    lose()
  }

  private func receive(_ payload: any Payload) {
    if let frame = payload as? Frame<RESPReplyPayload> { return take(frame.value.value) }
    guard let bytes = (payload as? Bytes)?.bytes else { return }
    decoder.append(bytes)
    while isOpen {
      let value: RESPValue?
      do throws(RESPProtocolError) { value = try decoder.next() } catch {
        socket.reset()
        lose()
        return
      }
      guard let value else { return }
      take(value)
    }
  }

  private func take(_ value: RESPValue) {
    if let elements = value.elements, elements.count == 3, elements[0].text == "message" {
      if let channel = elements[1].text, case .bulk(let payload) = elements[2] { onMessage?(channel, payload) }
      return
    }
    guard head < pending.count else { return }
    pending[head].answers.append(value)
    pending[head].answersLeft -= 1
    guard pending[head].answersLeft == 0 else { return }
    let answered = pending[head]
    head += 1
    if head == pending.count {
      pending.removeAll(keepingCapacity: true)
      head = 0
      deadline.cancel()
    }
    answered.completion(.success(answered.answers))
  }

  private func lose() {
    guard isOpen else { return }
    isOpen = false
    let lost = pending[head...]
    pending.removeAll()
    head = 0
    deadline.cancel()
    onEnd?()
    onEnd = nil
    for call in lost { call.completion(.failure(.connectionLost)) }
  }

  /// The oldest call has waited too long.
  private func expire() {
    let oldest = pending[head]
    head += 1
    socket.reset()
    lose()
    oldest.completion(.failure(.timedOut))
  }
}
