import StreamSpaceProtocol

/// Scripts (`spec/04 §3.6`).
enum ScriptCommands {
  static let all: [RedisCommand] = [
    RedisCommand("eval", -3, [.noScript]) { (engine, call) throws(RedisError) in
      let keyCount = try keyCount(call)
      let (digest, program) = try load(call[1], engine)
      return try run(program, digest, keyCount, engine, call)
    },
    RedisCommand("evalsha", -3, [.noScript]) { (engine, call) throws(RedisError) in
      let digest = String(decoding: call[1], as: UTF8.self).lowercased()
      let keyCount = try keyCount(call)
      guard let program = engine.scripts[digest] else { throw .unknownScript }
      return try run(program, digest, keyCount, engine, call)
    },
    RedisCommand(
      "script",
      container: [
        RedisCommand("script|load", 3, [.noScript]) { (engine, call) throws(RedisError) in
          .bulk(try load(call[2], engine).digest)
        },
        RedisCommand("script|exists", -3, [.noScript]) { (engine, call) throws(RedisError) in
          .array(
            (2..<call.count).map { index in
              let digest = String(decoding: call[index], as: UTF8.self).lowercased()
              return .integer(engine.scripts[digest] == nil ? 0 : 1)
            })
        },
        RedisCommand("script|flush", -2, [.noScript]) { (engine, call) throws(RedisError) in
          guard call.count == 2 || (call.count == 3 && ["SYNC", "ASYNC"].contains(call.word(2))) else {
            throw RedisError("ERR SCRIPT FLUSH only support SYNC|ASYNC option")
          }
          engine.scripts.removeAll()
          return .ok
        },
      ]),
  ]

  /// Reads and keeps a body. One outside the subset is refused loudly: the error names the digest, and the observer is
  /// told, so that a scenario fails instead of going on with a script that did nothing.
  private static func load(
    _ body: [UInt8], _ engine: RedisEngine
  ) throws(RedisError) -> (digest: String, program: ScriptProgram) {
    do {
      return try engine.scripts.load(body)
    } catch {
      let digest = ScriptDigest.of(body)
      engine.note(.scriptRefused(digest: digest, reason: "line \(error.line): \(error.reason)"))
      throw RedisError(
        "ERR script \(digest) is outside the subset of Lua that this server runs: line \(error.line): \(error.reason)")
    }
  }

  private static func keyCount(_ call: Invocation) throws(RedisError) -> Int {
    let count = try call.integer(2)
    guard count <= Int64(call.count - 3) else {
      throw RedisError("ERR Number of keys can't be greater than number of args")
    }
    guard count >= 0 else { throw RedisError("ERR Number of keys can't be negative") }
    return Int(count)
  }

  private static func run(
    _ program: ScriptProgram, _ digest: String, _ keyCount: Int, _ engine: RedisEngine, _ call: Invocation
  ) throws(RedisError) -> RESPValue {
    let database = call.connection.database
    defer { call.connection.database = database }
    var script = ScriptRun(
      engine: engine, connection: call.connection, digest: digest,
      keys: Array(call.arguments[3..<(3 + keyCount)]), arguments: Array(call.arguments[(3 + keyCount)...]))
    return try script.run(program).reply
  }
}
