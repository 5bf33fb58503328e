import SimulationRuntime
import StreamSpaceProtocol

/// What came of a call to the API server.
enum KubernetesOutcome {
  case answered(KubernetesResponse)
  /// No answer; whether a write took effect is not known.
  case unreachable(String)
  /// Not sent: this replica has no authority to write (C28).
  case notLeader

  /// The text of what went wrong, nil for an answer that is no failure.
  var failureText: String? {
    switch self {
    case .answered(.failure(let failure)): failure.message
    case .answered: nil
    case .unreachable(let text): text
    case .notLeader: "not the leader"
    }
  }
}

/// The agent's way to the API server: authority is checked in the same step as each write, which carries the term.
final class KubernetesClient {
  /// Whether this replica may write now, and with which term.
  enum Authority: Equatable {
    /// No election.
    case unfenced
    case leader(LeaderTerm)
    case none
  }

  private let incarnation: Incarnation
  private let endpoint: Endpoint
  private let caller: String
  var authority: () -> Authority = { .unfenced }

  private static let retry = EventLabel("agent.kubernetes.retry")
  /// Waits between the attempts of ``persist(_:until:_:)``; the last one stays.
  private static let waits: [TimeSpan] = [.seconds(1), .seconds(2), .seconds(4), .seconds(8)]

  init(_ incarnation: Incarnation, endpoint: Endpoint, caller: String) {
    self.incarnation = incarnation
    self.endpoint = endpoint
    self.caller = caller
  }

  /// One call. `isFenced` false is for what every replica may write: the lease and the key.
  func send(
    _ operation: KubernetesRequest.Operation, limit: TimeSpan = AgentTiming.kubernetesLimit, isFenced: Bool = true,
    _ completion: @escaping (KubernetesOutcome) -> Void
  ) {
    guard let request = request(operation, isFenced: isFenced) else { return completion(.notLeader) }
    incarnation.simulation.network.open(
      from: incarnation, to: endpoint, hello: Frame(request, byteCount: request.estimatedByteCount), timeout: limit
    ) { outcome in completion(Self.outcome(outcome, of: request)) }
  }

  /// A stream to a port of a pod; without one, what came of the call.
  func portForward(
    _ pod: ObjectReference, port: Int, limit: TimeSpan = AgentTiming.kubernetesLimit,
    _ completion: @escaping (Socket?, KubernetesOutcome?) -> Void
  ) {
    guard let request = request(.portForward(pod, port: port), isFenced: true) else {
      return completion(nil, .notLeader)
    }
    incarnation.simulation.network.open(
      from: incarnation, to: endpoint, hello: Frame(request, byteCount: request.estimatedByteCount), timeout: limit
    ) { outcome in
      if case .connected(let socket) = outcome { return completion(socket, nil) }
      completion(nil, Self.outcome(outcome, of: request))
    }
  }

  /// The request with its fence; nil when this replica may not write.
  private func request(_ operation: KubernetesRequest.Operation, isFenced: Bool) -> KubernetesRequest? {
    var request = KubernetesRequest(operation, caller: caller)
    guard request.isWrite, isFenced else { return request }
    switch authority() {
    case .unfenced: break
    case .leader(let term): request.leader = term
    case .none: return nil
    }
    return request
  }

  private static func outcome(_ outcome: CallOutcome, of request: KubernetesRequest) -> KubernetesOutcome {
    switch outcome {
    case .reply(let payload):
      guard let response = (payload as? Frame<KubernetesResponse>)?.value else {
        return .unreachable("\(request.line): unexpected answer")
      }
      return .answered(response)
    case .connected(let socket):
      socket.reset()
      return .unreachable("\(request.line): unexpected upgrade")
    case .refused: return .unreachable("\(request.line): connect: connection refused")
    case .reset: return .unreachable("\(request.line): connection reset by peer")
    case .timedOut: return .unreachable("\(request.line): context deadline exceeded")
    }
  }

  /// Calls until there is an answer that will not change by itself: 429, 5xx and silence are tried again until
  /// `deadline` (own clock). A write whose answer was lost is thus repeated: the caller takes AlreadyExists and
  /// NotFound for what they mean then.
  ///
  /// All attempts are of one term: what a leader began and lost is not tried again by the leader that it becomes later.
  func persist(
    _ operation: KubernetesRequest.Operation, until deadline: Instant,
    _ completion: @escaping (KubernetesOutcome) -> Void
  ) {
    attempt(operation, 0, of: authority(), until: deadline, completion)
  }

  private func attempt(
    _ operation: KubernetesRequest.Operation, _ attempt: Int, of begun: Authority, until deadline: Instant,
    _ completion: @escaping (KubernetesOutcome) -> Void
  ) {
    guard authority() == begun else { return completion(.notLeader) }
    send(operation) { [weak self] outcome in
      guard let self else { return }
      var wait = Self.waits[min(attempt, Self.waits.count - 1)]
      switch outcome {
      case .answered(.failure(let failure)) where failure.isTransient:
        if let seconds = failure.retryAfterSeconds { wait = .seconds(Int64(seconds)) }
      case .unreachable: break
      case .answered, .notLeader: return completion(outcome)
      }
      guard self.incarnation.monotonicNow + wait < deadline else { return completion(outcome) }
      self.incarnation.after(wait, Self.retry) { [weak self] in
        self?.attempt(operation, attempt + 1, of: begun, until: deadline, completion)
      }
    }
  }
}
