/// All commands, looked up by name in any case.
struct CommandTable: Sendable {
  /// A command's name in lower case, packed: comparing and hashing costs two words.
  private struct PackedName: Hashable {
    var high: UInt64 = 0
    var low: UInt64 = 0

    /// Nil for a name that no command can have: empty or over 16 bytes.
    init?(_ bytes: some Collection<UInt8>) {
      guard (1...16).contains(bytes.count) else { return nil }
      for byte in bytes {
        high = high << 8 | low >> 56
        let isUpper = byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z")
        low = low << 8 | UInt64(isUpper ? byte | 32 : byte)
      }
    }
  }

  private let commands: [PackedName: RedisCommand]
  private let subcommands: [PackedName: [PackedName: RedisCommand]]
  /// All commands in the order of their names.
  let sorted: [RedisCommand]

  init(_ families: [[RedisCommand]]) {
    var commands: [PackedName: RedisCommand] = [:]
    var subcommands: [PackedName: [PackedName: RedisCommand]] = [:]
    for command in families.joined() {
      guard let name = PackedName(command.name.utf8) else { continue }
      commands[name] = command
      for subcommand in command.subcommands {
        let own = subcommand.name.utf8.drop { $0 != UInt8(ascii: "|") }.dropFirst()
        guard let ownName = PackedName(own) else { continue }
        subcommands[name, default: [:]][ownName] = subcommand
      }
    }
    self.commands = commands
    self.subcommands = subcommands
    sorted = families.joined().sorted { $0.name < $1.name }
  }

  /// The command that arguments name, or the error for a client.
  func command(for arguments: [[UInt8]]) throws(RedisError) -> RedisCommand {
    guard let first = arguments.first, let name = PackedName(first), let command = commands[name] else {
      throw .unknownCommand(arguments)
    }
    guard !command.subcommands.isEmpty, arguments.count > 1 else { return command }
    guard let own = PackedName(arguments[1]), let subcommand = subcommands[name]?[own] else {
      throw .unknownSubcommand(arguments[1], of: command.name)
    }
    return subcommand
  }

  /// The command with a name, for `COMMAND INFO`.
  func command(named name: [UInt8]) -> RedisCommand? {
    PackedName(name).flatMap { commands[$0] }
  }
}
