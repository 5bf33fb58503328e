import StreamSpaceProtocol

/// Answers HTTP requests that came over a real socket. Lives inside the simulation: called, and answering, on the
/// simulation's thread only.
package protocol HTTPService: AnyObject {
  /// A request whose head and body have arrived. It must be answered once, now or later.
  func receive(_ exchange: any SocketExchange)
}

/// A request as it came over a socket, nothing interpreted.
package struct ReceivedRequest: Sendable, Hashable {
  /// As sent, for example `GET`.
  package var method: String
  /// Path and query as sent; starts with `/` for every ordinary request.
  package var target: String
  package var headers: HTTPHeaders
  /// Without transfer coding.
  package var body: [UInt8]
  /// The client's address, `127.0.0.1:40312`, or the path of a unix socket.
  package var peer: String

  package init(
    method: String, target: String, headers: HTTPHeaders = HTTPHeaders(), body: [UInt8] = [], peer: String = ""
  ) {
    self.method = method
    self.target = target
    self.headers = headers
    self.body = body
    self.peer = peer
  }
}

extension ReceivedRequest {
  /// Whether this is a complete opening handshake of a WebSocket (RFC 6455 §4.2.1).
  package var asksForWebSocket: Bool {
    let keys = headers.values("Sec-WebSocket-Key")
    return method == "GET" && tokens(of: HTTPHeaderName.upgrade).contains("websocket")
      && tokens(of: "Connection").contains("upgrade") && headers.values("Sec-WebSocket-Version") == ["13"]
      && keys.count == 1 && keys.first.flatMap { Base64.decode($0) }?.count == 16
  }

  /// The subprotocols that the client offers, in its order.
  package var subprotocols: [String] { list(HTTPHeaderName.webSocketProtocol) }

  /// The members of a list header, in small letters.
  package func tokens(of name: String) -> [String] { list(name).map { $0.lowercased() } }

  private func list(_ name: String) -> [String] {
    headers.values(name).flatMap { $0.split(separator: ",") }.map { String($0.filter { $0 != " " && $0 != "\t" }) }
  }
}

/// One request and the way to answer it. Answer with exactly one of ``respond(_:_:_:)``, ``stream(_:_:)``,
/// ``upgrade(_:)``, ``upgradeToWebSocket(subprotocol:headers:maximumMessage:)`` and ``drop()``; what comes second does
/// nothing. Touched on the simulation's thread only.
package protocol SocketExchange: AnyObject {
  var request: ReceivedRequest { get }
  /// Whether the client is there and has no answer yet.
  var isPending: Bool { get }
  /// Called once if the client goes away before the answer.
  var onAbandoned: (() -> Void)? { get set }

  /// A whole answer; the length is set from `body`. With the method HEAD, and with 204 and 304, the body is not sent.
  func respond(_ status: Int, _ headers: HTTPHeaders, _ body: [UInt8])
  /// An answer of unknown length, sent in chunks as they are made (watches, events).
  func stream(_ status: Int, _ headers: HTTPHeaders) -> any ByteSink
  /// 101 with these headers, and then plain bytes both ways (SPDY, Docker's attach).
  func upgrade(_ headers: HTTPHeaders) -> any ByteStream
  /// The handshake of a WebSocket, and then messages. Nil if the request does not ask for one; then answer otherwise.
  func upgradeToWebSocket(
    subprotocol: String?, headers: HTTPHeaders, maximumMessage: Int
  ) -> (any WebSocketStream)?
  /// Closes the connection without an answer, with RST.
  func drop()
}

/// Where bytes can be sent. Back-pressure: stop while ``isWritable`` is false.
package protocol ByteSink: AnyObject {
  /// Whether the peer has room, as far as is known; false when closed.
  var isWritable: Bool { get }
  var onWritable: (() -> Void)? { get set }
  /// Called once when the peer has gone; not after ``finish()`` or ``abort()``.
  var onClose: (() -> Void)? { get set }
  func send(_ bytes: [UInt8])
  /// Ends in order, after what was sent.
  func finish()
  /// Breaks the connection, with RST.
  func abort()
}

/// Bytes both ways.
package protocol ByteStream: ByteSink {
  /// Set it before returning from the callback that made the stream.
  var onReceive: (([UInt8]) -> Void)? { get set }
  /// Called once when the peer sends nothing more but may still read (`docker exec -i` at the end of its input). Without
  /// it such a peer counts as gone.
  var onEndOfInput: (() -> Void)? { get set }
  func pauseReading()
  func resumeReading()
}

extension ByteStream {
  package var onEndOfInput: (() -> Void)? {
    get { nil }
    set {}
  }
}

/// A WebSocket: whole messages (fragments joined); pings and pongs show, so that an inner peer can answer them.
package protocol WebSocketStream: AnyObject {
  var isWritable: Bool { get }
  var onWritable: (() -> Void)? { get set }
  /// Set it before returning from the callback that made the stream. `.close` comes last, once, if the peer closed in
  /// order.
  var onFrame: ((WebSocketFrame) -> Void)? { get set }
  /// Called once when the connection has gone without a close frame.
  var onReset: (() -> Void)? { get set }
  /// A `.close` frame ends the stream after what was sent.
  func send(_ frame: WebSocketFrame)
  func pauseReading()
  func resumeReading()
  /// Breaks the connection, with RST.
  func abort()
}
