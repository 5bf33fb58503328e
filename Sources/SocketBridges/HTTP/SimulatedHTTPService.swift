import SimulationRuntime
import StreamSpaceProtocol

/// Passes requests from outside to an inner server of HTTP and WebSocket (a replica, the balancer), and its answers back.
///
/// A client calls from an inner host that has its address for a name: that is what the inner server sees as the caller,
/// and what the balancer writes into `X-Forwarded-For` (spec/06 §0.1). A client's own `X-Forwarded-For` goes on as sent;
/// replicas honour it from anyone (spec/02 §2.10).
package final class SimulatedHTTPService: HTTPService {
  private let incarnation: Incarnation
  private let endpoint: Endpoint
  private let subprotocols: [String]
  private var addresses: Set<String> = []

  /// The inner server's own limit is 30 s (spec/01 §0.3).
  private static let answerLimit = TimeSpan.seconds(60)
  /// Hosts that are made for clients; further addresses call from the gateway's own. Of our own making: a host is never
  /// taken away.
  private static let mostHosts = 1_000

  /// `incarnation` calls for clients without an address (unix sockets). `subprotocols`: what the inner server speaks
  /// (C25, C22); the first of a client's offers that is among them is confirmed. The shipped control plane confirms none.
  package init(
    _ incarnation: Incarnation, to endpoint: Endpoint,
    subprotocols: [String] = [WebSocketSubprotocol.binary, WebSocketSubprotocol.relay]
  ) {
    self.incarnation = incarnation
    self.endpoint = endpoint
    self.subprotocols = subprotocols
  }

  package func receive(_ exchange: any SocketExchange) {
    let received = exchange.request
    guard let method = HTTPMethod(rawValue: received.method), received.target.hasPrefix("/") else {
      // As for any method or path that has no route [rec 01].
      return answer(exchange, .pageNotFound)
    }
    var request = HTTPRequest(
      method, target: received.target, headers: received.headers,
      body: received.body.isEmpty ? .empty : .bytes(received.body))
    // Half a handshake must not become a socket inside, where it would take the place of an agent's: there it is a plain
    // request, which these routes refuse.
    if !received.asksForWebSocket { request.headers[HTTPHeaderName.upgrade] = nil }
    let call = incarnation.simulation.network.open(
      from: caller(received.peer), to: endpoint, hello: Frame(request, byteCount: request.byteCount),
      timeout: Self.answerLimit
    ) { [self] outcome in
      switch outcome {
      case .reply(let payload):
        guard let response = (payload as? Frame<HTTPResponse>)?.value else { return exchange.drop() }
        answer(exchange, response)
      case .connected(let socket): connect(exchange, socket, request)
      case .refused, .reset, .timedOut: exchange.drop()
      }
    }
    exchange.onAbandoned = { call.cancel() }
  }

  private func answer(_ exchange: any SocketExchange, _ response: HTTPResponse) {
    exchange.respond(response.status.rawValue, response.headers, response.body.bytes)
  }

  /// The process of a client's address.
  private func caller(_ peer: String) -> Incarnation {
    guard let colon = peer.lastIndex(of: ":"), !peer.hasPrefix("/") else { return incarnation }
    let address = peer[..<colon].filter { $0 != "[" && $0 != "]" }
    guard addresses.contains(address) || addresses.count < Self.mostHosts else { return incarnation }
    addresses.insert(address)
    return GatewayProcess.incarnation(of: address, in: incarnation.simulation) ?? incarnation
  }

  // MARK: WebSockets

  private func connect(_ exchange: any SocketExchange, _ socket: Socket, _ request: HTTPRequest) {
    exchange.onAbandoned = nil
    let dialect = FrameDialect(path: request.path)
    guard
      let stream = exchange.upgradeToWebSocket(
        subprotocol: exchange.request.subprotocols.first { subprotocols.contains($0) }, headers: HTTPHeaders(),
        maximumMessage: request.maximumMessage)
    else { return socket.reset() }
    join(stream, socket, dialect)
  }

  private func join(_ stream: any WebSocketStream, _ socket: Socket, _ dialect: FrameDialect) {
    stream.onFrame = { [unowned stream] frame in
      guard let payload = dialect.payload(of: frame) else { return }
      if case .close = frame { return socket.close(farewell: payload) }
      socket.send(payload)
      if !socket.isWritable { stream.pauseReading() }
    }
    stream.onReset = { socket.reset() }
    stream.onWritable = { socket.resumeReading() }
    socket.onWritable = { stream.resumeReading() }
    socket.onReceive = { [unowned socket] payload in
      guard let frame = dialect.frame(of: payload) else { return }
      stream.send(frame)
      if !stream.isWritable { socket.pauseReading() }
    }
    socket.onClose = { end in
      if case .closed(let farewell?) = end, let frame = dialect.frame(of: farewell), case .close = frame {
        stream.send(frame)
      } else {
        // Without a close frame the peer outside sees a broken connection (1006).
        stream.abort()
      }
    }
  }
}

extension HTTPRequest {
  /// Largest message of the peer outside on this path (spec/08 §5): 512 KiB from an agent, 64 KiB from a browser. A relay
  /// carries what an agent sends, and gets the same.
  fileprivate var maximumMessage: Int {
    path == "/api/v1/agents/connect" || path.hasPrefix("/internal/") ? 524_288 : 65_536
  }
}
