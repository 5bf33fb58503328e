import SimulationRuntime
import StreamSpaceProtocol

/// The routes of agents in Redis: which replica holds which agent (spec/01 §2.1, C2).
package final class RouteRegistry {
  private unowned let redis: RedisClient
  private let pod: String
  private let policies: HubPolicies
  private let tell: (ControlPlaneEvent) -> Void
  /// Agents whose keys Redis has acknowledged; for the policy that trusts in that (C-11).
  private var acknowledged: Set<String> = []

  /// Deletes both keys if the first still names the caller.
  private static let compareAndDelete = RedisScript(
    "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1], KEYS[2]) end return 0")

  /// Writes both keys or none.
  private static let writeBoth = RedisScript(
    "redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[3]) redis.call('SET', KEYS[2], ARGV[2], 'EX', ARGV[3]) return 1")

  init(_ redis: RedisClient, pod: String, policies: HubPolicies, tell: @escaping (ControlPlaneEvent) -> Void) {
    self.redis = redis
    self.pod = pod
    self.policies = policies
    self.tell = tell
  }

  /// Writes both keys of an agent for 300 s. `done` tells whether both stand.
  func write(_ agentID: String, _ done: @escaping (Bool) -> Void) {
    let life = String(RouteKeys.lifetimeSeconds)
    let keys = [RouteKeys.pod(agent: agentID), RouteKeys.connected(agent: agentID)]
    let finish = { [weak self, tell, pod] (isWritten: Bool) in
      if isWritten { self?.acknowledged.insert(agentID) }
      if isWritten { tell(.routeWritten(agentID: agentID, pod: pod)) }
      done(isWritten)
    }
    switch policies.routeStorage {
    case .atomic:
      redis.run(Self.writeBoth, keys: keys, arguments: [pod, RouteKeys.connectedValue, life]) { result in
        finish((try? result.get()) != nil)
      }
    case .independentSets:
      redis.call(["SET", keys[0], pod, "EX", life]) { [unowned redis] first in
        redis.call(["SET", keys[1], RouteKeys.connectedValue, "EX", life]) { second in
          finish((try? first.get()) != nil && (try? second.get()) != nil)
        }
      }
    }
  }

  /// A heartbeat came: the keys must live on.
  func refresh(_ agentID: String, _ done: @escaping (Bool) -> Void) {
    switch policies.routeRefresh {
    case .rewrite: write(agentID, done)
    case .trustsAcknowledged where !acknowledged.contains(agentID): write(agentID, done)
    case .expireOnly, .trustsAcknowledged:
      let life = String(RouteKeys.lifetimeSeconds)
      redis.pipeline([
        ["EXPIRE", RouteKeys.pod(agent: agentID), life], ["EXPIRE", RouteKeys.connected(agent: agentID), life],
      ]) { result in done((try? result.get()) != nil) }
    }
  }

  /// Takes the route of an agent back.
  func remove(_ agentID: String, _ done: @escaping () -> Void = {}) {
    acknowledged.remove(agentID)
    let keys = [RouteKeys.pod(agent: agentID), RouteKeys.connected(agent: agentID)]
    let finish = { [tell, pod] (result: Result<RESPValue, RedisFailure>) in
      if case .success(let answer) = result {
        tell(.routeDeleted(agentID: agentID, pod: pod, didExist: (answer.integer ?? 0) > 0))
      }
      done()
    }
    switch policies.routeRemoval {
    case .compareAndDelete: redis.run(Self.compareAndDelete, keys: keys, arguments: [pod], finish)
    case .blind: redis.call(["DEL"] + keys, finish)
    }
  }

  /// Which pod holds an agent; nil when there is no whole route, or Redis does not answer.
  func holder(of agentID: String, _ done: @escaping (String?) -> Void) {
    redis.pipeline([["GET", RouteKeys.connected(agent: agentID)], ["GET", RouteKeys.pod(agent: agentID)]]) { result in
      guard case .success(let answers) = result, answers.count == 2, answers[0].text == RouteKeys.connectedValue,
        let pod = answers[1].text
      else { return done(nil) }
      done(pod)
    }
  }

  /// Publishes a command for an agent of another pod; the receivers, or nil when Redis does not answer.
  func publish(_ command: RoutedCommand, to pod: String, _ done: @escaping (Int?) -> Void) {
    redis.call(["PUBLISH", RouteKeys.commands(pod: pod), JSONWriter.text(of: command.json)]) { result in
      done((try? result.get())?.integer.map(Int.init))
    }
  }

  /// Removes routes that an earlier life of this replica left behind (C2): goes through all agents' keys and deletes
  /// those that still name it.
  func removeLeftovers(_ done: @escaping () -> Void) { scan(from: "0", done) }

  private func scan(from cursor: String, _ done: @escaping () -> Void) {
    redis.call(["SCAN", cursor, "MATCH", RouteKeys.pod(agent: "*"), "COUNT", "1000"]) { [weak self] result in
      guard let self, case .success(let answer) = result, let parts = answer.elements, parts.count == 2,
        let next = parts[0].text, let keys = parts[1].elements
      else { return done() }
      for key in keys.compactMap(\.text) { remove(String(key.dropFirst("agent:".count).dropLast(":pod".count))) }
      if next == "0" { done() } else { scan(from: next, done) }
    }
  }
}
