import StreamSpaceProtocol

/// An error reply, texts of Redis 7 (`spec/04 §3.3`).
package struct RedisError: Error, Hashable, Sendable {
  /// The whole text, code first.
  package let text: String

  init(_ text: String) { self.text = text }

  /// The reply for a client.
  package var reply: RESPValue { .error(text) }

  static let syntax = RedisError("ERR syntax error")
  static let wrongType = RedisError("WRONGTYPE Operation against a key holding the wrong kind of value")
  static let notAnInteger = RedisError("ERR value is not an integer or out of range")
  static let wouldOverflow = RedisError("ERR increment or decrement would overflow")
  static let databaseOutOfRange = RedisError("ERR DB index is out of range")
  static let notAuthenticated = RedisError("NOAUTH Authentication required.")
  static let wrongPassword = RedisError("WRONGPASS invalid username-password pair or user is disabled.")
  static let loading = RedisError("LOADING Redis is loading the dataset in memory")
  static let readOnly = RedisError("READONLY You can't write against a read only replica.")
  static let tooManyClients = RedisError("ERR max number of clients reached")
  static let unknownScript = RedisError("NOSCRIPT No matching script. Please use EVAL.")
  static let executionAborted = RedisError("EXECABORT Transaction discarded because of previous errors.")

  static func arity(_ command: String) -> RedisError {
    RedisError("ERR wrong number of arguments for '\(command)' command")
  }

  static func invalidExpiry(_ command: String) -> RedisError {
    RedisError("ERR invalid expire time in '\(command)' command")
  }

  static func unknownSubcommand(_ subcommand: [UInt8], of container: String) -> RedisError {
    let name = String(decoding: subcommand.prefix(128), as: UTF8.self)
    return RedisError("ERR unknown subcommand '\(name)'. Try \(container.uppercased()) HELP.")
  }

  /// Quotes at most about 128 bytes of the arguments.
  static func unknownCommand(_ arguments: [[UInt8]]) -> RedisError {
    var quoted: [UInt8] = []
    for argument in arguments.dropFirst() {
      guard quoted.count < 128 else { break }
      quoted.append(UInt8(ascii: "'"))
      quoted.append(contentsOf: argument.prefix(128 - (quoted.count - 1)))
      quoted.append(contentsOf: [UInt8(ascii: "'"), UInt8(ascii: " ")])
    }
    let name = String(decoding: arguments.first?.prefix(128) ?? [], as: UTF8.self)
    return RedisError(
      "ERR unknown command '\(name)', with args beginning with: \(String(decoding: quoted, as: UTF8.self))")
  }
}
