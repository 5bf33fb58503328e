/// What the probes saw: facts only, from which ``CapabilityJudge`` concludes.
package struct Sightings: Sendable, Hashable {
  package struct AgentRow: Sendable, Hashable {
    package var id: String
    package var platform: String
    package var status: String
    package var maxSessions: Int
  }

  package struct Cluster: Sendable, Hashable {
    /// Pods of the agent that run.
    package var agentPods: [String] = []
    package var mayListPods = false
    package var mayDeletePods = false
    package var mayChangeRoles = false
    package var hasMetrics = false
    package var leaseHolder: String?
  }

  /// Names of replicas that answer `/health` with 200.
  package var healthy: [String] = []
  /// Redis answers PING and lists keys.
  package var hasRedis = false
  /// Names in `pod:NAME:commands` channels: replicas with their hub in this Redis.
  package var hubReplicas: [String] = []
  /// `agent:A:pod` with its value.
  package var routes: [String: String] = [:]
  /// Holders of `streamspace:agent:leader:A`.
  package var redisLeaders: [String: String] = [:]
  /// Role of the administrator's login; nil: it did not log in.
  package var adminRole: String?
  /// The login session of the administrator is in the cache database.
  package var hasCachedLogin = false
  package var agents: [AgentRow] = []
  /// Template names with the protocol that the API makes of their manifest.
  package var templates: [String: String] = [:]
  /// Organisations whose administrator logged in.
  package var organisations: [String] = []
  package var mayRead = false
  package var mayWrite = false
  /// `max_sessions` of the active licence row.
  package var licence: Int?
  /// `agent_commands.updated_at` is there; nil: unknown.
  package var hasCommandUpdateTimes: Bool?
  package var mayCreateDatabases = false
  package var cluster: Cluster?
  /// Releases of Docker daemons by agent.
  package var daemons: [String: String] = [:]
  /// Proxies whose control answers, by their place in the file.
  package var proxies: [Int] = []
  /// What drivers offer.
  package var offers: [ComponentOffer] = []

  package init() {}
}
