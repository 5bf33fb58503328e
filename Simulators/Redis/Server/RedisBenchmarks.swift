import StreamSpaceProtocol

/// Programs that measure the engine. The caller brings the clock, because nothing in this layer may read one.
package enum RedisBenchmarks {
  /// What one program reached.
  package struct Measurement: Sendable, Equatable {
    /// `redis.arguments` or `redis.bytes`.
    package let name: String
    package let unit: String
    /// Units reached, whole.
    package let value: Int64
    /// Units demanded by DESIGN §3.
    package let budget: Int64

    package var met: Bool { value >= budget }
  }

  /// Reads a monotonic clock in nanoseconds.
  package typealias Clock = () -> UInt64

  /// Commands per second that DESIGN §3 demands.
  package static let budget: Int64 = 500_000

  /// Runs both ways into the engine with the mix of a control plane: routes written, renewed and read, commands
  /// published to a subscriber, leases compared and prolonged. An observer is attached, as in every run.
  package static func all(commands: Int = 500_000, clock: Clock) -> [Measurement] {
    [
      measure("redis.arguments", commands, clock) { mix, engine, client, rounds in
        for round in 0..<rounds {
          for command in mix { _ = engine.execute(command, on: client, now: Int64(round)) }
          _ = engine.takeMessages()
        }
      },
      measure("redis.bytes", commands, clock) { mix, engine, client, rounds in
        var bytes: [UInt8] = []
        for command in mix { bytes.appendRequest(command) }
        for round in 0..<rounds { _ = engine.feed(bytes, from: client, now: Int64(round)) }
      },
    ]
  }

  private static func measure(
    _ name: String, _ commands: Int, _ clock: Clock,
    _ run: (_ mix: [[[UInt8]]], RedisEngine, ConnectionID, _ rounds: Int) -> Void
  ) -> Measurement {
    let engine = RedisEngine()
    var changes = 0
    engine.observer = { _ in changes += 1 }
    let mix = Self.mix(engine)
    let rounds = max(1, commands / mix.count)
    guard let subscriber = try? engine.open(now: 0), let client = try? engine.open(now: 0) else {
      return Measurement(name: name, unit: "commands/s", value: 0, budget: budget)
    }
    _ = engine.execute(["subscribe", "pod:api-1:commands"], on: subscriber, now: 0)
    _ = engine.takeMessages()
    let start = clock()
    run(mix, engine, client, rounds)
    let elapsed = max(1, clock() - start)
    let (perSecond, _) = elapsed.dividingFullWidth(
      UInt64(rounds * mix.count).multipliedFullWidth(by: 1_000_000_000))
    return Measurement(name: name, unit: "commands/s", value: Int64(clamping: perSecond), budget: budget)
  }

  private static func mix(_ engine: RedisEngine) -> [[[UInt8]]] {
    let body = """
      if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('EXPIRE', KEYS[1], ARGV[2]) return 1 else return 0 end
      """
    let digest = (try? engine.scripts.load(Array(body.utf8)))?.digest ?? ""
    var mix: [[String]] = []
    for agent in 0..<10 {
      let pod = RouteKeys.pod(agent: "agent-\(agent)")
      let connected = RouteKeys.connected(agent: "agent-\(agent)")
      let leader = RouteKeys.leader(agent: "agent-\(agent)")
      mix += [
        ["set", pod, "api-1", "ex", "300"], ["set", connected, "true", "ex", "300"], ["get", connected], ["get", pod],
        ["expire", pod, "300"], ["expire", connected, "300"], ["set", leader, "me", "ex", "15", "nx"],
        ["evalsha", digest, "1", leader, "me", "15"], ["publish", RouteKeys.commands(pod: "api-1"), "{}"], ["ping"],
      ]
    }
    return mix.map { $0.map { Array($0.utf8) } }
  }
}
