import SocketBridges
import StreamSpaceProtocol

/// A request without a socket: what the service answers is kept.
final class MemoryExchange: SocketExchange {
  let request: ReceivedRequest
  var onAbandoned: (() -> Void)?
  private(set) var status: Int?
  private(set) var headers = HTTPHeaders()
  private(set) var body: [UInt8] = []
  /// The sink of an answer that goes on.
  private(set) var sink: MemoryStream?
  private(set) var isDropped = false
  /// How many answers came: more than one is a defect of the service.
  private(set) var answers = 0

  init(_ request: ReceivedRequest) { self.request = request }

  var isPending: Bool { answers == 0 && !isAbandoned }
  private var isAbandoned = false

  func abandon() {
    guard isPending else { return }
    isAbandoned = true
    onAbandoned?()
  }

  func respond(_ status: Int, _ headers: HTTPHeaders, _ body: [UInt8]) {
    answers += 1
    self.status = status
    self.headers = headers
    self.body = body
  }

  func stream(_ status: Int, _ headers: HTTPHeaders) -> any ByteSink { open(status, headers) }
  func upgrade(_ headers: HTTPHeaders) -> any ByteStream { open(101, headers) }

  private func open(_ status: Int, _ headers: HTTPHeaders) -> MemoryStream {
    answers += 1
    self.status = status
    self.headers = headers
    let stream = MemoryStream()
    sink = stream
    return stream
  }

  func upgradeToWebSocket(
    subprotocol: String?, headers: HTTPHeaders, maximumMessage: Int
  ) -> (any WebSocketStream)? { nil }

  func drop() {
    answers += 1
    isDropped = true
  }

  /// What came, whole or so far.
  var text: String { String(decoding: sink?.sent ?? body, as: UTF8.self) }
  var json: JSONValue { (try? JSONParser.parse(sink?.sent ?? body)) ?? .null }
  var lines: [JSONValue] {
    (sink?.sent ?? body).split(separator: 0x0a).map { (try? JSONParser.parse(Array($0))) ?? .null }
  }
  var message: String? { json["message"]?.text }
}

/// A stream to nowhere that can be told not to take anything.
final class MemoryStream: ByteStream {
  var isWritable = true { didSet { if isWritable { onWritable?() } } }
  var onWritable: (() -> Void)?
  var onClose: (() -> Void)?
  var onReceive: (([UInt8]) -> Void)?
  private(set) var sent: [UInt8] = []
  private(set) var isFinished = false
  private(set) var isAborted = false

  func send(_ bytes: [UInt8]) { if !isOver { sent += bytes } }
  func finish() { isFinished = true }
  func abort() { isAborted = true }
  func pauseReading() {}
  func resumeReading() {}

  var isOver: Bool { isFinished || isAborted }

  /// The peer goes.
  func close() {
    guard !isOver else { return }
    isAborted = true
    onClose?()
  }
}
