#if Live
  import NIOCore
  import NIOPosix
  import StreamSpaceProtocol

  /// One connection to a real Redis: commands in order, each with its reply. For looks at keys, not for subscriptions.
  package final class RESPClient: Sendable {
    private let channel: any Channel

    private init(_ channel: any Channel) { self.channel = channel }

    /// Dials, and authenticates and chooses a database where that is asked for. Throws ``ConnectionTrouble``; a refusal of
    /// the server is `.malformed` with its words.
    package static func connect(
      to server: ServerAddress, password: String? = nil, database: Int = 0, timeout: Duration = .seconds(5),
      on group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    ) async throws -> RESPClient {
      let bootstrap = ClientBootstrap(group: group)
        .connectTimeout(TimeAmount(timeout))
        .channelInitializer { channel in
          channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(ReplyReader()) }
        }
      let channel: any Channel
      do {
        channel = try await server.connect(bootstrap).get()
      } catch {
        throw ConnectionTrouble(dialling: error)
      }
      let client = RESPClient(channel)
      if let password { try await client.demand(["AUTH", password], within: timeout) }
      if database != 0 { try await client.demand(["SELECT", String(database)], within: timeout) }
      return client
    }

    /// Sends a command; an error of the server is a value like any other. Throws ``ConnectionTrouble``; after one the
    /// connection is closed.
    package func command(_ arguments: [String], within timeout: Duration = .seconds(5)) async throws -> RESPValue {
      let promise = channel.eventLoop.makePromise(of: RESPValue.self)
      let timer = channel.eventLoop.scheduleTask(in: TimeAmount(timeout)) { [channel] in
        promise.fail(ConnectionTrouble.timedOut)
        // A reply that came later would be taken for that of the next command.
        channel.close(promise: nil)
      }
      channel.writeAndFlush(ReplyReader.Request(bytes: RESPCommandPayload(arguments).encoded, promise: promise))
        .whenFailure { _ in promise.fail(ConnectionTrouble.reset) }
      defer { timer.cancel() }
      return try await promise.futureResult.get()
    }

    private func demand(_ command: [String], within timeout: Duration) async throws {
      if let error = try await self.command(command, within: timeout).errorText {
        close()
        throw ConnectionTrouble.malformed(error)
      }
    }

    package func close() { channel.close(promise: nil) }
  }

  /// Gives each reply to the oldest request without one.
  private final class ReplyReader: ChannelDuplexHandler {
    struct Request: Sendable {
      let bytes: [UInt8]
      let promise: EventLoopPromise<RESPValue>
    }

    typealias InboundIn = ByteBuffer
    typealias OutboundIn = Request
    typealias OutboundOut = ByteBuffer

    private var decoder = RESPReplyDecoder()
    private var waiting: [EventLoopPromise<RESPValue>] = []

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
      let request = unwrapOutboundIn(data)
      waiting.append(request.promise)
      context.write(wrapOutboundOut(ByteBuffer(bytes: request.bytes)), promise: promise)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      decoder.append(unwrapInboundIn(data).readableBytesView)
      do throws(RESPProtocolError) {
        while let value = try decoder.next() {
          guard !waiting.isEmpty else { return context.close(promise: nil) }
          waiting.removeFirst().succeed(value)
        }
      } catch {
        fail(.malformed("what came is not RESP: \(error)"))
        context.close(promise: nil)
      }
    }

    func channelInactive(context: ChannelHandlerContext) { fail(.reset) }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
      fail(.reset)
      context.close(promise: nil)
    }

    private func fail(_ trouble: ConnectionTrouble) {
      for promise in waiting { promise.fail(trouble) }
      waiting = []
    }
  }
#endif
