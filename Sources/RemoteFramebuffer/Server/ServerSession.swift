/// The server's side of one connection: takes the client's bytes in any split, tells what they mean, and collects the
/// bytes to send, its own (handshake, refusals, answers to fences) and those of ``writer``, in one order.
///
/// Done here without a word to the owner: security, refusals, ServerInit, validity of pixel formats, the first fence and
/// the first EndOfContinuousUpdates, answers to fences, EndOfContinuousUpdates after a switch-off, capabilities of the
/// clipboard, dropping input of view-only clients. Left to the owner: what to send when (spec/04 §1.5), colours and
/// cursors after a new pixel format, answers to SetDesktopSize.
package final class ServerSession {
  package enum Event: Hashable, Sendable {
    /// ServerInit is in the output. When not shared, the owner disconnects all others.
    case ready(isShared: Bool)
    case message(ClientMessage)
    /// Always the last: send what ``takeOutput()`` holds, then close. A wrong password should be answered 100 ms later.
    case failed(RFBError)
  }

  enum Phase { case version, security, response, clientInit, normal, closed }

  /// Size and name may be changed until the client is ready.
  package var configuration: ServerConfiguration
  /// Composes everything but the handshake, in the client's pixel format.
  package let writer: UpdateWriter
  /// Known after the version exchange.
  package internal(set) var version: ProtocolVersion?
  package internal(set) var isReady = false
  /// The client gave the password without input: its keys, pointer and cut text are dropped.
  package internal(set) var isViewOnly = false
  /// The client's list, as last set.
  package internal(set) var encodings: [Encoding] = []
  /// Why the connection has to be closed.
  package private(set) var failure: RFBError?

  var phase = Phase.version
  var input = InputBuffer()
  var sentFirstFence = false
  var sentFirstEndOfContinuousUpdates = false
  /// A fence that is answered after the next message.
  var pendingFence: Fence?

  /// The output holds the server's version at once.
  package init(_ configuration: ServerConfiguration) {
    self.configuration = configuration
    writer = UpdateWriter(format: configuration.format)
    writer.sink.append(configuration.highestVersion.line)
  }

  /// The bytes with which TigerVNC refuses a peer before the version exchange: `RFB 003.003`, then the reason.
  package static func refusal(reason: String) -> [UInt8] {
    let sink = ByteSink()
    sink.append(ProtocolVersion.v33.line)
    sink.uint32(0)
    sink.text(reason)
    return sink.take()
  }

  /// The format in which the client wants its pixels.
  package var format: PixelFormat { writer.format }

  /// Whether the client listed an encoding or pseudo-encoding; Raw always counts as listed.
  package func lists(_ encoding: Encoding) -> Bool { encoding == .raw || encodings.contains(encoding) }

  /// The first encoding of pixels in the client's list that can be sent here; Raw when there is none.
  package var preferredEncoding: Encoding { encodings.first { Encoding.pictures.contains($0) } ?? .raw }

  /// What the bytes meant, in order and the same for every split of them. After `failed` bytes are dropped.
  package func receive(_ bytes: [UInt8]) -> [Event] {
    guard failure == nil else { return [] }
    input.append(bytes)
    var events: [Event] = []
    do throws(RFBError) {
      while try step(&events) {}
    } catch {
      failure = error
      phase = .closed
      input.removeAll()
      events.append(.failed(error))
    }
    return events
  }

  /// Bytes to send since the last call, also after a failure.
  package func takeOutput() -> [UInt8] { writer.takeOutput() }

  /// Bytes that ``takeOutput()`` would return.
  package var outputCount: Int { writer.outputCount }

  /// Takes one unit of the stream; false when more bytes are needed.
  private func step(_ events: inout [Event]) throws(RFBError) -> Bool {
    switch phase {
    case .version: return try readVersion()
    case .security: return try readSecurityType()
    case .response: return try readResponse()
    case .clientInit: return readClientInit(&events)
    case .normal: return try readMessage(&events)
    case .closed: return false
    }
  }
}
