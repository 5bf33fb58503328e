#if Live
  import NIOCore
  import NIOHTTP1
  import NIOPosix
  import NIOWebSocket
  import SimulationRuntime
  import StreamSpaceProtocol

  /// The WebSocket side of one connection: whole messages in, whole messages out, and the rules of RFC 6455.
  ///
  /// Unchecked: touched on the channel's event loop, where every call from the simulation goes first.
  final class WebSocketHandler: ChannelInboundHandler, @unchecked Sendable {
    typealias InboundIn = NIOWebSocket.WebSocketFrame

    /// Longest header of a frame that a server sends.
    static let header = 10
    /// Pings that may wait for the answer of the peer inside; of more the oldest is forgotten (RFC 6455 §5.5.3).
    private static let mostPings = 16
    /// Most fragments of one message. Of our own making: empty ones would otherwise never end.
    private static let mostFragments = 4_096

    private let channel: any Channel
    private let driver: WallClockDriver
    private let maximumMessage: Int
    private let closeTime: TimeSpan
    /// Set before the handler is added.
    var stream: GatewayWebSocket?
    private var arrived: [StreamSpaceProtocol.WebSocketFrame] = []
    private var pings: [ByteBuffer] = []
    /// A close frame was sent: what comes is thrown away until the peer's.
    private var isClosing = false

    init(_ channel: any Channel, _ driver: WallClockDriver, maximumMessage: Int, closeTime: TimeSpan) {
      self.channel = channel
      self.driver = driver
      self.maximumMessage = maximumMessage
      self.closeTime = closeTime
    }

    /// The fields of the answer to a handshake.
    func acceptance(of head: HTTPRequestHead) -> EventLoopFuture<NIOHTTP1.HTTPHeaders> {
      NIOWebSocketServerUpgrader(
        shouldUpgrade: { channel, _ in channel.eventLoop.makeSucceededFuture([:]) },
        upgradePipelineHandler: { channel, _ in channel.eventLoop.makeSucceededVoidFuture() }
      ).buildUpgradeResponse(channel: channel, upgradeRequest: head, initialResponseHeaders: [:])
    }

    /// Adds the handlers to the channel, on its event loop.
    func install() throws {
      // A control frame may be larger than a small message.
      let frame = max(maximumMessage, 125)
      try channel.pipeline.syncOperations.addHandlers([
        WebSocketFrameEncoder(), ByteToMessageHandler(WebSocketFrameDecoder(maxFrameSize: frame)), ClientFrameRules(),
        NIOWebSocketFrameAggregator(
          minNonFinalFragmentSize: 0, maxAccumulatedFrameCount: Self.mostFragments,
          maxAccumulatedFrameSize: maximumMessage),
        self,
      ])
    }

    // MARK: From the channel

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      var frame = unwrapInboundIn(data)
      if isClosing {
        if case .connectionClose = frame.opcode { context.close(promise: nil) }
        return
      }
      switch frame.opcode {
      case .text:
        guard frame.length <= maximumMessage else { return fail(.messageTooBig) }
        guard let text = String(validating: frame.unmaskedData.readableBytesView, as: UTF8.self) else {
          return fail(.invalidPayload)
        }
        arrived.append(.text(text))
      case .binary:
        guard frame.length <= maximumMessage else { return fail(.messageTooBig) }
        arrived.append(.binary(Array(frame.unmaskedData.readableBytesView)))
      case .ping:
        pings.append(frame.unmaskedData)
        if pings.count > Self.mostPings { pings.removeFirst() }
        arrived.append(.ping)
      case .pong: arrived.append(.pong)
      case .connectionClose:
        frame.maskKey.map { frame.data.webSocketUnmask($0) }
        peerCloses(frame.data)
      default: fail(Self.protocolError)
      }
    }

    private static let protocolError = WebSocketCloseCode(rawValue: 1002)

    private func peerCloses(_ data: ByteBuffer) {
      var data = data
      guard data.readableBytes > 0 else { return closed(by: .noStatus, "") }
      guard let code = data.readInteger(as: UInt16.self), Self.isSendable(code) else { return fail(Self.protocolError) }
      guard let reason = String(validating: data.readableBytesView, as: UTF8.self) else { return fail(.invalidPayload) }
      closed(by: WebSocketCloseCode(rawValue: code), reason)
    }

    /// RFC 6455 §7.4: codes that may stand in a frame.
    private static func isSendable(_ code: UInt16) -> Bool {
      (1000...1003).contains(code) || (1007...1014).contains(code) || (3000...4999).contains(code)
    }

    /// The peer has closed: it gets the same code back, and the connection ends.
    private func closed(by code: WebSocketCloseCode, _ reason: String) {
      arrived.append(.close(code: code, reason: reason))
      deliver()
      isClosing = true
      writeClose(code, "").whenComplete { [channel] _ in channel.close(promise: nil) }
    }

    /// The peer breaks a rule: it gets the code, and the connection ends. Inside that is a reset.
    private func fail(_ code: WebSocketCloseCode) {
      guard !isClosing else { return }
      deliver()
      beginClosing(code, "", isLast: true)
      guard let stream else { return }
      self.stream = nil
      driver.post { _ in stream.gone() }
    }

    /// `isLast`: what the peer sends is not read any more, its answer neither, so that it hears the end of the stream at
    /// once.
    private func beginClosing(_ code: WebSocketCloseCode, _ reason: String, isLast: Bool = false) {
      guard !isClosing else { return }
      isClosing = true
      writeClose(code, reason).whenComplete { [channel] _ in
        if isLast { channel.close(mode: .output, promise: nil) }
        channel.read()
      }
      channel.eventLoop.scheduleTask(in: .nanoseconds(closeTime.nanoseconds)) { [channel] in
        channel.close(promise: nil)
      }
    }

    private func writeClose(_ code: WebSocketCloseCode, _ reason: String) -> EventLoopFuture<Void> {
      var data = ByteBuffer()
      if Self.isSendable(code.rawValue) {
        data.writeInteger(code.rawValue)
        data.writeString(WebSocketCloseCode.reason(reason))
      }
      return channel.writeAndFlush(NIOWebSocket.WebSocketFrame(fin: true, opcode: .connectionClose, data: data))
    }

    func channelReadComplete(context: ChannelHandlerContext) {
      deliver()
      if isClosing { context.read() }
    }

    private func deliver() {
      guard let stream, !isClosing else { return }
      let frames = arrived
      arrived = []
      // Also when no message is complete yet: the stream then asks for more.
      driver.post { _ in stream.received(frames) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
      switch error {
      case NIOWebSocketError.invalidFrameLength, NIOWebSocketFrameAggregator.Error.accumulatedFrameSizeIsTooLarge,
        NIOWebSocketFrameAggregator.Error.tooManyFragments:
        fail(.messageTooBig)
      case is NIOWebSocketError, is NIOWebSocketFrameAggregator.Error, is ClientFrameRules.Broken:
        fail(Self.protocolError)
      default: context.close(promise: nil)
      }
    }

    func channelInactive(context: ChannelHandlerContext) {
      guard let stream else { return }
      self.stream = nil
      driver.post { _ in stream.gone() }
    }

    // MARK: From the simulation

    func write(_ bytes: [UInt8], isBinary: Bool, _ budget: WriteBudget) {
      channel.eventLoop.execute { [self] in
        let frame = NIOWebSocket.WebSocketFrame(
          fin: true, opcode: isBinary ? .binary : .text, data: ByteBuffer(bytes: bytes))
        let written =
          isClosing ? channel.eventLoop.makeSucceededVoidFuture() : channel.writeAndFlush(frame)
        written.whenComplete { [self] _ in
          guard budget.remove(bytes.count + Self.header), let stream else { return }
          driver.post { _ in stream.hasRoom() }
        }
      }
    }

    func ping() { control { .init(fin: true, opcode: .ping, data: ByteBuffer()) } }

    /// Answers the oldest ping.
    func pong() {
      control { [self] in
        .init(fin: true, opcode: .pong, data: pings.isEmpty ? ByteBuffer() : pings.removeFirst())
      }
    }

    private func control(_ frame: @escaping @Sendable () -> NIOWebSocket.WebSocketFrame) {
      channel.eventLoop.execute { [self] in
        if !isClosing { channel.writeAndFlush(frame(), promise: nil) }
      }
    }

    func close(_ code: WebSocketCloseCode, _ reason: String) {
      channel.eventLoop.execute { [self] in
        stream = nil
        beginClosing(code, reason)
      }
    }

    func reset() { channel.eventLoop.execute { [channel] in channel.closeWithReset() } }

    func read() { channel.read() }
  }

  /// What every frame of a client must keep (RFC 6455 §5.1, §5.2): masked, no reserved bit, no reserved opcode.
  private final class ClientFrameRules: ChannelInboundHandler {
    typealias InboundIn = NIOWebSocket.WebSocketFrame
    typealias InboundOut = NIOWebSocket.WebSocketFrame

    struct Broken: Error {}

    private static let opcodes: Set<WebSocketOpcode> = [.continuation, .text, .binary, .connectionClose, .ping, .pong]
    private var isBroken = false

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      guard !isBroken else { return }
      let frame = unwrapInboundIn(data)
      guard frame.maskKey != nil, !frame.rsv1, !frame.rsv2, !frame.rsv3, Self.opcodes.contains(frame.opcode) else {
        isBroken = true
        return context.fireErrorCaught(Broken())
      }
      context.fireChannelRead(data)
    }
  }
#endif
