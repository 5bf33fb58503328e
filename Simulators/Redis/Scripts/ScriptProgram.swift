/// A script this server can run: commands under conditions, results in local variables.
///
/// The subset of Lua: `local x = ...`, `if ... then ... elseif ... else ... end`, `return`, `redis.call(...)`, `KEYS[n]`,
/// `ARGV[n]`, strings, integers, `nil`, `true`, `false`, `==`, `~=`, `and`, `or`, `not`. It holds the compare-and-expire
/// and compare-and-delete scripts of StreamSpace however they are worded (`spec/04 §3.6`, C2 of `spec/00`).
struct ScriptProgram: Sendable {
  indirect enum Statement: Sendable {
    case local(String, Expression)
    case call(Expression)
    case condition([(test: Expression, body: [Statement])], otherwise: [Statement])
    case result(Expression)
  }

  indirect enum Expression: Sendable {
    case value(ScriptValue)
    case variable(String)
    case key(Int64)
    case argument(Int64)
    case call([Expression], line: Int)
    case equal(Expression, Expression)
    case both(Expression, Expression)
    case either(Expression, Expression)
    case negation(Expression)
  }

  let statements: [Statement]

  init(_ body: [UInt8]) throws(ScriptRefusal) {
    var parser = ScriptParser(tokens: try ScriptTokens.of(body))
    statements = try parser.program()
  }
}

/// Reads the words of a script from left to right.
private struct ScriptParser {
  private static let keywords: Set<String> = [
    "and", "break", "do", "else", "elseif", "end", "false", "for", "function", "if", "in", "local", "nil", "not", "or",
    "repeat", "return", "then", "true", "until", "while",
  ]

  let tokens: [ScriptToken]
  private var position = 0
  private var locals: [String] = []

  init(tokens: [ScriptToken]) { self.tokens = tokens }

  private var current: ScriptToken { tokens[position] }

  mutating func program() throws(ScriptRefusal) -> [ScriptProgram.Statement] {
    let statements = try block()
    guard current.kind == .end else { throw refusal() }
    return statements
  }

  private mutating func block() throws(ScriptRefusal) -> [ScriptProgram.Statement] {
    let outer = locals
    defer { locals = outer }
    var statements: [ScriptProgram.Statement] = []
    while true {
      switch current.kind {
      case .end, .name("end"), .name("else"), .name("elseif"): return statements
      case .symbol(";"): advance()
      case .name("local"): statements.append(try local())
      case .name("if"): statements.append(try condition())
      case .name("redis"): statements.append(.call(try primary()))
      case .name("return"):
        advance()
        statements.append(.result(try result()))
        if current.kind == .symbol(";") { advance() }
        return statements
      default: throw refusal()
      }
    }
  }

  private mutating func result() throws(ScriptRefusal) -> ScriptProgram.Expression {
    switch current.kind {
    case .end, .name("end"), .name("else"), .name("elseif"), .symbol(";"): .value(.nothing)
    default: try expression()
    }
  }

  private mutating func local() throws(ScriptRefusal) -> ScriptProgram.Statement {
    advance()
    guard case .name(let name) = current.kind, !Self.keywords.contains(name) else { throw refusal() }
    advance()
    try expect(.symbol("="))
    let value = try expression()
    locals.append(name)
    return .local(name, value)
  }

  private mutating func condition() throws(ScriptRefusal) -> ScriptProgram.Statement {
    var branches: [(test: ScriptProgram.Expression, body: [ScriptProgram.Statement])] = []
    repeat {
      advance()
      let test = try expression()
      try expect(.name("then"))
      branches.append((test, try block()))
    } while current.kind == .name("elseif")
    var otherwise: [ScriptProgram.Statement] = []
    if current.kind == .name("else") {
      advance()
      otherwise = try block()
    }
    try expect(.name("end"))
    return .condition(branches, otherwise: otherwise)
  }

  private mutating func expression() throws(ScriptRefusal) -> ScriptProgram.Expression {
    var left = try conjunction()
    while current.kind == .name("or") {
      advance()
      left = .either(left, try conjunction())
    }
    return left
  }

  private mutating func conjunction() throws(ScriptRefusal) -> ScriptProgram.Expression {
    var left = try comparison()
    while current.kind == .name("and") {
      advance()
      left = .both(left, try comparison())
    }
    return left
  }

  private mutating func comparison() throws(ScriptRefusal) -> ScriptProgram.Expression {
    var left = try operand()
    while current.kind == .symbol("==") || current.kind == .symbol("~=") {
      let isEqual = current.kind == .symbol("==")
      advance()
      let equality = ScriptProgram.Expression.equal(left, try operand())
      left = isEqual ? equality : .negation(equality)
    }
    return left
  }

  private mutating func operand() throws(ScriptRefusal) -> ScriptProgram.Expression {
    guard current.kind == .name("not") else { return try primary() }
    advance()
    return .negation(try operand())
  }

  private mutating func primary() throws(ScriptRefusal) -> ScriptProgram.Expression {
    let token = current
    switch token.kind {
    case .string(let bytes):
      advance()
      return .value(.string(bytes))
    case .number(let number):
      advance()
      return .value(.number(number))
    case .symbol("("):
      advance()
      let inner = try expression()
      try expect(.symbol(")"))
      return inner
    case .name("nil"):
      advance()
      return .value(.nothing)
    case .name("true"), .name("false"):
      advance()
      return .value(.boolean(token.kind == .name("true")))
    case .name("redis"):
      return try call()
    case .name("KEYS"):
      return .key(try index())
    case .name("ARGV"):
      return .argument(try index())
    case .name(let name) where locals.contains(name):
      advance()
      return .variable(name)
    default: throw refusal()
    }
  }

  private mutating func call() throws(ScriptRefusal) -> ScriptProgram.Expression {
    let line = current.line
    advance()
    try expect(.symbol("."))
    try expect(.name("call"))
    try expect(.symbol("("))
    var arguments = [try expression()]
    while current.kind == .symbol(",") {
      advance()
      arguments.append(try expression())
    }
    try expect(.symbol(")"))
    return .call(arguments, line: line)
  }

  private mutating func index() throws(ScriptRefusal) -> Int64 {
    advance()
    try expect(.symbol("["))
    guard case .number(let number) = current.kind else { throw refusal() }
    advance()
    try expect(.symbol("]"))
    return number
  }

  private mutating func expect(_ kind: ScriptToken.Kind) throws(ScriptRefusal) {
    guard current.kind == kind else { throw refusal() }
    advance()
  }

  private mutating func advance() {
    if position + 1 < tokens.count { position += 1 }
  }

  private func refusal() -> ScriptRefusal {
    let found =
      switch current.kind {
      case .name(let name): "'\(name)'"
      case .string: "a string"
      case .number(let number): "\(number)"
      case .symbol(let symbol): "'\(symbol)'"
      case .end: "the end"
      }
    return ScriptRefusal(line: current.line, reason: "unexpected \(found)")
  }
}
