import SimulationRuntime
import StreamSpaceProtocol

/// Cached answers under `response:<sha256>` (spec/02 §1.6), only with the cache on.
///
/// Entries carry the generation in which they were computed; a write raises the generation in Redis before it is
/// answered, which makes every older entry on every replica a miss at once (C19). Deleting entries instead would race
/// with a reader that computes from old rows and stores after the deletion.
final class ResponseCache {
  /// Key of the generation. In the `response:` name space: never among the login sessions.
  static let generationKey = "response:generation"
  /// Lifetimes in seconds (spec/02 §1.6).
  static let sessionLifetime = 30
  static let templateLifetime = 300
  /// Between two tries to raise the generation while Redis is away.
  private static let pause = TimeSpan.seconds(1)
  private static let again = EventLabel("controlplane.cache.invalidate")

  private unowned let incarnation: Incarnation
  private let redis: CacheRedis
  private let policies: UserPolicies
  private var owesInvalidation = false

  init(_ incarnation: Incarnation, _ redis: CacheRedis, _ policies: UserPolicies) {
    self.incarnation = incarnation
    self.redis = redis
    self.policies = policies
  }

  /// Key of an answer to `user`: two users share none.
  static func key(_ target: String, user: String) -> String { "response:" + SHA256.hex("\(target):user:\(user)") }

  /// Answers from the cache, or with what `produce` gives, which is stored when it is a 2xx.
  func serve(
    _ exchange: HTTPExchange, user: String, lifetime: Int,
    _ produce: @escaping (@escaping (HTTPResponse) -> Void) -> Void
  ) {
    let key = Self.key(exchange.request.target, user: policies.cacheKey == .byUser ? user : "")
    redis.ask([["GET", Self.generationKey], ["GET", key]]) { [self] answers in
      guard let answers, answers.count == 2 else { return produce { exchange.answer($0) } }
      let generation = answers[0].text ?? "0"
      if let entry = answers[1].text.flatMap(Entry.init), entry.generation == generation {
        return exchange.respond(entry.answer.response)
      }
      produce { [self] response in
        exchange.answer(response)
        guard response.status.isSuccess else { return }
        let entry = Entry(generation: generation, answer: CachedAnswer(response)).text
        redis.ask([["SET", key, entry, "EX", String(lifetime)]]) { _ in }
      }
    }
  }

  /// Makes everything cached stale, then calls on. While Redis is away it goes on trying in the background.
  func invalidate(_ then: @escaping () -> Void) {
    guard policies.cacheInvalidation == .byWrite else { return then() }
    redis.insist([["INCR", Self.generationKey]]) { [self] answers in
      if answers == nil { owe() }
      then()
    }
  }

  private func owe() {
    guard !owesInvalidation else { return }
    owesInvalidation = true
    incarnation.after(Self.pause, Self.again) { [self] in
      owesInvalidation = false
      invalidate {}
    }
  }

  /// A stored answer with its generation.
  private struct Entry {
    let generation: String
    let answer: CachedAnswer

    init(generation: String, answer: CachedAnswer) {
      self.generation = generation
      self.answer = answer
    }

    init?(_ text: String) {
      guard let json = try? JSONParser.parse(Array(text.utf8)), let generation = json["generation"]?.text,
        let answer = try? CachedAnswer(json: json)
      else { return nil }
      self.init(generation: generation, answer: answer)
    }

    var text: String {
      var object = answer.json.members ?? JSONObject()
      object.add("generation", generation)
      return JSONWriter.text(of: .object(object))
    }
  }
}
