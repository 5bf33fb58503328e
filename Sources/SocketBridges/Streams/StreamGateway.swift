#if Live
  import NIOCore
  import NIOPosix
  import SimulationRuntime

  /// Lets real TCP clients reach a simulated endpoint: each accepted connection becomes a connection from the gateway's
  /// host inside, and the bytes run both ways with back-pressure.
  public final class StreamGateway: Sendable {
    /// The loopback address it listens on.
    public let address: SocketAddress
    private let channel: any Channel
    private let group: MultiThreadedEventLoopGroup

    private init(channel: any Channel, group: MultiThreadedEventLoopGroup, address: SocketAddress) {
      self.channel = channel
      self.group = group
      self.address = address
    }

    /// The port it listens on.
    public var port: Int { address.port ?? 0 }

    /// Listens on `host`:`port` (0: any free port) for clients of `endpoint`. `owner` names a process inside that opens
    /// the connections; it is made if there is none. Throws when the port is taken or may not be used.
    public static func open(
      host: String = "127.0.0.1", port: Int, to endpoint: Endpoint, in driver: WallClockDriver,
      as owner: String = "gateway"
    ) throws -> StreamGateway {
      let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
      do {
        let channel = try ServerBootstrap(group: group)
          .serverChannelOption(.backlog, value: 64)
          .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
          .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
          // Nothing is read before somebody listens inside.
          .childChannelOption(.autoRead, value: false)
          .childChannelInitializer { channel in
            channel.eventLoop.makeCompletedFuture {
              try channel.pipeline.syncOperations.addHandler(
                StreamHandler(StreamBridge(channel: channel, driver: driver, endpoint: endpoint, owner: owner)))
            }
          }
          .bind(host: host, port: port).wait()
        guard let address = channel.localAddress else { throw ChannelError.unknownLocalAddress }
        return StreamGateway(channel: channel, group: group, address: address)
      } catch {
        try? group.syncShutdownGracefully()
        throw error
      }
    }

    /// Stops listening and drops its connections.
    public func close() throws {
      try? channel.close().wait()
      try group.syncShutdownGracefully()
    }
  }
#endif
