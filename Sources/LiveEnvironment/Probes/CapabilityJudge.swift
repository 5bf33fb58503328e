/// Concludes from what was seen what an environment can do (spec/08 §2). Nothing is believed because a file says it;
/// only what the simulators provide is known without a look.
package struct CapabilityJudge: Sendable {
  private let file: EnvironmentFile
  private let seen: Sightings

  package init(_ file: EnvironmentFile, _ seen: Sightings) {
    self.file = file
    self.seen = seen
  }

  /// A finding for each of ``Capability/live``, in that order.
  package var capabilities: CapabilitySet {
    let all = controlPlane + stores + agents + platforms + components + tenants + catalogue + others
    return CapabilitySet(
      Capability.live.map { name in all.first { $0.name == name } ?? CapabilityFinding(name, false, "not probed") })
  }

  private typealias Finding = CapabilityFinding

  // MARK: Control plane and stores

  private var controlPlane: [Finding] {
    if file.simulates(.controlPlane) {
      return [Finding("replicas", true, count: 3, "simulated"), Finding("no-redis", false, "simulated with Redis")]
    }
    let up = seen.healthy.count
    let health = "\(up) of \(file.replicas.count) answer /health"
    guard up > 1 else {
      return [
        Finding("replicas", up > 0, count: up, health), Finding("no-redis", false, "it takes two replicas"),
      ]
    }
    guard file.redis != nil || file.simulates(.redis) else {
      return [
        Finding("replicas", true, count: up, "\(health), without a common hub"),
        Finding("no-redis", true, "the file names no Redis"),
      ]
    }
    let known = seen.hubReplicas.filter(seen.healthy.contains).count
    let hub = "\(known) of them subscribe to their channel in Redis"
    // Without a hub a command reaches an agent only by luck: then there is one replica to speak of.
    return [
      Finding("replicas", true, count: known == up ? up : 1, "\(health), \(hub)"),
      Finding("no-redis", false, "the file names a Redis"),
    ]
  }

  private var stores: [Finding] {
    let keys = seen.routes.isEmpty ? "no agent:* key" : "\(seen.routes.count) agent:*:pod keys"
    let redis = file.redis == nil ? "the file names no redis" : seen.hasRedis ? "PING, \(keys)" : "no answer"
    let database = file.database == nil ? "the file names no database" : "no answer"
    let writes =
      file.database == nil
      ? database : file.database?.mayWrite == true ? "an INSERT was refused" : "database.write is not true"
    return [
      Finding("redis-read", seen.hasRedis || file.simulates(.redis), file.simulates(.redis) ? "simulated" : redis),
      offered("redis-control", by: "redis", [.stop, .start]),
      Finding("sql", seen.mayRead, seen.mayRead ? "SELECT on sessions" : database),
      Finding("sql-write", seen.mayWrite, seen.mayWrite ? "an INSERT that was rolled back" : writes),
      offered("db-control", by: "database", [.stop, .start]),
      Finding(
        "database-own", seen.mayCreateDatabases,
        seen.mayCreateDatabases
          ? "the role may create databases"
          : file.databaseServer == nil ? "the file names no databaseServer" : "the role may not create databases"),
    ]
  }

  // MARK: Agents and platforms

  private func online(_ platform: EnvironmentFile.Agent.Platform) -> [String] {
    let named = file.agentIDs.filter { $0.platform == platform }.map(\.id)
    return seen.agents.filter { named.contains($0.id) && $0.status == "online" }.map(\.id)
  }

  private var agents: [Finding] {
    if file.simulates(.agents) {
      return ["k8s", "docker"].map { Finding($0, true, "simulated") } + [
        Finding("agents", true, count: 100, "simulated")
      ]
    }
    func platform(_ name: String, _ platform: EnvironmentFile.Agent.Platform) -> Finding {
      let named = file.agentIDs.filter { $0.platform == platform }.map(\.id)
      let online = online(platform)
      if named.isEmpty { return Finding(name, false, "the file names no \(platform.rawValue) agent") }
      let words = named.map { id in
        "\(id) is \(seen.agents.first { $0.id == id }?.status ?? (seen.adminRole == nil ? "unknown: no admin login" : "not registered"))"
      }
      return Finding(name, !online.isEmpty, words.joined(separator: ", "))
    }
    let most = max(online(.kubernetes).count, online(.docker).count)
    return [
      platform("k8s", .kubernetes), platform("docker", .docker),
      Finding("agents", most > 0, count: most, "\(most) ids of one platform are online"),
    ] + elections
  }

  private var elections: [Finding] {
    var findings: [Finding] = []
    if let kubernetes = file.kubernetes {
      let entries = file.agents.count { $0.id == kubernetes.agentID }
      let processes = max(entries, seen.cluster?.agentPods.count ?? 0)
      let holder = seen.cluster?.leaseHolder
      findings.append(
        Finding(
          "k8s-ha", kubernetes.hasElection && processes >= 3 && holder != nil,
          kubernetes.hasElection
            ? "\(processes) pods, \(holder.map { "the lease is held by \($0)" } ?? "no lease with a holder")"
            : "kubernetes.election is not true"))
    } else {
      findings.append(Finding("k8s-ha", false, "the file names no kubernetes"))
    }
    for backend in EnvironmentFile.DockerHost.Backend.allCases {
      let name = "docker-ha:\(backend.rawValue)"
      guard let host = file.docker.first(where: { $0.backend == backend && $0.replicas >= 3 }) else {
        findings.append(Finding(name, false, "no docker entry has backend \(backend.rawValue) and three replicas"))
        continue
      }
      let isOnline = online(.docker).contains(host.agentID)
      // A lock in a file or a service is seen only by its effect: somebody acts for the id.
      let holder = backend == .redis ? seen.redisLeaders[host.agentID] : isOnline ? "one of \(host.replicas)" : nil
      findings.append(
        Finding(
          name, isOnline && holder != nil,
          "\(host.agentID) is \(isOnline ? "online" : "not online"), lock: \(holder ?? "no holder")"))
    }
    return findings
  }

  private var platforms: [Finding] {
    if file.simulates(.kubernetes) || file.simulates(.docker) || file.simulates(.agents) {
      return ["platform-read", "workload-control", "platform-fault"].map { Finding($0, true, "simulated") }
    }
    var read: [(Bool, String)] = []
    var control: [(Bool, String)] = []
    var fault: [(Bool, String)] = []
    if file.kubernetes != nil {
      let cluster = seen.cluster ?? Sightings.Cluster()
      read.append((cluster.mayListPods, "list pods: \(cluster.mayListPods ? "yes" : "no")"))
      control.append((cluster.mayDeletePods, "delete pods: \(cluster.mayDeletePods ? "yes" : "no")"))
      fault.append((cluster.mayChangeRoles, "change roles: \(cluster.mayChangeRoles ? "yes" : "no")"))
    }
    for host in file.docker {
      let answers = seen.daemons[host.agentID] != nil
      let daemon = "docker/\(host.agentID)"
      let stops = verbs(of: daemon)
      let may = stops.contains(.stop) && stops.contains(.start)
      read.append((answers, "\(host.host): \(answers ? "answers" : "no answer")"))
      control.append((answers, "\(host.host): \(answers ? "answers" : "no answer")"))
      fault.append((may, may ? "\(daemon) can be stopped" : "\(daemon) has no driver in safety.allow that stops it"))
    }
    func finding(_ name: String, _ all: [(Bool, String)]) -> Finding {
      Finding(
        name, !all.isEmpty && all.allSatisfy(\.0),
        all.isEmpty ? "the file names no platform" : all.map(\.1).joined(separator: ", "))
    }
    return [finding("platform-read", read), finding("workload-control", control), finding("platform-fault", fault)]
  }

  // MARK: Components

  private func verbs(of component: String) -> [DriverVerb] {
    seen.offers.first { $0.component == component }?.verbs ?? []
  }

  private func offered(_ name: String, by component: String, _ verbs: [DriverVerb]) -> Finding {
    let offer = seen.offers.first { $0.component == component }
    guard let offer else { return Finding(name, false, "\(component) has no driver") }
    let isThere = verbs.allSatisfy(offer.verbs.contains)
    return Finding(name, isThere, isThere ? "its driver stops and starts \(component)" : offer.reason)
  }

  private var components: [Finding] {
    func kind(_ prefix: String, _ components: [LiveComponent]) -> [Finding] {
      ([.stop, .kill, .pause] as [DriverVerb]).map { verb in
        let name = "\(prefix)-\(verb.rawValue)"
        guard !components.isEmpty else { return Finding(name, false, "the file names none") }
        guard let lacking = components.first(where: { !verbs(of: $0.name).contains(verb) }) else {
          return Finding(name, true, "the drivers of \(components.map(\.name).joined(separator: ", "))")
        }
        let reason = seen.offers.first { $0.component == lacking.name }?.reason ?? "it has no driver"
        return Finding(name, false, "\(lacking.name): \(reason.isEmpty ? "its driver does not" : reason)")
      }
    }
    let all = file.components
    let processes = all.filter { component in
      guard case .agent = component.kind else { return false }
      return true
    }
    return kind("api", all.filter { $0.kind == .replica }) + kind("agent", processes)
  }

  // MARK: Users, catalogue, the rest

  private var tenants: [Finding] {
    let login =
      file.admin == nil
      ? "the file names no admin"
      : seen.adminRole.map { "the administrator logs in, role \($0)" } ?? "the administrator cannot log in"
    let key = file.agentBootstrapKey == nil ? "the file names no agentBootstrapKey" : "a bootstrap key is there"
    let isAdmin = seen.adminRole == "admin"
    let capacity = min(
      seen.agents.filter { $0.status == "online" }.reduce(0) { $0 + $1.maxSessions }, file.limits.capacity ?? .max)
    return [
      Finding("users", isAdmin, login),
      Finding(
        "orgs", isAdmin && seen.organisations.count > 1,
        "\(seen.organisations.count) organisations whose administrator logs in"),
      Finding("enrol", isAdmin && file.agentBootstrapKey != nil, isAdmin ? key : login),
      Finding("frames", file.agentBootstrapKey != nil && !seen.healthy.isEmpty, key),
      Finding(
        "licence-raised", seen.licence ?? 0 > 100,
        seen.licence.map { "the licence row allows \($0) sessions" } ?? "no licence row was read (needs database)"),
      Finding("capacity", capacity > 0, count: capacity, "the agents that are online take \(capacity) sessions"),
    ]
  }

  private var catalogue: [Finding] {
    let name = file.templates.vnc
    let stored = seen.templates[name]
    let raw = file.templates.vncRaw
    return [
      Finding(
        "vnc", stored == "vnc" || file.simulates(.vnc),
        file.simulates(.vnc)
          ? "simulated"
          : stored.map { "template \(name) has protocol \($0)" } ?? "no template is called \(name)"),
      Finding(
        "vnc-raw", raw.map { seen.templates[$0] != nil } ?? false || file.simulates(.vnc),
        file.simulates(.vnc)
          ? "simulated"
          : raw.map { seen.templates[$0] == nil ? "no template is called \($0)" : "template \($0)" }
            ?? "the file names no templates.vncRaw"),
      Finding(
        "templates", ["admin", "operator"].contains(seen.adminRole ?? ""),
        seen.adminRole.map { "the administrator has role \($0)" } ?? "no administrator logs in"),
      Finding(
        "cache-on", seen.hasCachedLogin,
        seen.hasCachedLogin ? "the login session is in Redis" : "no login session was seen in Redis"),
    ]
  }

  private var others: [Finding] {
    let replicas = file.components.filter { $0.kind == .replica }
    let canStart = replicas.allSatisfy { replica in
      guard let driver = replica.binding.flatMap({ file.driver($0.driver) }) else { return false }
      return driver.kind == .process && driver.start != nil && verbs(of: replica.name).contains(.start)
    }
    let isLocal = replicas.allSatisfy { replica in
      replica.binding.flatMap { file.driver($0.driver) }?.kind == .process && !verbs(of: replica.name).isEmpty
    }
    let hasMetrics = !replicas.isEmpty && isLocal || seen.cluster?.hasMetrics == true
    return [
      Finding(
        "net-fault", !seen.proxies.isEmpty,
        file.proxies.isEmpty
          ? "the file names no proxy" : "\(seen.proxies.count) of \(file.proxies.count) proxies answer"),
      Finding(
        "config", !replicas.isEmpty && canStart,
        canStart && !replicas.isEmpty
          ? "every replica is started by a process driver"
          : "not every replica has a process driver with a start command"),
      Finding(
        "metrics", hasMetrics,
        hasMetrics ? "of local processes or kubectl top" : "neither local processes nor kubectl top"),
      Finding("clock-container", false, "no driver sets the clock of a container"),
    ]
  }
}
