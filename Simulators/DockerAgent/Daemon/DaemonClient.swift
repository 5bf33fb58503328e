import SimulationRuntime
import StreamSpaceProtocol

/// What came of a call to the daemon.
enum DaemonAnswer {
  case answered(DockerResponse)
  case refused(DockerFailure)
  /// No answer; whether a write took effect is not known.
  case unreachable(String)
  /// Not sent: this replica has no authority to write (C28).
  case notLeader

  /// The text of what went wrong, as Docker's library puts it; nil for an answer that is no failure.
  var fault: String? {
    switch self {
    case .answered: nil
    case .refused(let failure): failure.clientText
    case .unreachable(let text): text
    case .notLeader: "not the leader"
    }
  }

  var isNotFound: Bool { if case .refused(let failure) = self { failure.isNotFound } else { false } }
  var isConflict: Bool { if case .refused(let failure) = self { failure.isConflict } else { false } }

  /// Whether the same call may succeed later.
  var isTransient: Bool {
    switch self {
    case .answered, .notLeader: false
    case .refused(let failure): failure.isTransient
    case .unreachable: true
    }
  }
}

/// The agent's way to the daemon: authority is checked in the same step as each write, which carries the term (C28).
final class DaemonClient {
  /// Whether this replica may write now, and with which term.
  enum Authority {
    /// No election.
    case unfenced
    case leader(LeaderTerm)
    case none
  }

  private let incarnation: Incarnation
  private let endpoint: Endpoint
  private let caller: String
  var authority: () -> Authority = { .unfenced }

  private static let retry = EventLabel("docker-agent.daemon.retry")
  /// Waits between the tries of ``persist(_:limit:until:_:)``: 1, 2, 4, 4 .. s.
  private static let waits: [TimeSpan] = [.seconds(1), .seconds(2), .seconds(4)]
  /// A daemon that answers, but with errors, is not waited for as one that is away.
  private static let errorPatience = TimeSpan.seconds(60)

  init(_ incarnation: Incarnation, endpoint: Endpoint, caller: String) {
    self.incarnation = incarnation
    self.endpoint = endpoint
    self.caller = caller
  }

  /// One call.
  func send(
    _ operation: DockerRequest.Operation, limit: TimeSpan = DockerAgentTiming.daemonLimit,
    _ completion: @escaping (DaemonAnswer) -> Void
  ) {
    var request = DockerRequest(operation, caller: caller)
    if request.isWrite {
      switch authority() {
      case .unfenced: break
      case .leader(let term): request.leader = term
      case .none: return completion(.notLeader)
      }
    }
    let host = endpoint.host
    incarnation.simulation.network.open(
      from: incarnation, to: endpoint, hello: Frame(request, byteCount: request.estimatedByteCount), timeout: limit
    ) { outcome in completion(Self.answer(outcome, host)) }
  }

  private static func answer(_ outcome: CallOutcome, _ host: String) -> DaemonAnswer {
    switch outcome {
    case .reply(let payload):
      guard let response = (payload as? Frame<DockerResponse>)?.value else {
        return .unreachable("error during connect: unexpected answer")
      }
      if case .failure(let failure) = response { return .refused(failure) }
      return .answered(response)
    case .connected(let socket):
      socket.reset()
      return .unreachable("error during connect: unexpected upgrade")
    case .refused:
      return .unreachable("Cannot connect to the Docker daemon at tcp://\(host). Is the docker daemon running?")
    case .reset: return .unreachable("error during connect: EOF")
    case .timedOut: return .unreachable("context deadline exceeded")
    }
  }

  /// Calls until there is an answer that will not change by itself: 5xx are tried again for 60 s, silence until
  /// `deadline` (own clock). A write whose answer was lost is thus repeated: the caller takes 404 and 409 for what they mean then.
  func persist(
    _ operation: DockerRequest.Operation, limit: TimeSpan = DockerAgentTiming.daemonLimit, until deadline: Instant,
    attempt: Int = 0, refusedSince: Instant? = nil, _ completion: @escaping (DaemonAnswer) -> Void
  ) {
    let left = max(.milliseconds(1), deadline - incarnation.now)
    send(operation, limit: min(limit, left)) { [weak self] answer in
      guard let self, answer.isTransient else { return completion(answer) }
      let wait = Self.waits[min(attempt, Self.waits.count - 1)]
      let next = self.incarnation.now + wait
      var refused: Instant?
      if case .refused = answer { refused = refusedSince ?? self.incarnation.now }
      guard next < deadline, refused.map({ next - $0 < Self.errorPatience }) ?? true else { return completion(answer) }
      self.incarnation.after(wait, Self.retry) { [weak self] in
        self?.persist(
          operation, limit: limit, until: deadline, attempt: attempt + 1, refusedSince: refused, completion)
      }
    }
  }
}
