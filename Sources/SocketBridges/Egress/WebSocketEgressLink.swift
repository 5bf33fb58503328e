#if Live
  import NIOCore
  import NIOHTTP1
  import NIOPosix
  import NIOWebSocket
  import SimulationRuntime
  import StreamSpaceProtocol

  /// An inner WebSocket and the real one that it goes on as.
  ///
  /// Unchecked: everything but `driver` is touched on the simulation's thread only.
  final class WebSocketEgressLink: @unchecked Sendable {
    private let call: IncomingCall
    private let dialect: FrameDialect
    private let driver: WallClockDriver
    private var channel: (any Channel)?
    private var socket: Socket?
    /// Contents of the peer's pings that were not answered yet: a pong returns them.
    private var pings: [ByteBuffer] = []
    private var isOver = false
    var onEnd: (() -> Void)?

    private static let dialLimit = TimeAmount.seconds(10)
    /// Largest message, more than any peer sends: 512 KiB from agents, 64 KiB chunks to viewers (spec/08 §5).
    private static let messageLimit = 16 << 20
    /// Unanswered pings that are remembered; who sends more gets empty pongs.
    private static let pingLimit = 16

    init(_ call: IncomingCall, _ dialect: FrameDialect, _ driver: WallClockDriver) {
      self.call = call
      self.dialect = dialect
      self.driver = driver
    }

    // MARK: Dialling

    func dial(_ request: HTTPRequest, _ base: BaseURL, _ group: any EventLoopGroup) {
      let head = Self.head(request, base)
      let driver = driver
      call.onAbandoned = { [weak self] in self?.drop() }
      let events = EgressEvents<WireFrame>(
        received: { [weak self] frames in self?.inside { $0.received(frames) } },
        writable: { [weak self] isWritable in
          self?.inside { link in
            if isWritable { link.socket?.resumeReading() } else { link.socket?.pauseReading() }
          }
        },
        closed: { [weak self] error in self?.inside { $0.outsideClosed(error) } })
      ClientBootstrap(group: group)
        .connectTimeout(Self.dialLimit)
        .channelInitializer { channel in
          channel.eventLoop.makeCompletedFuture {
            try Self.furnish(
              channel, events, upgraded: { [weak self] channel in self?.inside { $0.upgraded(channel) } },
              answered: { [weak self] result in self?.inside { $0.refused(result) } })
          }
        }
        .connect(host: base.host, port: base.port)
        .whenComplete { [self] outcome in
          switch outcome {
          case .failure(let error):
            driver.post { [self] _ in refused(.failure(ConnectionTrouble(dialling: error))) }
          case .success(let channel):
            driver.post { [self] _ in dialled(channel) }
            channel.write(HTTPClientRequestPart.head(head), promise: nil)
            channel.writeAndFlush(HTTPClientRequestPart.end(nil), promise: nil)
          }
        }
    }

    private static func furnish(
      _ channel: any Channel, _ events: EgressEvents<WireFrame>,
      upgraded: @escaping @Sendable (any Channel) -> Void,
      answered: @escaping @Sendable (Result<HTTPResponse, ConnectionTrouble>) -> Void
    ) throws {
      let collector = AnswerCollector(answered)
      let bound = NIOLoopBound(collector, eventLoop: channel.eventLoop)
      let upgrader = NIOWebSocketClientUpgrader(
        requestKey: NIOWebSocketClientUpgrader.randomRequestKey(), maxFrameSize: messageLimit,
        automaticErrorHandling: false
      ) { channel, _ in
        channel.eventLoop.makeCompletedFuture {
          let pipeline = channel.pipeline.syncOperations
          try pipeline.addHandler(
            NIOWebSocketFrameAggregator(
              minNonFinalFragmentSize: 0, maxAccumulatedFrameCount: 65_536, maxAccumulatedFrameSize: messageLimit))
          try pipeline.addHandler(EgressHandler<WireFrame>(events))
          // First of all what happens with the socket.
          upgraded(channel)
        }
      }
      let configuration: NIOHTTPClientUpgradeSendableConfiguration = (
        upgraders: [upgrader],
        completionHandler: { context in
          context.channel.setOption(.autoRead, value: false)
            .whenComplete { _ in }
          context.pipeline.syncOperations.removeHandler(bound.value, promise: nil)
        }
      )
      let pipeline = channel.pipeline.syncOperations
      try pipeline.addHTTPClientHandlers(withClientUpgrade: configuration)
      try pipeline.addHandler(collector)
    }

    private static func head(_ request: HTTPRequest, _ base: BaseURL) -> HTTPRequestHead {
      var request = request
      // These are the upgrader's own.
      for name in ["Connection", HTTPHeaderName.upgrade, "Sec-WebSocket-Version", "Sec-WebSocket-Key"] {
        request.headers[name] = nil
      }
      var head = HTTPCall.head(request, base)
      head.headers.remove(name: "Connection")
      return head
    }

    /// Brings something to the simulation's thread.
    private func inside(_ act: @escaping @Sendable (WebSocketEgressLink) -> Void) {
      driver.post { [weak self] _ in
        if let self { act(self) }
      }
    }

    private func dialled(_ channel: any Channel) {
      guard !isOver else { return channel.close(promise: nil) }
      self.channel = channel
    }

    private func refused(_ result: Result<HTTPResponse, ConnectionTrouble>) {
      guard !isOver, socket == nil else { return }
      if call.isPending {
        switch result {
        case .success(let response): call.reply(Frame(response, byteCount: response.byteCount))
        case .failure: call.drop()
        }
      }
      channel?.close(promise: nil)
      finish()
    }

    private func upgraded(_ channel: any Channel) {
      guard !isOver, let socket = call.accept() else {
        channel.abort()
        return finish()
      }
      self.channel = channel
      self.socket = socket
      socket.onReceive = { [unowned self] payload in
        if let frame = dialect.frame(of: payload) { send(frame) }
      }
      socket.onWritable = { [unowned self] in self.channel?.read() }
      socket.onClose = { [unowned self] end in insideClosed(end) }
      channel.read()
    }

    // MARK: Inside out

    private func send(_ frame: StreamSpaceProtocol.WebSocketFrame) {
      let content: ByteBuffer? = if case .pong = frame, !pings.isEmpty { pings.removeFirst() } else { nil }
      channel?.writeAndFlush(WireFrame(frame, masked: true, pong: content), promise: nil)
    }

    private func insideClosed(_ end: SocketEnd) {
      socket = nil
      switch end {
      case .reset: channel?.abort()
      case .closed(let farewell):
        if let farewell, let frame = dialect.frame(of: farewell) { send(frame) }
        // Behind what was written.
        channel?.close(promise: nil)
      }
      finish()
    }

    // MARK: Outside in

    private func received(_ frames: [WireFrame]) {
      for wire in frames {
        guard let socket, socket.isOpen else { return }
        guard let frame = wire.inner else {
          send(.close(code: .invalidPayload, reason: ""))
          return end { $0.reset() }
        }
        if case .ping = frame, pings.count < Self.pingLimit { pings.append(wire.unmaskedData) }
        if case .close = frame {
          send(frame)
          return end { $0.close(farewell: self.dialect.payload(of: frame)) }
        }
        if let payload = dialect.payload(of: frame) { socket.send(payload) }
      }
      if socket?.isWritable == true { channel?.read() }
    }

    private func outsideClosed(_ error: (any Error)?) { end { $0.reset() } }

    /// The real connection is over, or is to be.
    private func end(_ act: (Socket) -> Void) {
      guard let socket else { return }
      self.socket = nil
      act(socket)
      channel?.close(promise: nil)
      finish()
    }

    /// The inner client has left, or the egress ends.
    func drop() {
      channel?.abort()
      socket?.reset()
      socket = nil
      finish()
    }

    private func finish() {
      guard !isOver else { return }
      isOver = true
      channel = nil
      let ended = onEnd
      onEnd = nil
      ended?()
    }
  }
#endif
