#if Live
  import NIOCore
  import NIOPosix
  import SimulationRuntime
  import StreamSpaceProtocol

  /// Stands on an inner host for a real server of HTTP and WebSocket: inner requests go out to a base URL, answers come
  /// back; a WebSocket that the real server accepts becomes an inner socket.
  package final class HTTPEgress: Program {
    private let incarnation: Incarnation
    private let port: Int
    private let base: BaseURL
    private let driver: WallClockDriver
    private let group: any EventLoopGroup
    private var sockets: [ObjectIdentifier: WebSocketEgressLink] = [:]
    private var requests: [ObjectIdentifier: HTTPCall] = [:]

    /// `port` is the inner one that it listens on.
    package init(
      _ incarnation: Incarnation, port: Int, to base: BaseURL, driver: WallClockDriver,
      group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    ) {
      self.incarnation = incarnation
      self.port = port
      self.base = base
      self.driver = driver
      self.group = group
    }

    /// The real server's own limit for an answer is 30 s (spec/01 §0.3).
    private static let answerLimit = Duration.seconds(60)

    package func start() {
      incarnation.simulation.network.listen(incarnation, port: port) { [weak self] call in self?.take(call) }
    }

    package func terminate() {
      for link in sockets.values { link.drop() }
      for request in requests.values { request.cancel() }
      sockets.removeAll()
      requests.removeAll()
      incarnation.exit("terminated")
    }

    private func take(_ call: IncomingCall) {
      guard let request = (call.hello as? Frame<HTTPRequest>)?.value else { return call.drop() }
      if request.isWebSocketUpgrade {
        let link = WebSocketEgressLink(call, FrameDialect(path: request.path), driver)
        sockets[ObjectIdentifier(link)] = link
        link.onEnd = { [weak self, unowned link] in self?.sockets[ObjectIdentifier(link)] = nil }
        link.dial(request, base, group)
      } else {
        pass(request, call)
      }
    }

    private func pass(_ passed: HTTPRequest, _ call: IncomingCall) {
      let request = PassedRequest(call)
      let under = request.under
      requests[ObjectIdentifier(under)] = under
      request.onEnd = { [weak self] in self?.requests[ObjectIdentifier(under)] = nil }
      call.onAbandoned = { under.cancel() }
      under.start(passed, to: base, timeout: Self.answerLimit, on: group) { [driver] result in
        driver.post { _ in request.answer(result) }
      }
    }

    /// Unchecked: the call is touched on the simulation's thread only.
    private final class PassedRequest: @unchecked Sendable {
      private let call: IncomingCall
      let under = HTTPCall()
      var onEnd: (() -> Void)?

      init(_ call: IncomingCall) { self.call = call }

      func answer(_ result: Result<HTTPResponse, ConnectionTrouble>) {
        onEnd?()
        onEnd = nil
        guard call.isPending else { return }
        switch result {
        case .success(let response): call.reply(Frame(response, byteCount: response.byteCount))
        case .failure: call.drop()
        }
      }
    }
  }
#endif
