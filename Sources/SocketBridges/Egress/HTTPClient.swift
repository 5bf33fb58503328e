#if Live
  import Foundation
  import NIOCore
  import NIOHTTP1
  import NIOPosix
  import StreamSpaceProtocol

  /// HTTP/1.1 requests to real servers, each over a connection of its own: a request that was sent is never repeated, and
  /// what is seen of it is seen of it alone.
  package enum HTTPClient {
    /// Largest answer that is taken, in bytes.
    package static let answerLimit = 64 << 20

    /// Sends a request and waits for the whole answer. `timeout` spans dial and answer. Throws ``ConnectionTrouble``.
    package static func send(
      _ request: HTTPRequest, to base: BaseURL, timeout: Duration = .seconds(35),
      on group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    ) async throws -> HTTPResponse {
      let box = HTTPCall()
      return try await withTaskCancellationHandler {
        try await withCheckedThrowingContinuation { continuation in
          box.start(request, to: base, timeout: timeout, on: group) { continuation.resume(with: $0) }
        }
      } onCancel: {
        box.cancel()
      }
    }
  }

  /// One request under way. It ends once, with its completion on an event loop.
  ///
  /// Unchecked: everything behind `lock`.
  final class HTTPCall: @unchecked Sendable {
    private let lock = NSLock()
    private var completion: (@Sendable (Result<HTTPResponse, ConnectionTrouble>) -> Void)?
    private var channel: (any Channel)?
    private var isCancelled = false

    func start(
      _ request: HTTPRequest, to base: BaseURL, timeout: Duration, on group: any EventLoopGroup,
      _ completion: @escaping @Sendable (Result<HTTPResponse, ConnectionTrouble>) -> Void
    ) {
      lock.withLock { self.completion = completion }
      let head = Self.head(request, base)
      let body = request.body.bytes
      ClientBootstrap(group: group)
        .connectTimeout(TimeAmount(timeout))
        .channelOption(.socketOption(.so_keepalive), value: 1)
        .channelInitializer { channel in
          channel.eventLoop.makeCompletedFuture {
            let pipeline = channel.pipeline.syncOperations
            try pipeline.addHTTPClientHandlers()
            try pipeline.addHandler(
              AnswerCollector(isHead: request.method == .head) { [weak self] in self?.finish($0) })
          }
        }
        .connect(host: base.host, port: base.port)
        .whenComplete { [self] outcome in
          switch outcome {
          case .failure(let error): finish(.failure(ConnectionTrouble(dialling: error)))
          case .success(let channel):
            let isOver = lock.withLock {
              self.channel = channel
              return isCancelled
            }
            if isOver { return channel.close(promise: nil) }
            channel.eventLoop.scheduleTask(in: TimeAmount(timeout)) { [weak self] in self?.finish(.failure(.timedOut)) }
            channel.write(HTTPClientRequestPart.head(head), promise: nil)
            if !body.isEmpty {
              channel.write(HTTPClientRequestPart.body(.byteBuffer(ByteBuffer(bytes: body))), promise: nil)
            }
            channel.writeAndFlush(HTTPClientRequestPart.end(nil), promise: nil)
          }
        }
    }

    /// Nobody waits for the answer any more: the connection goes.
    func cancel() {
      lock.withLock { isCancelled = true }
      finish(.failure(.reset))
    }

    private func finish(_ result: Result<HTTPResponse, ConnectionTrouble>) {
      let (completion, channel) = lock.withLock {
        defer { self.completion = nil }
        return (self.completion, self.channel)
      }
      completion?(result)
      channel?.close(promise: nil)
    }

    static func head(_ request: HTTPRequest, _ base: BaseURL) -> HTTPRequestHead {
      var headers = NIOHTTP1.HTTPHeaders(request.headers.fields.map { ($0.name, $0.value) })
      headers.replaceOrAdd(name: "Host", value: base.authority)
      let length = request.body.exactByteCount
      if length > 0 || [.post, .put, .patch].contains(request.method) {
        headers.replaceOrAdd(name: HTTPHeaderName.contentLength, value: "\(length)")
        if length > 0, !headers.contains(name: HTTPHeaderName.contentType) {
          headers.add(name: HTTPHeaderName.contentType, value: "application/json")
        }
      }
      if !request.isWebSocketUpgrade { headers.replaceOrAdd(name: "Connection", value: "close") }
      return HTTPRequestHead(
        version: .http1_1, method: .init(rawValue: request.method.rawValue), uri: base.prefix + request.target,
        headers: headers)
    }
  }

  /// Puts an answer together, up to ``HTTPClient/answerLimit``.
  final class AnswerCollector: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPClientResponsePart

    private let isHead: Bool
    private let completion: @Sendable (Result<HTTPResponse, ConnectionTrouble>) -> Void
    private var head: HTTPResponseHead?
    private var body: [UInt8] = []

    init(isHead: Bool = false, _ completion: @escaping @Sendable (Result<HTTPResponse, ConnectionTrouble>) -> Void) {
      self.isHead = isHead
      self.completion = completion
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      switch unwrapInboundIn(data) {
      case .head(let head):
        // 100 and 103 come before the answer.
        if head.status.code >= 200 || head.status.code == 101 { self.head = head }
      case .body(let buffer):
        body.append(contentsOf: buffer.readableBytesView)
        if body.count > HTTPClient.answerLimit {
          completion(.failure(.malformed("the answer is larger than \(HTTPClient.answerLimit >> 20) MiB")))
        }
      case .end:
        guard let head else { return }
        let fields = head.headers.map { StreamSpaceProtocol.HTTPHeaders.Field(name: $0.name, value: $0.value) }
        completion(
          .success(
            HTTPResponse(
              HTTPStatus(rawValue: Int(head.status.code)), headers: StreamSpaceProtocol.HTTPHeaders(fields),
              body: body.isEmpty ? .empty : .bytes(body))))
      }
    }

    func channelInactive(context: ChannelHandlerContext) {
      completion(.failure(.reset))
      context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
      completion(.failure(error is HTTPParserError ? .malformed("what came is not HTTP: \(error)") : .reset))
      context.close(promise: nil)
    }
  }

  extension TimeAmount {
    init(_ duration: Duration) {
      let (seconds, attoseconds) = duration.components
      self = .nanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }
  }
#endif
