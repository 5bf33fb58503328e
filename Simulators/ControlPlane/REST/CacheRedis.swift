import SimulationRuntime
import StreamSpaceProtocol

/// Redis database 0 of a replica with the cache on: cached answers and login sessions (spec/02 §1.6, §2.4).
///
/// After a failure it is left alone for a second, so that requests go on without it (C19) and none waits for a dial.
final class CacheRedis {
  /// How long it is left alone.
  static let rest = TimeSpan.seconds(1)

  private unowned let incarnation: Incarnation
  private let client: RedisClient
  private var restsUntil = Instant.start

  init(_ incarnation: Incarnation, endpoint: Endpoint) {
    self.incarnation = incarnation
    client = RedisClient(incarnation, endpoint: endpoint, database: 0)
  }

  /// Sends commands in one write. Gives nil when Redis did not answer, or is left alone.
  func ask(_ commands: [[String]], _ done: @escaping ([RESPValue]?) -> Void) {
    guard incarnation.monotonicNow >= restsUntil else { return done(nil) }
    insist(commands, done)
  }

  /// The same for what must be tried in any case.
  func insist(_ commands: [[String]], _ done: @escaping ([RESPValue]?) -> Void) {
    client.pipeline(commands) { [self] result in
      switch result {
      case .success(let answers): done(answers)
      case .failure:
        restsUntil = incarnation.monotonicNow + Self.rest
        done(nil)
      }
    }
  }
}

/// The login sessions of all replicas: key `session:<jti>`, lifetime 24 h (spec/02 §2.4).
final class LoginSessions {
  enum Standing {
    case present
    /// Logged out, or written while Redis was away.
    case missing
    /// Redis did not answer.
    case unknown
  }

  private let redis: CacheRedis

  init(_ redis: CacheRedis) { self.redis = redis }

  private static func key(_ tokenID: String) -> String { "session:\(tokenID)" }

  func standing(of tokenID: String, _ done: @escaping (Standing) -> Void) {
    redis.ask([["EXISTS", Self.key(tokenID)]]) { answers in
      guard let answer = answers?.first, answer.errorText == nil else { return done(.unknown) }
      done(answer == .integer(0) ? .missing : .present)
    }
  }

  /// Best effort, as recorded: a login during a Redis fault gives a token that is refused once Redis is back.
  func store(_ login: LoginSession, _ done: @escaping () -> Void) {
    let value = JSONWriter.text(of: login.json)
    let command = ["SET", Self.key(login.sessionID), value, "EX", String(LoginSession.lifetimeSeconds)]
    redis.ask([command]) { _ in done() }
  }

  /// Forgets all logins of all replicas, as a shipped replica does when it starts.
  func wipe() {
    redis.insist([["KEYS", Self.key("*")]]) { [redis] answers in
      let keys = (answers?.first?.elements ?? []).compactMap(\.text)
      if !keys.isEmpty { redis.insist([["DEL"] + keys]) { _ in } }
    }
  }

  /// Revokes a token.
  func remove(_ tokenID: String, _ done: @escaping () -> Void) {
    redis.insist([["DEL", Self.key(tokenID)]]) { _ in done() }
  }
}
