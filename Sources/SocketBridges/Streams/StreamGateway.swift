#if Live
  import NIOCore
  import SimulationRuntime

  /// Lets real clients reach a simulated endpoint: each accepted connection becomes a connection from the gateway's host
  /// inside, and the bytes run both ways with back-pressure.
  public final class StreamGateway: Sendable {
    private let listener: SocketListener
    private let driver: WallClockDriver

    private init(_ listener: SocketListener, _ driver: WallClockDriver) {
      self.listener = listener
      self.driver = driver
    }

    /// Where it listens, with the port that was taken.
    public var address: ListeningAddress { listener.address }
    /// The port; 0 for a unix socket.
    public var port: Int { address.port ?? 0 }
    /// Connections that are open now.
    package var connectionCount: Int { listener.count }

    /// Bytes that wait for one socket before its source is no longer read (`spec/08 §5`).
    package static let writeQueue = 1 << 20

    /// Listens on `host`:`port` (0: any free port); else as ``open(on:to:in:as:)``.
    public static func open(
      host: String = "127.0.0.1", port: Int, to endpoint: Endpoint, in driver: WallClockDriver,
      as owner: String = "gateway"
    ) throws -> StreamGateway {
      try open(on: .tcp(host: host, port: port), to: endpoint, in: driver, as: owner)
    }

    /// Listens on `address` for clients of `endpoint`. `owner` names a process inside that opens the connections; it is
    /// made if there is none. Throws ``GatewayError``.
    public static func open(
      on address: ListeningAddress, to endpoint: Endpoint, in driver: WallClockDriver, as owner: String = "gateway"
    ) throws -> StreamGateway {
      try open(on: address, to: endpoint, in: driver, as: owner, allowance: .process)
    }

    package static func open(
      on address: ListeningAddress, to endpoint: Endpoint, in driver: WallClockDriver, as owner: String,
      allowance: SocketAllowance
    ) throws -> StreamGateway {
      let listener = try SocketListener.open(on: address, allowance: allowance, queue: writeQueue) { channel in
        let port = RawStreamHandler(channel, driver)
        let stream = GatewayByteStream(port, queue: writeQueue)
        port.stream = stream
        try channel.pipeline.syncOperations.addHandler(port)
        // A client may end its half and wait for the answers.
        _ = channel.setOption(.allowRemoteHalfClosure, value: true)
        port.onActive = { driver.post { StreamBridge.connect(stream, to: endpoint, as: owner, in: $0) } }
      }
      return StreamGateway(listener, driver)
    }

    /// Stops listening and ends its connections. Returns when the port or path is free again and no thread is left. Not
    /// to be called on the simulation's thread.
    public func close() {
      // What was posted before is over when this is answered, and nothing inside touches a channel any more.
      listener.close { _ = driver.ask { _ in true } }
    }
  }
#endif
