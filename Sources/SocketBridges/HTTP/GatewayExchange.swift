#if Live
  import StreamSpaceProtocol

  /// One request of a gateway's client, as the simulation sees it.
  ///
  /// Unchecked: made on the event loop, touched on the simulation's thread from its first post on.
  final class GatewayExchange: SocketExchange, @unchecked Sendable {
    let request: ReceivedRequest
    private let handler: HTTPChannelHandler
    private let queue: Int
    private(set) var isPending = true
    var onAbandoned: (() -> Void)?
    /// What the connection has become.
    private var stream: GatewayByteStream?

    init(_ request: ReceivedRequest, _ handler: HTTPChannelHandler, queue: Int) {
      self.request = request
      self.handler = handler
      self.queue = queue
    }

    /// True once.
    private func take() -> Bool {
      guard isPending else { return false }
      isPending = false
      onAbandoned = nil
      return true
    }

    func respond(_ status: Int, _ headers: HTTPHeaders, _ body: [UInt8]) {
      if take() { handler.respond(to: self, status, headers, body) }
    }

    func stream(_ status: Int, _ headers: HTTPHeaders) -> any ByteSink {
      let stream = GatewayByteStream(ChunkPort(self, handler), queue: queue)
      guard take() else {
        stream.closed()
        return stream
      }
      self.stream = stream
      handler.begin(self, status, headers)
      return stream
    }

    func upgrade(_ headers: HTTPHeaders) -> any ByteStream {
      let port = RawStreamHandler(handler.channel, handler.driver)
      let stream = GatewayByteStream(port, queue: queue)
      guard take() else {
        stream.closed()
        return stream
      }
      port.stream = stream
      handler.upgrade(self, headers, port)
      // Its owner sets the callbacks first.
      handler.driver.post { _ in stream.begin() }
      return stream
    }

    func upgradeToWebSocket(
      subprotocol: String?, headers: HTTPHeaders, maximumMessage: Int
    ) -> (any WebSocketStream)? {
      guard isPending, request.asksForWebSocket else { return nil }
      _ = take()
      let port = WebSocketHandler(
        handler.channel, handler.driver, maximumMessage: maximumMessage, closeTime: handler.limits.closeTime)
      let stream = GatewayWebSocket(port, queue: queue)
      port.stream = stream
      var headers = headers
      if let subprotocol { headers[HTTPHeaderName.webSocketProtocol] = subprotocol }
      handler.upgradeToWebSocket(self, headers, port)
      handler.driver.post { _ in stream.begin() }
      return stream
    }

    func drop() {
      if take() { handler.drop() }
    }

    // MARK: Posted by the channel

    func hasRoom() { stream?.hasRoom() }

    func clientLeft() {
      if isPending {
        isPending = false
        let callback = onAbandoned
        onAbandoned = nil
        callback?()
      } else {
        stream?.closed()
        stream = nil
      }
    }

    /// The chunks of an answer.
    private final class ChunkPort: GatewayByteStream.Port {
      private let exchange: GatewayExchange
      private let handler: HTTPChannelHandler

      init(_ exchange: GatewayExchange, _ handler: HTTPChannelHandler) {
        self.exchange = exchange
        self.handler = handler
      }

      func write(_ bytes: [UInt8], _ budget: WriteBudget) { handler.chunk(of: exchange, bytes, budget) }
      func end() { handler.end(exchange) }
      func reset() { handler.drop() }
      // What comes behind a request is the next request.
      func read() {}
    }
  }
#endif
