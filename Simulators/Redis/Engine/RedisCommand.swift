import StreamSpaceProtocol

/// One command of the table: its name, how many arguments it takes, when it is legal, what it does.
final class RedisCommand: Sendable {
  /// Runs a command. Nil: the command has said what it had to say by messages.
  typealias Body = @Sendable (RedisEngine, Invocation) throws(RedisError) -> RESPValue?

  /// When a command is legal, and what it is.
  struct Flags: OptionSet, Sendable {
    let rawValue: Int
    /// Changes keys: refused by a read-only replica.
    static let write = Flags(rawValue: 1)
    /// Only reads keys.
    static let read = Flags(rawValue: 2)
    /// Legal while the data set is loading.
    static let loading = Flags(rawValue: 4)
    /// Legal before authentication.
    static let withoutAuthentication = Flags(rawValue: 8)
    /// Not legal inside a script.
    static let noScript = Flags(rawValue: 16)
    /// Not queued by a transaction but run at once.
    static let notQueued = Flags(rawValue: 32)
    /// Legal in the subscriber mode of RESP2.
    static let subscriber = Flags(rawValue: 64)
    /// Not legal inside a transaction.
    static let noTransaction = Flags(rawValue: 128)
  }

  /// Lower-case name; `client|id` for a subcommand.
  let name: String
  /// Number of arguments, name included (both names for a subcommand); negative: at least so many.
  let arity: Int
  let flags: Flags
  /// First key, last key (negative: from the end), step; zeros without keys. As `COMMAND` shows it.
  let keys: (first: Int, last: Int, step: Int)
  let subcommands: [RedisCommand]
  let body: Body

  init(
    _ name: String, _ arity: Int, _ flags: Flags, keys: (Int, Int, Int) = (0, 0, 0),
    _ body: @escaping Body
  ) {
    self.name = name
    self.arity = arity
    self.flags = flags
    self.keys = (keys.0, keys.1, keys.2)
    self.body = body
    subcommands = []
  }

  /// A container: a command that only has subcommands.
  init(_ name: String, container subcommands: [RedisCommand]) {
    self.name = name
    arity = -2
    flags = []
    keys = (0, 0, 0)
    self.subcommands = subcommands
    body = { (_, _) throws(RedisError) in throw RedisError.arity(name) }
  }

  func accepts(argumentCount: Int) -> Bool {
    arity >= 0 ? argumentCount == arity : argumentCount >= -arity
  }
}

/// A command with its arguments, on its way.
struct Invocation {
  /// The name (and the subcommand's name), then the arguments.
  let arguments: [[UInt8]]
  let connection: RedisConnection
  /// The command's name in lower case, for messages.
  let command: RedisCommand

  var count: Int { arguments.count }
  subscript(index: Int) -> [UInt8] { arguments[index] }

  /// The argument as a key, field, member or channel.
  func key(_ index: Int) -> ByteString { ByteString(arguments[index]) }

  /// The argument as a number.
  func integer(_ index: Int) throws(RedisError) -> Int64 {
    guard let number = RESPNumber.integer(arguments[index]) else { throw .notAnInteger }
    return number
  }

  /// The argument as an option word in upper case.
  func word(_ index: Int) -> String {
    String(decoding: arguments[index], as: UTF8.self).uppercased()
  }
}
