#if Live
  import Foundation
  import Glibc
  import NIOCore
  import NIOPosix
  import Synchronization

  /// A listening socket with an event loop of its own, and the connections it has accepted. A connection is read only
  /// when its handlers ask for it.
  final class SocketListener: Sendable {
    /// With the port that was taken.
    let address: ListeningAddress
    private let channel: any Channel
    private let group: MultiThreadedEventLoopGroup
    private let connections: Connections
    /// Identity of the unix socket, so that no other one is removed in its place.
    private let file: FileIdentity?

    private struct FileIdentity: Equatable {
      let device: UInt64
      let number: UInt64
    }

    /// Longest queue of connections that are not accepted yet.
    private static let backlog: Int32 = 1_024
    /// Longest path of a unix socket that SwiftNIO takes on every system; Linux alone has room for 107 bytes.
    private static let longestPath = 103

    private init(
      address: ListeningAddress, channel: any Channel, group: MultiThreadedEventLoopGroup, connections: Connections,
      file: FileIdentity?
    ) {
      self.address = address
      self.channel = channel
      self.group = group
      self.connections = connections
      self.file = file
    }

    /// Listens; `furnish` adds the handlers of each connection, on its event loop. Throws ``GatewayError``.
    /// `queue`: bytes that may wait in the socket's own write queue before the channel turns unwritable.
    static func open(
      on address: ListeningAddress, allowance: SocketAllowance, queue: Int,
      furnish: @escaping @Sendable (any Channel) throws -> Void
    ) throws -> SocketListener {
      if case .unix(let path) = address { try clear(path) }
      let connections = Connections()
      let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
      let bootstrap = ServerBootstrap(group: group)
        .serverChannelOption(.backlog, value: backlog)
        .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
        // One at a time: the allowance is kept to the socket.
        .serverChannelOption(.maxMessagesPerRead, value: 1)
        .serverChannelInitializer { channel in
          channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(AcceptLimit(allowance))
          }
        }
        .childChannelOption(.autoRead, value: false)
        .childChannelOption(.writeBufferWaterMark, value: .init(low: queue / 2, high: queue))
        .childChannelInitializer { channel in
          channel.eventLoop.makeCompletedFuture {
            allowance.took()
            connections.add(channel)
            channel.closeFuture.whenComplete { _ in
              connections.remove(channel)
              allowance.gaveBack()
            }
            try furnish(channel)
          }
        }
      do {
        switch address {
        case .tcp(let host, let port):
          let channel = try bootstrap.childChannelOption(.socketOption(.tcp_nodelay), value: 1)
            .bind(host: host, port: port).wait()
          let taken = ListeningAddress.tcp(host: host, port: channel.localAddress?.port ?? port)
          return SocketListener(address: taken, channel: channel, group: group, connections: connections, file: nil)
        case .unix(let path):
          let channel = try bootstrap.bind(unixDomainSocketPath: path).wait()
          // Whoever may open it may do everything behind it.
          _ = chmod(path, 0o600)
          return SocketListener(
            address: address, channel: channel, group: group, connections: connections, file: identity(of: path))
        }
      } catch {
        try? group.syncShutdownGracefully()
        throw GatewayError(address: address, reason: reason(of: error))
      }
    }

    private static func reason(of error: any Error) -> String {
      if let error = error as? IOError { return String(cString: strerror(error.errnoCode)) }
      if error is SocketAddressError { return "no such host" }
      return "\(error)"
    }

    /// Removes a socket that nobody answers on.
    private static func clear(_ path: String) throws {
      let address = ListeningAddress.unix(path: path)
      guard !path.isEmpty, path.utf8.count <= longestPath else {
        throw GatewayError(address: address, reason: "the path must have 1 to \(longestPath) bytes")
      }
      var status = stat()
      guard lstat(path, &status) == 0 else { return }
      guard status.st_mode & S_IFMT == S_IFSOCK else {
        throw GatewayError(address: address, reason: "there is a file that is no socket")
      }
      guard !isAnswered(path) else { throw GatewayError(address: address, reason: "another process listens there") }
      unlink(path)
    }

    private static func isAnswered(_ path: String) -> Bool {
      let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
      guard descriptor >= 0 else { return false }
      defer { Glibc.close(descriptor) }
      var address = sockaddr_un()
      address.sun_family = sa_family_t(AF_UNIX)
      withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
      return withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
        }
      }
    }

    private static func identity(of path: String) -> FileIdentity? {
      var status = stat()
      guard lstat(path, &status) == 0 else { return nil }
      return FileIdentity(device: UInt64(status.st_dev), number: UInt64(status.st_ino))
    }

    /// Connections that are open now.
    var count: Int { connections.count }

    /// Stops listening and ends every connection. `settle` runs when all have ended and before the event loop does:
    /// after it nobody may touch a channel any more.
    func close(settle: () -> Void) {
      guard connections.close() else { return }
      try? channel.close().wait()
      // Those that were just accepted are furnished.
      try? group.next().submit {}.wait()
      for connection in connections.all { connection.close(promise: nil) }
      connections.waitUntilEmpty()
      settle()
      try? group.syncShutdownGracefully()
      if case .unix(let path) = address, let file, Self.identity(of: path) == file { unlink(path) }
    }

    /// The connections of a listener.
    private final class Connections: Sendable {
      private struct State {
        var channels: [ObjectIdentifier: any Channel] = [:]
        var isClosed = false
      }

      private let state = Mutex(State())
      private let emptied = DispatchSemaphore(value: 0)

      var all: [any Channel] { state.withLock { Array($0.channels.values) } }
      var count: Int { state.withLock { $0.channels.count } }

      func add(_ channel: any Channel) {
        let isLate = state.withLock { state in
          state.channels[ObjectIdentifier(channel)] = channel
          return state.isClosed
        }
        if isLate { channel.close(promise: nil) }
      }

      func remove(_ channel: any Channel) {
        let isLast = state.withLock { state in
          state.channels[ObjectIdentifier(channel)] = nil
          return state.isClosed && state.channels.isEmpty
        }
        if isLast { emptied.signal() }
      }

      /// False if it was closed before.
      func close() -> Bool {
        state.withLock { state in
          defer { state.isClosed = true }
          return !state.isClosed
        }
      }

      func waitUntilEmpty() {
        while count > 0 { emptied.wait() }
      }
    }
  }

  /// Accepts while the allowance has room.
  private final class AcceptLimit: ChannelDuplexHandler {
    typealias InboundIn = any Channel
    typealias OutboundIn = Never

    private let allowance: SocketAllowance

    init(_ allowance: SocketAllowance) { self.allowance = allowance }

    func read(context: ChannelHandlerContext) {
      let channel = context.channel
      let hasRoom = allowance.hasRoom(for: ObjectIdentifier(self)) { channel.eventLoop.execute { channel.read() } }
      if hasRoom { context.read() }
    }

    func channelInactive(context: ChannelHandlerContext) { allowance.forget(ObjectIdentifier(self)) }

    // What one client does wrong is not the listener's business.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {}
  }
#endif
