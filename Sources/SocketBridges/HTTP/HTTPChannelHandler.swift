#if Live
  import NIOCore
  import NIOHTTP1
  import NIOPosix
  import SimulationRuntime
  import StreamSpaceProtocol

  /// The HTTP side of one connection: collects requests, passes them on one at a time, writes the answers.
  ///
  /// Unchecked: touched on the channel's event loop, where every call from the simulation goes first.
  final class HTTPChannelHandler: ChannelInboundHandler, RemovableChannelHandler, @unchecked Sendable {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    /// What is to be answered, in the order in which it came.
    private enum Waiting {
      case request(HTTPRequestHead, body: [UInt8])
      /// Nothing after it is read.
      case refusal(HTTPResponseStatus)
    }

    /// Where reading stands.
    private enum Phase {
      /// Between two requests.
      case idle
      /// The first bytes of a head have come.
      case head
      case body(HTTPRequestHead, received: [UInt8], awaitsContinue: Bool)
      /// A request was refused, or the connection ends: what comes is thrown away.
      case over
    }

    let channel: any Channel
    let driver: WallClockDriver
    let limits: HTTPLimits
    private let address: ListeningAddress
    private let desk: ServiceDesk
    private let decoder: ByteToMessageHandler<HTTPRequestDecoder>
    private let encoder: HTTPResponseEncoder
    private let watch: FirstBytes
    private var phase = Phase.head
    private var waiting: [Waiting] = []
    private var active: (exchange: GatewayExchange, head: HTTPRequestHead)?
    private var timer: Scheduled<Void>?
    private var isEnding = false

    init(
      _ channel: any Channel, _ driver: WallClockDriver, _ limits: HTTPLimits, _ address: ListeningAddress,
      _ desk: ServiceDesk
    ) {
      self.channel = channel
      self.driver = driver
      self.limits = limits
      self.address = address
      self.desk = desk
      var parsing = NIOHTTPDecoderLimitConfiguration()
      // These count less than the bytes of the head: the exact limit is looked at when the head is there.
      parsing.maxHeaderFieldSize = limits.headBytes
      parsing.maxHeaderListSize = limits.headBytes
      parsing.maxHeaderFieldCount = limits.headBytes
      decoder = ByteToMessageHandler(
        HTTPRequestDecoder(leftOverBytesStrategy: .forwardBytes, limitConfiguration: parsing))
      var framing = HTTPResponseEncoder.Configuration()
      framing.automaticallySetFramingHeaders = false
      encoder = HTTPResponseEncoder(configuration: framing)
      watch = FirstBytes()
    }

    /// Adds the handlers to the channel, on its event loop.
    func install() throws {
      watch.onBytes = { [weak self] in self?.bytesArrived() }
      try channel.pipeline.syncOperations.addHandlers([watch, encoder, decoder, self])
    }

    // MARK: Reading

    func channelActive(context: ChannelHandlerContext) {
      arm(limits.headTime, answers: true)
      context.read()
    }

    private func bytesArrived() {
      guard case .idle = phase else { return }
      phase = .head
      arm(limits.headTime, answers: true)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      if case .over = phase { return }
      switch unwrapInboundIn(data) {
      case .head(let head):
        timer?.cancel()
        if let status = refusal(of: head) { return refuse(status) }
        let expectation = head.headers.first(name: "expect")?.lowercased()
        phase = .body(head, received: [], awaitsContinue: expectation == "100-continue" && head.isCurrent)
        sendContinue()
      case .body(let buffer):
        guard case .body(let head, var received, _) = phase else { return }
        guard received.count + buffer.readableBytes <= limits.bodyBytes else { return refuse(.payloadTooLarge) }
        phase = .idle
        received.append(contentsOf: buffer.readableBytesView)
        phase = .body(head, received: received, awaitsContinue: false)
      case .end:
        guard case .body(let head, let received, _) = phase else { return }
        phase = .idle
        waiting.append(.request(head, body: received))
        answerNext()
      }
    }

    func channelReadComplete(context: ChannelHandlerContext) { readOn() }

    /// Reads while there is nothing to answer.
    private func readOn() {
      if isEnding || (active == nil && waiting.isEmpty) { channel.read() }
    }

    private func refusal(of head: HTTPRequestHead) -> HTTPResponseStatus? {
      let line = head.method.rawValue.utf8.count + head.uri.utf8.count + 12
      let fields = head.headers.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count + 4 }
      if line + fields + 2 > limits.headBytes { return .requestHeaderFieldsTooLarge }
      if head.isCurrent, head.headers["host"].count != 1 { return .badRequest }
      if let expectation = head.headers.first(name: "expect"), expectation.lowercased() != "100-continue" {
        return .expectationFailed
      }
      if let length = head.headers.first(name: "content-length"), (Int(length) ?? .max) > limits.bodyBytes {
        return .payloadTooLarge
      }
      return nil
    }

    private func refuse(_ status: HTTPResponseStatus) {
      timer?.cancel()
      phase = .over
      waiting.append(.refusal(status))
      answerNext()
    }

    /// Asks for the body that the client holds back, once all before it is answered.
    private func sendContinue() {
      guard case .body(let head, let received, awaitsContinue: true) = phase, active == nil, waiting.isEmpty else {
        return
      }
      phase = .body(head, received: received, awaitsContinue: false)
      channel.writeAndFlush(HTTPServerResponsePart.head(.init(version: .http1_1, status: .continue)), promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
      guard let error = error as? HTTPParserError else { return context.close(promise: nil) }
      if case .over = phase { return }
      refuse(error == .headerOverflow ? .requestHeaderFieldsTooLarge : .badRequest)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) { answerNext() }

    func channelInactive(context: ChannelHandlerContext) {
      timer?.cancel()
      waiting = []
      phase = .over
      guard let exchange = active?.exchange else { return }
      active = nil
      driver.post { _ in exchange.clientLeft() }
    }

    // MARK: Timers

    /// Ends the connection after `span`; with 408 if it `answers`.
    private func arm(_ span: TimeSpan, answers: Bool) {
      timer?.cancel()
      timer = channel.eventLoop.assumeIsolated().scheduleTask(in: .nanoseconds(span.nanoseconds)) { [weak self] in
        guard let self else { return }
        if answers { refuse(.requestTimeout) } else { channel.close(promise: nil) }
      }
    }

    // MARK: Answering

    /// Passes the oldest request on, when the one before is answered and the client takes the answers.
    private func answerNext() {
      guard active == nil, !isEnding, channel.isWritable else { return }
      guard !waiting.isEmpty else {
        if case .idle = phase { arm(limits.idleTime, answers: false) }
        sendContinue()
        return readOn()
      }
      switch waiting.removeFirst() {
      case .refusal(let status):
        let head = HTTPRequestHead(version: .http1_1, method: .GET, uri: "/")
        write(status, [:], Array("\(status.code) \(status.reasonPhrase)\n".utf8), to: head, closes: true)
        finishConnection()
      case .request(let head, let body):
        let exchange = GatewayExchange(received(head, body), self, queue: limits.writeQueue)
        active = (exchange, head)
        timer?.cancel()
        driver.post { [desk] simulation in desk.hand(exchange, in: simulation) }
      }
    }

    private func received(_ head: HTTPRequestHead, _ body: [UInt8]) -> ReceivedRequest {
      var headers = StreamSpaceProtocol.HTTPHeaders()
      for (name, value) in head.headers { headers.add(name, value) }
      return ReceivedRequest(
        method: head.method.rawValue, target: head.uri, headers: headers, body: body, peer: peer)
    }

    private var peer: String {
      switch address {
      case .unix(let path): path
      case .tcp:
        channel.remoteAddress.map {
          ListeningAddress.tcp(host: $0.ipAddress ?? "", port: $0.port ?? 0).description
        } ?? ""
      }
    }

    /// Head of an answer to `head`; the framing fields are set here only.
    private func writeHead(
      _ status: HTTPResponseStatus, _ fields: StreamSpaceProtocol.HTTPHeaders, to head: HTTPRequestHead,
      framing: (name: String, value: String)?, closes: Bool
    ) {
      var headers = NIOHTTP1.HTTPHeaders()
      for field in fields.fields where !Self.framingNames.contains(field.name.lowercased()) {
        headers.add(name: field.name, value: Self.harmless(field.value))
      }
      if let framing { headers.add(name: framing.name, value: framing.value) }
      if closes {
        headers.add(name: "Connection", value: "close")
      } else if !head.isCurrent {
        headers.add(name: "Connection", value: "keep-alive")
      }
      let answer = HTTPResponseHead(version: head.isCurrent ? .http1_1 : .http1_0, status: status, headers: headers)
      channel.write(HTTPServerResponsePart.head(answer), promise: nil)
    }

    private static let framingNames: Set = ["content-length", "transfer-encoding", "connection"]

    /// A value that cannot begin another field.
    private static func harmless(_ value: String) -> String {
      value.utf8.contains { $0 == 0x0d || $0 == 0x0a || $0 == 0 }
        ? String(value.map { $0.isNewline || $0 == "\0" ? " " : $0 }) : value
    }

    private func write(
      _ status: HTTPResponseStatus, _ headers: StreamSpaceProtocol.HTTPHeaders, _ body: [UInt8],
      to head: HTTPRequestHead, closes: Bool
    ) {
      let hasBody = status.mayHaveResponseBody
      // The answer to HEAD may name the length of what it does not send.
      let length = head.method == .HEAD && body.isEmpty ? headers["content-length"] ?? "0" : String(body.count)
      writeHead(status, headers, to: head, framing: hasBody ? ("Content-Length", length) : nil, closes: closes)
      if hasBody, head.method != .HEAD, !body.isEmpty {
        channel.write(HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(bytes: body))), promise: nil)
      }
      channel.writeAndFlush(HTTPServerResponsePart.end(nil), promise: nil)
    }

    /// Whether the connection ends with the answer to `head`. After a request to upgrade the parser reads nothing more.
    private func closes(after head: HTTPRequestHead) -> Bool {
      !head.isKeepAlive || head.method == .CONNECT
        || (head.headers.contains(name: "upgrade")
          && head.headers[canonicalForm: "connection"].contains { $0.lowercased() == "upgrade" })
    }

    private func answered(_ head: HTTPRequestHead) {
      active = nil
      if closes(after: head) { finishConnection() } else { answerNext() }
    }

    /// Ends after what was written. The client may still be sending: an end at once would be RST, and could take the last
    /// answer with it.
    private func finishConnection() {
      guard !isEnding else { return }
      isEnding = true
      phase = .over
      waiting = []
      arm(limits.lingerTime, answers: false)
      channel.writeAndFlush(HTTPServerResponsePart.body(.byteBuffer(ByteBuffer()))).whenComplete { [channel] _ in
        channel.close(mode: .output).whenFailure { _ in channel.close(promise: nil) }
        channel.read()
      }
    }

    // MARK: From the simulation

    private func perform(_ exchange: GatewayExchange, _ body: @escaping @Sendable (HTTPRequestHead) -> Void) {
      channel.eventLoop.execute { [self] in
        guard let active, active.exchange === exchange else { return }
        body(active.head)
      }
    }

    func respond(
      to exchange: GatewayExchange, _ status: Int, _ headers: StreamSpaceProtocol.HTTPHeaders, _ body: [UInt8]
    ) {
      perform(exchange) { [self] head in
        write(.init(statusCode: status), headers, body, to: head, closes: closes(after: head))
        answered(head)
      }
    }

    func begin(_ exchange: GatewayExchange, _ status: Int, _ headers: StreamSpaceProtocol.HTTPHeaders) {
      perform(exchange) { [self] head in
        let isChunked = head.isCurrent
        writeHead(
          .init(statusCode: status), headers, to: head, framing: isChunked ? ("Transfer-Encoding", "chunked") : nil,
          closes: closes(after: head) || !isChunked)
        channel.flush()
      }
    }

    func chunk(of exchange: GatewayExchange, _ bytes: [UInt8], _ budget: WriteBudget) {
      channel.eventLoop.execute { [self] in
        let isWanted = active.map { $0.exchange === exchange && $0.head.method != .HEAD } ?? false
        let written =
          isWanted
          ? channel.writeAndFlush(HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(bytes: bytes))))
          : channel.eventLoop.makeSucceededVoidFuture()
        written.whenComplete { [driver] _ in
          if budget.remove(bytes.count) { driver.post { _ in exchange.hasRoom() } }
        }
      }
    }

    func end(_ exchange: GatewayExchange) {
      perform(exchange) { [self] head in
        let isChunked = head.isCurrent
        if isChunked, head.method != .HEAD {
          channel.writeAndFlush(HTTPServerResponsePart.end(nil), promise: nil)
        }
        if isChunked {
          answered(head)
        } else {
          active = nil
          finishConnection()
        }
      }
    }

    /// RST.
    func drop() {
      channel.eventLoop.execute { [self] in
        active = nil
        channel.closeWithReset()
      }
    }

    func upgrade(_ exchange: GatewayExchange, _ headers: StreamSpaceProtocol.HTTPHeaders, _ port: RawStreamHandler) {
      perform(exchange) { [self] head in
        var headers = headers
        if headers["upgrade"] == nil, let wanted = head.headers.first(name: "upgrade") { headers["Upgrade"] = wanted }
        // A peer of plain bytes may end its half.
        _ = channel.setOption(.allowRemoteHalfClosure, value: true)
        switchProtocols(headers) { try self.channel.pipeline.syncOperations.addHandler(port) }
      }
    }

    func upgradeToWebSocket(
      _ exchange: GatewayExchange, _ headers: StreamSpaceProtocol.HTTPHeaders, _ port: WebSocketHandler
    ) {
      perform(exchange) { [self] head in
        port.acceptance(of: head).whenComplete { [self] result in
          guard case .success(let acceptance) = result else { return drop() }
          var headers = headers
          for field in acceptance where field.name.lowercased() != "connection" { headers[field.name] = field.value }
          switchProtocols(headers) { try port.install() }
        }
      }
    }

    /// Answers 101 and puts other handlers in the place of HTTP's.
    private func switchProtocols(_ headers: StreamSpaceProtocol.HTTPHeaders, _ install: () throws -> Void) {
      var fields = NIOHTTP1.HTTPHeaders()
      fields.add(name: "Connection", value: "Upgrade")
      for field in headers.fields where !Self.framingNames.contains(field.name.lowercased()) {
        fields.add(name: field.name, value: Self.harmless(field.value))
      }
      active = nil
      isEnding = true
      timer?.cancel()
      let head = HTTPResponseHead(version: .http1_1, status: .switchingProtocols, headers: fields)
      channel.writeAndFlush(HTTPServerResponsePart.head(head), promise: nil)
      let pipeline = channel.pipeline.syncOperations
      do {
        try install()
        pipeline.removeHandler(encoder, promise: nil)
        pipeline.removeHandler(watch, promise: nil)
        pipeline.removeHandler(self, promise: nil)
        // Last: what it holds beyond the request goes to the new handlers.
        pipeline.removeHandler(decoder).whenComplete { [channel] _ in channel.pipeline.fireChannelReadComplete() }
      } catch {
        channel.close(promise: nil)
      }
    }
  }

  extension HTTPRequestHead {
    /// Whether this is HTTP/1.1: chunks, `Host` and persistent connections without asking.
    fileprivate var isCurrent: Bool { version.major == 1 && version.minor >= 1 }
  }

  /// Tells that bytes have come, before they are parsed.
  private final class FirstBytes: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    var onBytes: () -> Void = {}

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      onBytes()
      context.fireChannelRead(data)
    }
  }
#endif
