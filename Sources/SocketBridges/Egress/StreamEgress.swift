#if Live
  import Foundation
  import NIOCore
  import NIOPosix
  import SimulationRuntime
  import StreamSpaceProtocol

  /// Takes the inner connections of a port out to a real server, byte for byte: a simulated client of Redis or VNC talks to
  /// the real one. Typed frames go out as their bytes; answers come in as bytes.
  package final class StreamEgress: Program {
    private let incarnation: Incarnation
    private let port: Int
    private let server: ServerAddress
    private let driver: WallClockDriver
    private let group: any EventLoopGroup
    private var links: [ObjectIdentifier: StreamEgressLink] = [:]

    /// `port` is the inner one that it listens on.
    package init(
      _ incarnation: Incarnation, port: Int, to server: ServerAddress, driver: WallClockDriver,
      group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    ) {
      self.incarnation = incarnation
      self.port = port
      self.server = server
      self.driver = driver
      self.group = group
    }

    package func start() {
      incarnation.simulation.network.listen(incarnation, port: port) { [weak self] call in self?.take(call) }
    }

    package func terminate() {
      for link in links.values { link.drop() }
      links.removeAll()
      incarnation.exit("terminated")
    }

    private func take(_ call: IncomingCall) {
      let link = StreamEgressLink(call, driver)
      links[ObjectIdentifier(link)] = link
      link.onEnd = { [weak self, unowned link] in self?.links[ObjectIdentifier(link)] = nil }
      link.dial(server, group)
    }
  }

  /// One inner connection and its real one.
  ///
  /// Unchecked: everything but `driver` is touched on the simulation's thread only.
  private final class StreamEgressLink: @unchecked Sendable {
    private let call: IncomingCall
    private let driver: WallClockDriver
    private var channel: (any Channel)?
    private var socket: Socket?
    private var isOver = false
    var onEnd: (() -> Void)?

    /// As long as a dial may take before the inner client's own limit (5 s) has passed.
    private static let dialLimit = TimeAmount.seconds(5)

    init(_ call: IncomingCall, _ driver: WallClockDriver) {
      self.call = call
      self.driver = driver
    }

    func dial(_ server: ServerAddress, _ group: any EventLoopGroup) {
      let driver = driver
      let events = EgressEvents<ByteBuffer>(
        received: { [weak self] items in self?.inside { $0.received(items) } },
        writable: { [weak self] isWritable in
          self?.inside { link in
            if isWritable { link.socket?.resumeReading() } else { link.socket?.pauseReading() }
          }
        },
        closed: { [weak self] error in self?.inside { $0.outsideClosed(error) } })
      let bootstrap = ClientBootstrap(group: group)
        .connectTimeout(Self.dialLimit)
        .channelOption(.autoRead, value: false)
        .channelInitializer { channel in
          channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(EgressHandler(events))
          }
        }
      server.connect(bootstrap).whenComplete { [self] outcome in
        driver.post { [self] _ in
          switch outcome {
          case .success(let channel): connected(channel)
          case .failure:
            call.drop()
            finish()
          }
        }
      }
    }

    /// Brings something to the simulation's thread.
    private func inside(_ act: @escaping @Sendable (StreamEgressLink) -> Void) {
      driver.post { [weak self] _ in
        if let self { act(self) }
      }
    }

    private func connected(_ channel: any Channel) {
      guard !isOver, let socket = call.accept() else {
        channel.close(promise: nil)
        return finish()
      }
      self.channel = channel
      self.socket = socket
      socket.onReceive = { [unowned self] payload in
        guard let bytes = payload.wireBytes else { return }
        self.channel?.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil)
      }
      socket.onWritable = { [unowned self] in self.channel?.read() }
      socket.onClose = { [unowned self] end in
        self.socket = nil
        if case .reset = end { self.channel?.abort() } else { self.channel?.close(promise: nil) }
        finish()
      }
      channel.read()
    }

    private func received(_ items: [ByteBuffer]) {
      guard let socket, socket.isOpen else { return }
      for item in items { socket.send(Bytes(Array(item.readableBytesView))) }
      if socket.isWritable { channel?.read() }
    }

    private func outsideClosed(_ error: (any Error)?) {
      guard let socket else { return }
      self.socket = nil
      if error == nil { socket.close() } else { socket.reset() }
      finish()
    }

    /// The egress itself ends.
    func drop() {
      isOver = true
      channel?.abort()
      socket?.reset()
      socket = nil
      finish()
    }

    private func finish() {
      channel = nil
      let ended = onEnd
      onEnd = nil
      ended?()
    }
  }

  extension Payload {
    /// The bytes of a payload of a byte stream; nil for anything else.
    fileprivate var wireBytes: [UInt8]? {
      if let bytes = self as? Bytes { return bytes.bytes }
      return (self as? Frame<RESPCommandPayload>)?.value.encoded
    }
  }
#endif
