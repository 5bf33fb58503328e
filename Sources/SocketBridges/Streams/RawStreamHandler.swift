#if Live
  import NIOCore
  import NIOPosix

  /// Carries bytes between a channel and its stream inside.
  ///
  /// Unchecked: touched on the channel's event loop, where every call from elsewhere goes first.
  final class RawStreamHandler: ChannelInboundHandler, RemovableChannelHandler, GatewayByteStream.Port,
    @unchecked Sendable
  {
    typealias InboundIn = ByteBuffer

    private let channel: any Channel
    private let driver: WallClockDriver
    /// Set before the handler is added.
    var stream: GatewayByteStream?
    /// Called when the channel is there: what is asked of it before is lost.
    var onActive: () -> Void = {}
    private var arrived: [UInt8] = []

    init(_ channel: any Channel, _ driver: WallClockDriver) {
      self.channel = channel
      self.driver = driver
    }

    // MARK: From the channel

    func channelActive(context: ChannelHandlerContext) { onActive() }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      arrived.append(contentsOf: unwrapInboundIn(data).readableBytesView)
    }

    func channelReadComplete(context: ChannelHandlerContext) { deliver() }

    private func deliver() {
      guard !arrived.isEmpty, let stream else { return }
      let bytes = arrived
      arrived = []
      driver.post { _ in stream.received(bytes) }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
      guard case ChannelEvent.inputClosed? = event as? ChannelEvent, let stream else {
        return context.fireUserInboundEventTriggered(event)
      }
      deliver()
      driver.post { _ in stream.outsideEndedInput() }
    }

    func channelInactive(context: ChannelHandlerContext) {
      guard let stream else { return }
      deliver()
      self.stream = nil
      driver.post { _ in stream.closed() }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    // MARK: From the simulation

    func write(_ bytes: [UInt8], _ budget: WriteBudget) {
      channel.eventLoop.execute { [self] in
        channel.writeAndFlush(ByteBuffer(bytes: bytes)).whenComplete { [self] _ in
          guard budget.remove(bytes.count), let stream else { return }
          driver.post { _ in stream.hasRoom() }
        }
      }
    }

    func end() {
      channel.eventLoop.execute { [channel] in
        // After what was written: an empty write is the last one.
        channel.writeAndFlush(ByteBuffer()).whenComplete { _ in channel.close(promise: nil) }
      }
    }

    func reset() { channel.eventLoop.execute { [channel] in channel.closeWithReset() } }

    func read() { channel.read() }
  }

  extension Channel {
    /// Closes without an orderly end: RST where the transport has one.
    func closeWithReset() {
      guard let socket = self as? any SocketOptionProvider else { return close(promise: nil) }
      socket.setSoLinger(linger(l_onoff: 1, l_linger: 0)).whenComplete { _ in self.close(promise: nil) }
    }
  }
#endif
