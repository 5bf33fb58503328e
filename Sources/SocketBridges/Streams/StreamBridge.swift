#if Live
  import NIOCore
  import SimulationRuntime

  /// One connection with an end outside (a channel) and an end inside (a simulated socket).
  ///
  /// Unchecked: `socket` is touched on the simulation's thread only; the channel is safe to use from any thread.
  final class StreamBridge: @unchecked Sendable {
    private let channel: any Channel
    private let driver: WallClockDriver
    private let endpoint: Endpoint
    private let owner: String
    private var socket: Socket?
    private var isOutsideOpen = true

    /// Longest wait for somebody who listens inside.
    private static let timeout = TimeSpan.seconds(10)

    init(channel: any Channel, driver: WallClockDriver, endpoint: Endpoint, owner: String) {
      self.channel = channel
      self.driver = driver
      self.endpoint = endpoint
      self.owner = owner
    }

    // MARK: From outside, on the event loop

    func outsideOpened() {
      driver.post { [self] simulation in connect(simulation) }
    }

    /// Bytes came in; the channel reads on when they have room inside.
    func outsideRead(_ bytes: [UInt8]) {
      driver.post { [self] _ in
        guard let socket, socket.isOpen else { return channel.close(promise: nil) }
        socket.send(Bytes(bytes))
        if socket.isWritable { channel.read() }
      }
    }

    func outsideWritable(_ isWritable: Bool) {
      driver.post { [self] _ in
        if isWritable { socket?.resumeReading() } else { socket?.pauseReading() }
      }
    }

    func outsideClosed() {
      driver.post { [self] _ in
        isOutsideOpen = false
        socket?.close()
        socket = nil
      }
    }

    // MARK: Inside, on the simulation's thread

    private func connect(_ simulation: Simulation) {
      guard isOutsideOpen, let incarnation = Self.incarnation(of: owner, in: simulation) else {
        return channel.close(promise: nil)
      }
      simulation.network.open(from: incarnation, to: endpoint, hello: nil, timeout: Self.timeout) { [self] outcome in
        guard case .connected(let socket) = outcome else { return channel.close(promise: nil) }
        guard isOutsideOpen else { return socket.close() }
        connected(socket)
      }
    }

    private func connected(_ socket: Socket) {
      self.socket = socket
      socket.onReceive = { [self] payload in
        guard let bytes = payload as? Bytes else { return }
        channel.writeAndFlush(ByteBuffer(bytes: bytes.bytes), promise: nil)
      }
      socket.onWritable = { [self] in channel.read() }
      socket.onClose = { [self] _ in
        self.socket = nil
        // What was written before goes out first.
        channel.close(promise: nil)
      }
      channel.read()
    }

    /// The process that stands for the outside, started when first needed.
    private static func incarnation(of owner: String, in simulation: Simulation) -> Incarnation? {
      if let process = simulation.process(owner) { return process.current }
      guard
        let process = try? simulation.addProcess(
          owner, on: simulation.host(owner), program: { _ in GatewayProgram() })
      else { return nil }
      process.start()
      return process.current
    }
  }

  /// The process inside that stands for the clients outside.
  private final class GatewayProgram: Program {
    func start() {}
    func terminate() {}
  }

  /// Passes what happens on a channel to its bridge.
  final class StreamHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let bridge: StreamBridge

    init(_ bridge: StreamBridge) { self.bridge = bridge }

    func channelActive(context: ChannelHandlerContext) { bridge.outsideOpened() }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      bridge.outsideRead(Array(unwrapInboundIn(data).readableBytesView))
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
      bridge.outsideWritable(context.channel.isWritable)
    }

    func channelInactive(context: ChannelHandlerContext) { bridge.outsideClosed() }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
  }
#endif
