import StreamSpaceProtocol

/// One run of a script: atomic, at one instant.
struct ScriptRun {
  let engine: RedisEngine
  let connection: RedisConnection
  let digest: String
  let keys: [[UInt8]]
  let arguments: [[UInt8]]
  private var locals: [(name: String, value: ScriptValue)] = []

  init(
    engine: RedisEngine, connection: RedisConnection, digest: String, keys: [[UInt8]], arguments: [[UInt8]]
  ) {
    self.engine = engine
    self.connection = connection
    self.digest = digest
    self.keys = keys
    self.arguments = arguments
  }

  /// Runs a program; its result is nothing if it does not return.
  mutating func run(_ program: ScriptProgram) throws(RedisError) -> ScriptValue {
    try run(program.statements) ?? .nothing
  }

  /// The value returned, nil when the block came to its end.
  private mutating func run(_ block: [ScriptProgram.Statement]) throws(RedisError) -> ScriptValue? {
    let outer = locals.count
    defer { locals.removeLast(locals.count - outer) }
    for statement in block {
      switch statement {
      case .local(let name, let expression): locals.append((name, try value(expression)))
      case .call(let expression): _ = try value(expression)
      case .result(let expression): return try value(expression)
      case .condition(let branches, let otherwise):
        var chosen = otherwise
        for branch in branches where try value(branch.test).isTrue {
          chosen = branch.body
          break
        }
        if let result = try run(chosen) { return result }
      }
    }
    return nil
  }

  private func value(_ expression: ScriptProgram.Expression) throws(RedisError) -> ScriptValue {
    switch expression {
    case .value(let value): return value
    case .variable(let name): return locals.last { $0.name == name }?.value ?? .nothing
    case .key(let index): return Self.element(keys, index)
    case .argument(let index): return Self.element(arguments, index)
    case .equal(let left, let right): return .boolean(try value(left).isEqual(to: try value(right)))
    case .negation(let inner): return .boolean(try !value(inner).isTrue)
    case .both(let left, let right):
      let first = try value(left)
      return first.isTrue ? try value(right) : first
    case .either(let left, let right):
      let first = try value(left)
      return first.isTrue ? first : try value(right)
    case .call(let expressions, let line):
      var words: [[UInt8]] = []
      for expression in expressions {
        guard let word = try value(expression).argument else {
          throw failure("ERR Lua redis lib command arguments must be strings or integers", line)
        }
        words.append(word)
      }
      return try call(words, line: line)
    }
  }

  private static func element(_ list: [[UInt8]], _ index: Int64) -> ScriptValue {
    guard index >= 1, index <= Int64(list.count) else { return .nothing }
    return .string(list[Int(index) - 1])
  }

  private func call(_ words: [[UInt8]], line: Int) throws(RedisError) -> ScriptValue {
    let command: RedisCommand
    do {
      command = try RedisEngine.commands.command(for: words)
    } catch {
      throw failure("ERR Unknown Redis command called from script", line)
    }
    guard command.accepts(argumentCount: words.count) else {
      throw failure("ERR Wrong number of args calling Redis command from script", line)
    }
    guard !command.flags.contains(.noScript) else {
      throw failure("ERR This Redis command is not allowed from script", line)
    }
    if engine.isReadOnly, command.flags.contains(.write) { throw failure(RedisError.readOnly.text, line) }
    let reply = engine.run(command, words, on: connection) ?? .null
    if case .error(let text) = reply { throw failure(text, line) }
    return ScriptValue(reply)
  }

  private func failure(_ text: String, _ line: Int) -> RedisError {
    RedisError("\(text) script: \(digest), on @user_script:\(line).")
  }
}
