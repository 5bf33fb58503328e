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
}

/// How long a call is repeated that may succeed later (all times on the agent's own clock).
struct DaemonPatience {
  /// The end of all tries: a daemon that cannot be reached is waited for until then.
  let deadline: Instant
  /// A daemon that answers 429 or 5xx is asked again no longer than this.
  let refusalsUntil: Instant

  /// Whether `answer` is worth another try at `time`.
  func allows(_ answer: DaemonAnswer, at time: Instant) -> Bool {
    switch answer {
    case .answered, .notLeader: false
    case .refused(let failure): failure.isTransient && time < min(refusalsUntil, deadline)
    case .unreachable: time < deadline
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
  /// Waits between the tries of ``persist(_:limit:_:_:)``: 1, 2, 4, 4 .. s.
  private static let waits: [TimeSpan] = [.seconds(1), .seconds(2), .seconds(4)]

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

  /// Calls until there is an answer that will not change by itself, or patience ends. A write whose answer was lost is
  /// thus repeated: the caller takes 404 and 409 for what they mean then.
  func persist(
    _ operation: DockerRequest.Operation, limit: TimeSpan, _ patience: DaemonPatience, attempt: Int = 0,
    _ completion: @escaping (DaemonAnswer) -> Void
  ) {
    let left = max(.milliseconds(1), patience.deadline - incarnation.monotonicNow)
    send(operation, limit: min(limit, left)) { [weak self] answer in
      guard let self else { return }
      let wait = Self.waits[min(attempt, Self.waits.count - 1)]
      guard patience.allows(answer, at: self.incarnation.monotonicNow + wait) else { return completion(answer) }
      self.incarnation.after(wait, Self.retry) { [weak self] in
        self?.persist(operation, limit: limit, patience, attempt: attempt + 1, completion)
      }
    }
  }
}
