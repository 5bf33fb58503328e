/// What travels over the network: bytes, or a typed frame that knows its encoded length (DESIGN §3).
public protocol Payload: Sendable {
  /// Length of the encoding in bytes; it decides transmission time and back-pressure.
  var byteCount: Int { get }
}

/// Plain bytes of a stream.
public struct Bytes: Payload, Equatable {
  public var bytes: [UInt8]

  public init(_ bytes: [UInt8]) { self.bytes = bytes }

  public var byteCount: Int { bytes.count }
}

/// Where a process listens.
public struct Endpoint: Hashable, Sendable, CustomStringConvertible {
  public let host: String
  public let port: Int

  public init(host: String, port: Int) {
    self.host = host
    self.port = port
  }

  public var description: String { "\(host):\(port)" }
}

/// A typed frame: the value travels as it is, together with the exact length of its encoding.
///
/// It lets a codec library stay free of this one: both ends cast to `Frame<Value>`.
public struct Frame<Value: Sendable>: Payload {
  public let value: Value
  public let byteCount: Int

  public init(_ value: Value, byteCount: Int) {
    self.value = value
    self.byteCount = byteCount
  }
}

/// What happens to an intercepted payload.
public enum Interception: Sendable, Equatable {
  case pass
  /// It never arrives, and nobody is told.
  case drop
  /// It arrives so much later, and nothing sent after it overtakes it.
  case delay(TimeSpan)
}
