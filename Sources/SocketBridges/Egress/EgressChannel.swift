#if Live
  import Foundation
  import NIOCore
  import NIOPosix
  import SimulationRuntime

  /// A real server's address.
  package enum ServerAddress: Sendable, Hashable, CustomStringConvertible {
    case tcp(host: String, port: Int)
    case unix(path: String)

    package var description: String {
      switch self {
      case .tcp(let host, let port): "\(host):\(port)"
      case .unix(let path): path
      }
    }

    /// Dials it.
    func connect(_ bootstrap: ClientBootstrap) -> EventLoopFuture<any Channel> {
      switch self {
      case .tcp(let host, let port): bootstrap.connect(host: host, port: port)
      case .unix(let path): bootstrap.connect(unixDomainSocketPath: path)
      }
    }
  }

  /// What happens on a channel, brought to the simulation's thread in order. Nothing is read before ``EgressChannel``
  /// asks for it: what waits inside is what bounds what is read.
  final class EgressHandler<In: Sendable>: ChannelInboundHandler {
    typealias InboundIn = In

    private let events: EgressEvents<In>
    private var batch: [In] = []

    init(_ events: EgressEvents<In>) { self.events = events }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) { batch.append(unwrapInboundIn(data)) }

    func channelReadComplete(context: ChannelHandlerContext) {
      let items = batch
      batch = []
      if items.isEmpty { context.read() } else { events.received(items) }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) { events.writable(context.channel.isWritable) }

    func channelInactive(context: ChannelHandlerContext) {
      if !batch.isEmpty { events.received(batch) }
      batch = []
      events.closed(nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
      events.closed(error)
      context.close(promise: nil)
    }
  }

  /// Where an ``EgressHandler`` tells what happens; called on the event loop.
  struct EgressEvents<In: Sendable>: Sendable {
    let received: @Sendable ([In]) -> Void
    let writable: @Sendable (Bool) -> Void
    /// Told once or more; the error is nil for an end in order.
    let closed: @Sendable ((any Error)?) -> Void
  }

  extension Channel {
    /// Breaks the connection: the peer sees RST.
    func abort() {
      guard let options = self as? any SocketOptionProvider else { return close(promise: nil) }
      options.setSoLinger(linger(l_onoff: 1, l_linger: 0)).whenComplete { _ in self.close(promise: nil) }
    }
  }
#endif
