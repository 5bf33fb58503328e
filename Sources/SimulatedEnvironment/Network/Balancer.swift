import SimulationRuntime
import StreamSpaceProtocol

/// The load balancer of spec/06 §0.1: requests pass through it, sockets are handed on to a replica.
///
/// Two round-robin counters, one for requests, one for sockets. A back end that refuses is skipped at once (one pass
/// over all, then 502) and counts a failed probe; a connect without answer is given up after 5 s and goes on likewise;
/// a request already sent is never repeated (C38).
final class Balancer: Program {
  /// What it listens on; agents and users know only this address.
  static let endpoint = Endpoint(host: "balancer", port: 80)

  /// Limits of spec/06 §0.1.
  enum Limits {
    static let probePeriod = TimeSpan.seconds(15)
    static let probeTimeout = TimeSpan.seconds(5)
    static let connectTimeout = TimeSpan.seconds(5)
    static let failuresToLeave = 2
  }

  private struct Backend {
    let endpoint: Endpoint
    var isIn = true
    var failures = 0
  }

  private let incarnation: Incarnation
  private var backends: [Backend]
  private var nextRequest = 0
  private var nextSocket = 0
  /// Set: new sockets go to this back end only.
  var steeredTo: String?

  private static let probe = EventLabel("balancer.probe")
  private static let connectTimer = EventLabel("balancer.connect-timeout")
  private static let left = EventLabel("balancer.out")
  private static let joined = EventLabel("balancer.in")

  /// The source address of a client by its host.
  private let addresses: (String) -> String

  init(_ incarnation: Incarnation, backends: [Endpoint], addresses: @escaping (String) -> String = { $0 }) {
    self.incarnation = incarnation
    self.addresses = addresses
    self.backends = backends.map { Backend(endpoint: $0) }
  }

  func start() {
    incarnation.simulation.network.listen(incarnation, port: Self.endpoint.port) { [unowned self] in receive($0) }
    incarnation.every(Limits.probePeriod, first: .seconds(1), Self.probe) { [unowned self] in probeAll() }
  }

  func terminate() { incarnation.exit("stopped") }

  // MARK: Traffic

  private func receive(_ call: IncomingCall) {
    guard let frame = call.hello as? Frame<HTTPRequest> else {
      call.drop()
      return
    }
    let request = frame.value
    guard !request.path.hasPrefix("/internal/") else {
      call.reply(Self.frame(HTTPResponse.pageNotFound))
      return
    }
    var headed = request
    // The harness's hosts have no addresses: the host name stands for the client's.
    headed.headers[HTTPHeaderName.forwardedFor] = addresses(call.remoteHost)
    let added = headed.headers.byteCount - request.headers.byteCount
    let forwarded = Frame(headed, byteCount: frame.byteCount + added)
    if request.isWebSocketUpgrade {
      handOver(call, forwarded, candidates: candidates(from: &nextSocket, steered: steeredTo))
    } else {
      pass(call, forwarded, candidates: candidates(from: &nextRequest, steered: nil))
    }
  }

  /// The back ends to try, in turn: those that are in, all of them if none is.
  private func candidates(from counter: inout Int, steered: String?) -> [Int] {
    let start = counter
    counter += 1
    if let steered, let only = backends.firstIndex(where: { $0.endpoint.host == steered }) { return [only] }
    // In turn among those that are in: the neighbour of one that is out gets no more than its share.
    let usable = backends.indices.filter { backends[$0].isIn }
    let pool = usable.isEmpty ? Array(backends.indices) : usable
    return pool.indices.map { pool[(start + $0) % pool.count] }
  }

  /// Sends a request to the first candidate that takes it and returns its answer.
  private func pass(_ call: IncomingCall, _ request: Frame<HTTPRequest>, candidates: [Int]) {
    guard let target = candidates.first else {
      call.reply(Self.badGateway)
      return
    }
    let rest = Array(candidates.dropFirst())
    var timer = EventToken.none
    let attempt = incarnation.simulation.network.open(
      from: incarnation, to: backends[target].endpoint, hello: request
    ) { [unowned self] outcome in
      incarnation.cancel(timer)
      switch outcome {
      case .reply(let payload): call.reply(payload)
      case .connected(let socket):
        socket.reset()
        call.reply(Self.badGateway)
      case .refused:
        failed(target)
        pass(call, request, candidates: rest)
      case .reset, .timedOut: call.reply(Self.badGateway)
      }
    }
    timer = incarnation.after(Limits.connectTimeout, Self.connectTimer) { [unowned self] in
      guard !attempt.isEstablished else { return }
      attempt.cancel()
      failed(target)
      pass(call, request, candidates: rest)
    }
    call.onAbandoned = { [unowned self] in
      incarnation.cancel(timer)
      attempt.cancel()
    }
  }

  /// Hands a socket on to the first candidate that takes it: from then on it is between caller and replica.
  private func handOver(_ call: IncomingCall, _ request: Frame<HTTPRequest>, candidates: [Int]) {
    guard let target = candidates.first else {
      call.reply(Self.badGateway)
      return
    }
    let rest = Array(candidates.dropFirst())
    var timer = EventToken.none
    let left = !call.forward(
      to: backends[target].endpoint, hello: request,
      refused: { [unowned self] in
        incarnation.cancel(timer)
        failed(target)
        handOver(call, request, candidates: rest)
      })
    guard !left else { return }
    timer = incarnation.after(Limits.connectTimeout, Self.connectTimer) { [unowned self] in
      guard call.isPending, !call.isForwardEstablished else { return }
      failed(target)
      handOver(call, request, candidates: rest)
    }
  }

  // MARK: Probes

  private func probeAll() {
    for index in backends.indices {
      let request = HTTPRequest(.get, "/health")
      incarnation.simulation.network.open(
        from: incarnation, to: backends[index].endpoint, hello: Frame(request, byteCount: request.byteCount),
        timeout: Limits.probeTimeout
      ) { [unowned self] outcome in
        if case .reply(let payload) = outcome, (payload as? Frame<HTTPResponse>)?.value.status == .ok {
          succeeded(index)
        } else {
          failed(index)
        }
      }
    }
  }

  private func failed(_ index: Int) {
    backends[index].failures += 1
    guard backends[index].isIn, backends[index].failures >= Limits.failuresToLeave else { return }
    backends[index].isIn = false
    incarnation.note(Self.left, ("replica", .text(backends[index].endpoint.host)))
  }

  private func succeeded(_ index: Int) {
    backends[index].failures = 0
    guard !backends[index].isIn else { return }
    backends[index].isIn = true
    incarnation.note(Self.joined, ("replica", .text(backends[index].endpoint.host)))
  }

  // MARK: Answers

  private static var badGateway: Frame<HTTPResponse> {
    frame(HTTPResponse(.badGateway, ErrorBody("Bad Gateway")))
  }

  private static func frame(_ response: HTTPResponse) -> Frame<HTTPResponse> {
    Frame(response, byteCount: response.byteCount)
  }
}
