#if Live
  import Dispatch
  import StreamSpaceProtocol

  /// The real Redis of a run: looks at the route keys of the agents again and again, and answers what the environment asks, on
  /// a thread of its own.
  ///
  /// Unchecked: `probe` and `isOver` are touched on `queue` only.
  package final class RedisWatch: @unchecked Sendable {
    /// Keys of an agent's route (C2); nil: absent.
    package struct RouteSeen: Sendable {
      package var agent: String
      package var pod: String?
      package var connected: String?
      /// The text of its lock, where that is kept in Redis.
      package var lock: String?
      package var hasLock = false
    }

    /// A text and its remaining life in milliseconds; nil: absent, or for ever.
    package struct Value: Sendable {
      package var text: String?
      package var life: Int64?
    }

    private let agents: [String]
    /// Those whose lock is kept in Redis.
    private let locks: [String]
    private let queue = DispatchQueue(label: "redis-watch")
    private let probe: RedisProbe
    private var isOver = false

    /// Where the hub keeps its keys (C2).
    package static let hubDatabase = 1

    /// Where agents keep locks and keys: `REDIS_URL` names no database (spec/03 §6).
    package static let lockDatabase = 0

    package init(port: Int, agents: [String], locks: [String]) {
      self.agents = agents
      self.locks = locks
      probe = RedisProbe(port: port)
    }

    /// Looks every `period` milliseconds and tells `seen` from its own thread; nil: Redis did not answer.
    package func begin(everyMilliseconds period: Int, _ seen: @escaping @Sendable ([RouteSeen]?) -> Void) {
      queue.async { [self] in look(everyMilliseconds: period, seen) }
    }

    private func look(everyMilliseconds period: Int, _ seen: @escaping @Sendable ([RouteSeen]?) -> Void) {
      guard !isOver else { return }
      seen(routes())
      queue.asyncAfter(deadline: .now() + .milliseconds(period)) { [weak self] in
        self?.look(everyMilliseconds: period, seen)
      }
    }

    /// One command of a database; whatever Redis answers.
    package func call(
      _ words: [String], database: Int, _ done: @escaping @Sendable (Result<RESPValue, any Error>) -> Void
    ) {
      queue.async { [self] in
        done(Result { try probe.call(words, database: database) })
      }
    }

    /// A key of a database.
    package func value(
      of key: String, database: Int, _ done: @escaping @Sendable (Result<Value, any Error>) -> Void
    ) {
      queue.async { [self] in
        done(
          Result {
            let text = try probe.call(["GET", key], database: database).text
            let life = try probe.call(["PTTL", key], database: database).integer
            return Value(text: text, life: life.flatMap { $0 >= 0 ? $0 : nil })
          })
      }
    }

    package func end() {
      queue.sync {
        isOver = true
        probe.close()
      }
    }

    private func routes() -> [RouteSeen]? {
      guard !agents.isEmpty else { return [] }
      let keys = agents.flatMap { ["agent:\($0):pod", "agent:\($0):connected"] }
      guard let values = try? probe.call(["MGET"] + keys, database: Self.hubDatabase).elements else { return nil }
      return agents.indices.map { index in
        var seen = RouteSeen(agent: agents[index], pod: values[2 * index].text, connected: values[2 * index + 1].text)
        if locks.contains(agents[index]),
          let text = try? probe.call(["GET", RouteKeys.leader(agent: agents[index])], database: Self.lockDatabase)
        {
          seen.lock = text.text
          seen.hasLock = true
        }
        return seen
      }
    }
  }
#endif
