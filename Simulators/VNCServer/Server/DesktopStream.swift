import SimulationRuntime

/// A desktop's end of one client's byte stream: writes with back-pressure, reads in pieces when told so.
final class DesktopStream {
  private let socket: Socket
  private let incarnation: Incarnation
  /// Pieces that the socket did not take yet.
  private var queue: [[UInt8]] = []
  private var firstQueued = 0
  /// Bytes given to ``write(_:)`` that the socket did not take yet.
  private(set) var unsent = 0
  /// What a read of at most ``readLimit`` bytes left of a payload.
  private var rest: ArraySlice<UInt8> = []
  private var isStepping = false
  private var isPaused = false

  /// Most bytes that one read takes; nil: what came.
  var readLimit: Int?
  /// From one of these short reads to the next.
  var readPause = DesktopStream.standardReadPause
  var onBytes: (([UInt8]) -> Void)?
  /// Told of each piece the socket took.
  var onWrote: (([UInt8]) -> Void)?
  /// The socket takes bytes again, and nothing waits.
  var onRoom: (() -> Void)?
  /// The client's doing ended the stream.
  var onEnd: ((String) -> Void)?

  /// Bytes of a piece: what the frames of a tunnel carry (spec/00, Streaming), so that no hop has to cut again.
  static let piece = 32_768

  static let standardReadPause = TimeSpan.microseconds(100)

  private static let read = EventLabel("vnc.read")

  init(_ socket: Socket, of incarnation: Incarnation) {
    self.socket = socket
    self.incarnation = incarnation
    socket.onReceive = { [self] payload in
      if let payload = payload as? Bytes { received(payload.bytes) }
    }
    socket.onWritable = { [self] in flush() }
    socket.onClose = { [self] end in
      switch end {
      case .closed: ended("client closed")
      case .reset: ended("connection reset")
      }
    }
  }

  var connection: Int { socket.connection }
  var remoteHost: String { socket.remoteHost }
  var isOpen: Bool { socket.isOpen }
  /// Whether the socket takes bytes.
  var isWritable: Bool { socket.isWritable }
  /// Whether more may be written now without piling up.
  var hasRoom: Bool { unsent == 0 && socket.isWritable }

  // MARK: Writing

  /// Sends bytes, or keeps them until the socket takes them. Buffers of at most ``piece`` bytes travel uncopied.
  func write(_ bytes: [UInt8]) {
    guard !bytes.isEmpty, isOpen else { return }
    unsent += bytes.count
    if bytes.count <= Self.piece {
      queue.append(bytes)
    } else {
      for start in stride(from: 0, to: bytes.count, by: Self.piece) {
        queue.append(Array(bytes[start..<min(bytes.count, start + Self.piece)]))
      }
    }
    send()
  }

  private func flush() {
    send()
    if hasRoom { onRoom?() }
  }

  private func send() {
    while firstQueued < queue.count, socket.isWritable {
      let bytes = queue[firstQueued]
      queue[firstQueued] = []
      firstQueued += 1
      unsent -= bytes.count
      onWrote?(bytes)
      socket.send(Bytes(bytes))
    }
    if firstQueued == queue.count {
      queue.removeAll(keepingCapacity: true)
      firstQueued = 0
    }
  }

  /// Closes in order; what the socket did not take is lost, as with a server that ends.
  func close() {
    letGo()
    socket.close()
  }

  private func ended(_ reason: String) {
    let tell = onEnd
    letGo()
    tell?(reason)
  }

  private func letGo() {
    queue.removeAll()
    firstQueued = 0
    rest = []
    onBytes = nil
    onWrote = nil
    onRoom = nil
    onEnd = nil
  }

  // MARK: Reading

  /// Leaves what comes unread: the client's window fills.
  func pauseReading() {
    isPaused = true
    socket.pauseReading()
  }

  func resumeReading() {
    guard isPaused else { return }
    isPaused = false
    if rest.isEmpty { socket.resumeReading() } else { step() }
  }

  private func received(_ bytes: [UInt8]) {
    guard let limit = readLimit, bytes.count > limit else {
      onBytes?(bytes)
      return
    }
    socket.pauseReading()
    rest = bytes[...]
    step()
  }

  /// Reads the next piece of what the socket holds.
  private func step() {
    guard !isPaused, !isStepping, isOpen else { return }
    let piece = rest.prefix(max(1, readLimit ?? rest.count))
    rest = rest.dropFirst(piece.count)
    isStepping = true
    incarnation.after(readPause, Self.read) { [weak self] in
      guard let self else { return }
      isStepping = false
      guard !isPaused, isOpen else { return }
      if rest.isEmpty { socket.resumeReading() } else { step() }
    }
    onBytes?(Array(piece))
  }
}
