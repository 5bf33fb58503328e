import StreamSpaceProtocol

/// A script that a Redis server runs in one step, known by its digest.
package struct RedisScript: Sendable {
  package let body: String
  package let digest: String

  package init(_ body: String) {
    self.body = body
    digest = ScriptDigest.of(Array(body.utf8))
  }
}

extension RedisClient {
  /// Runs a script by its digest, and by its text if the server does not know it (yet, or any more after a restart):
  /// what `Script.Run` of go-redis does.
  package func run(
    _ script: RedisScript, keys: [String], arguments: [String],
    _ completion: @escaping (Result<RESPValue, RedisFailure>) -> Void
  ) {
    let rest = [String(keys.count)] + keys + arguments
    call(["EVALSHA", script.digest] + rest) { [weak self] result in
      if case .failure(.error(let text)) = result, text.hasPrefix("NOSCRIPT") {
        self?.call(["EVAL", script.body] + rest, completion)
      } else {
        completion(result)
      }
    }
  }
}
