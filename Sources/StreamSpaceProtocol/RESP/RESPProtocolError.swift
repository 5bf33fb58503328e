/// Why a byte stream is not RESP. A server answers with ``reply`` and closes; a client closes.
package enum RESPProtocolError: Error, Hashable, Sendable {
  /// A `*` line whose number is no number or above the limit.
  case invalidMultibulkLength
  /// An element of a request that is no bulk; the byte found instead of `$`.
  case expectedBulk(UInt8)
  /// A `$` line whose number is no number, negative or above the limit.
  case invalidBulkLength
  /// An inline command longer than the limit without a line end.
  case inlineTooLong
  /// A `*` line longer than the limit without a line end.
  case multibulkHeaderTooLong
  /// A `$` line longer than the limit without a line end.
  case bulkHeaderTooLong
  /// An inline command whose quotes do not close.
  case unbalancedQuotes
  /// More arguments than an unauthenticated client may send.
  case unauthenticatedMultibulkLength
  /// A longer argument than an unauthenticated client may send.
  case unauthenticatedBulkLength
  /// A reply with a type byte that RESP does not have.
  case unknownType(UInt8)
  /// A reply whose number, length or boolean cannot be read.
  case malformedReply
  /// A reply nested deeper than the limit.
  case nestedTooDeeply

  /// The error reply of a server, texts of Redis 7 (`spec/04 §3.1`).
  package var reply: RESPValue { .error("ERR Protocol error: \(message)") }

  /// What is wrong, in the words of Redis where it has words for it.
  package var message: String {
    switch self {
    case .invalidMultibulkLength: "invalid multibulk length"
    case .expectedBulk(let byte): "expected '$', got '\(String(decoding: [byte], as: UTF8.self))'"
    case .invalidBulkLength: "invalid bulk length"
    case .inlineTooLong: "too big inline request"
    case .multibulkHeaderTooLong: "too big mbulk count string"
    case .bulkHeaderTooLong: "too big bulk count string"
    case .unbalancedQuotes: "unbalanced quotes in request"
    case .unauthenticatedMultibulkLength: "unauthenticated multibulk length"
    case .unauthenticatedBulkLength: "unauthenticated bulk length"
    case .unknownType(let byte): "unknown reply type 0x\(String(byte, radix: 16))"
    case .malformedReply: "malformed reply"
    case .nestedTooDeeply: "reply nested too deeply"
    }
  }
}

/// The bounds a decoder keeps.
package struct RESPLimits: Sendable {
  /// Most arguments of a request: 2^31-1.
  package var arguments: Int64 = 2_147_483_647
  /// Longest argument or bulk in bytes: 512 MiB.
  package var bulkLength: Int64 = 536_870_912
  /// Longest inline command or header line in bytes: 64 KiB.
  package var lineLength = 65_536
  /// Most arguments of a client that has not authenticated.
  package var unauthenticatedArguments: Int64 = 10
  /// Longest argument of a client that has not authenticated, in bytes.
  package var unauthenticatedBulkLength: Int64 = 16_384
  /// Deepest nesting of a reply.
  package var depth = 32

  package init() {}
}
