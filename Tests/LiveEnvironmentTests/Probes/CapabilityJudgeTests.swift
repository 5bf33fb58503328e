#if Live
  import Foundation
  import Testing

  @testable import LiveEnvironment

  @Suite("Capabilities are concluded from what was seen")
  struct CapabilityJudgeTests {
    static func file(_ mode: String = "mode: live", without: [String] = []) throws -> EnvironmentFile {
      let lines = """
        version: 1
        name: x
        \(mode)
        api: {replicas: [{name: api-1, url: "http://h:1", driver: p}, {name: api-2, url: "http://h:2", driver: p}, {name: api-3, url: "http://h:3", driver: p}]}
        admin: {username: admin, password: {env: PW}}
        agentBootstrapKey: {env: KEY}
        redis: {url: "redis://h", driver: p}
        database: {url: {env: DB}, write: true, driver: p}
        databaseServer: {url: {env: DB}}
        kubernetes: {context: c, agentId: k8s-1, agentSelector: a=b, election: true}
        docker: [{host: "unix:///d", agentId: docker-1, backend: file, replicas: 3, driver: p}, {host: "unix:///e", agentId: docker-2, backend: redis, replicas: 3, driver: p}, {host: "unix:///f", agentId: docker-3, backend: swarm, replicas: 3, driver: p}]
        agents: [{id: k8s-1, platform: kubernetes, driver: p, target: k-1}, {id: docker-1, platform: docker, driver: p}, {id: docker-2, platform: docker, driver: p}, {id: docker-3, platform: docker, driver: p}]
        templates: {vnc: desk, vncRaw: echo}
        organisations: [{id: o1, admin: {username: a, password: {env: PW}}}, {id: o2, admin: {username: a, password: {env: PW}}}]
        drivers: {p: {kind: process, start: "x {target}", pidFile: "/x/{target}"}}
        proxies: [{between: [api-1, redis], control: "http://h:9"}]
        """.split(separator: "\n")
      let kept = lines.filter { line in !without.contains { line.hasPrefix("\($0):") } }
      return try EnvironmentFile.parse(
        Data(kept.joined(separator: "\n").utf8), file: "f",
        variables: ["PW": "p", "DB": "postgresql://h/x", "KEY": String(repeating: "a", count: 64)])
    }

    /// Everything seen.
    static func whole(_ file: EnvironmentFile) -> Sightings {
      var seen = Sightings()
      seen.healthy = ["api-1", "api-2", "api-3"]
      seen.hasRedis = true
      seen.hubReplicas = seen.healthy
      seen.routes = ["k8s-1": "api-1"]
      seen.redisLeaders = ["docker-2": "d-1"]
      seen.adminRole = "admin"
      seen.hasCachedLogin = true
      seen.agents = ["k8s-1", "docker-1", "docker-2", "docker-3"].map {
        .init(id: $0, platform: "", status: "online", maxSessions: 50)
      }
      seen.templates = ["desk": "vnc", "echo": "vnc"]
      seen.organisations = ["o1", "o2"]
      seen.mayRead = true
      seen.mayWrite = true
      seen.licence = 1_000
      seen.mayCreateDatabases = true
      seen.cluster = .init(
        agentPods: ["a", "b", "c"], mayListPods: true, mayDeletePods: true, mayChangeRoles: true, hasMetrics: true,
        leaseHolder: "a")
      seen.daemons = ["docker-1": "28", "docker-2": "28", "docker-3": "28"]
      seen.proxies = [0]
      seen.offers = file.components.map { ComponentOffer($0.name, DriverVerb.allCases) }
      return seen
    }

    @Test("with everything seen everything is there, but for what excludes it")
    func everything() throws {
      let file = try Self.file()
      let capabilities = CapabilityJudge(file, Self.whole(file)).capabilities
      #expect(capabilities.findings.map(\.name) == Capability.live)
      #expect(capabilities.findings.filter { !$0.isThere }.map(\.name) == ["no-redis", "clock-container"])
      #expect(capabilities.finding("replicas")?.count == 3)
      #expect(capabilities.finding("agents")?.count == 3)
      #expect(capabilities.finding("capacity")?.count == 200)
    }

    @Test("with nothing seen nothing is there, whatever the file says")
    func nothing() throws {
      let capabilities = CapabilityJudge(try Self.file(), Sightings()).capabilities
      #expect(capabilities.findings.filter(\.isThere).map(\.name) == [])
      #expect(capabilities.findings.allSatisfy { !$0.seen.isEmpty })
    }

    /// One fact less, and exactly what goes with it.
    struct Loss: Sendable, CustomTestStringConvertible {
      var what: String
      var change: @Sendable (inout Sightings) -> Void
      var gone: [String]
      var testDescription: String { what }
    }

    static let losses: [Loss] = [
      .init(what: "Redis", change: { $0.hasRedis = false }, gone: ["redis-read"]),
      .init(what: "SELECT", change: { $0.mayRead = false }, gone: ["sql"]),
      .init(what: "INSERT", change: { $0.mayWrite = false }, gone: ["sql-write"]),
      .init(what: "CREATEDB", change: { $0.mayCreateDatabases = false }, gone: ["database-own"]),
      .init(what: "a low licence", change: { $0.licence = 100 }, gone: ["licence-raised"]),
      .init(what: "no licence row", change: { $0.licence = nil }, gone: ["licence-raised"]),
      .init(what: "one organisation", change: { $0.organisations = ["o1"] }, gone: ["orgs"]),
      .init(what: "a proxy", change: { $0.proxies = [] }, gone: ["net-fault"]),
      .init(what: "the cache", change: { $0.hasCachedLogin = false }, gone: ["cache-on"]),
      .init(what: "two election pods", change: { $0.cluster?.agentPods = ["a", "b"] }, gone: ["k8s-ha"]),
      .init(what: "a lease without holder", change: { $0.cluster?.leaseHolder = nil }, gone: ["k8s-ha"]),
      .init(what: "listing pods", change: { $0.cluster?.mayListPods = false }, gone: ["platform-read"]),
      .init(what: "deleting pods", change: { $0.cluster?.mayDeletePods = false }, gone: ["workload-control"]),
      .init(what: "roles", change: { $0.cluster?.mayChangeRoles = false }, gone: ["platform-fault"]),
      .init(
        what: "a Docker daemon", change: { $0.daemons["docker-2"] = nil }, gone: ["platform-read", "workload-control"]),
      .init(what: "the lock in Redis", change: { $0.redisLeaders = [:] }, gone: ["docker-ha:redis"]),
      .init(what: "a template of another protocol", change: { $0.templates["desk"] = "selkies" }, gone: ["vnc"]),
      .init(what: "the echo", change: { $0.templates["echo"] = nil }, gone: ["vnc-raw"]),
      .init(what: "the Kubernetes agent", change: { $0.agents[0].status = "offline" }, gone: ["k8s"]),
      .init(what: "a Docker agent", change: { $0.agents[1].status = "offline" }, gone: ["docker-ha:file"]),
      .init(
        what: "the login", change: { $0.adminRole = nil }, gone: ["users", "orgs", "enrol", "templates"]),
      .init(what: "an operator", change: { $0.adminRole = "operator" }, gone: ["users", "orgs", "enrol"]),
      .init(
        what: "a replica that cannot be paused",
        change: { $0.offers[1].verbs = [.start, .stop, .kill] }, gone: ["api-pause"]),
      .init(
        what: "a replica that cannot be started",
        change: { $0.offers[2].verbs = [.stop, .kill, .pause] }, gone: ["config"]),
      .init(
        what: "an agent process without driver",
        change: { $0.offers.removeAll { $0.component == "k-1" } },
        gone: ["agent-stop", "agent-kill", "agent-pause"]),
      .init(
        what: "Redis that cannot be started",
        change: { seen in
          seen.offers = seen.offers.map { $0.component == "redis" ? ComponentOffer("redis", [.stop]) : $0 }
        }, gone: ["redis-control"]),
      .init(
        what: "a database without driver", change: { $0.offers.removeAll { $0.component == "database" } },
        gone: ["db-control"]),
    ]

    @Test("each fact that was not seen takes its capabilities away, and no others", arguments: losses)
    func loss(_ loss: Loss) throws {
      let file = try Self.file()
      var seen = Self.whole(file)
      loss.change(&seen)
      let capabilities = CapabilityJudge(file, seen).capabilities
      let gone = capabilities.findings.filter { !$0.isThere }.map(\.name)
      #expect(gone.filter { $0 != "no-redis" && $0 != "clock-container" } == loss.gone)
    }

    @Test("replicas whose hub is not in Redis count as one; without a Redis in the file they are without a hub")
    func hub() throws {
      let file = try Self.file()
      var seen = Self.whole(file)
      seen.hubReplicas = ["api-1"]
      #expect(CapabilityJudge(file, seen).capabilities.finding("replicas")?.count == 1)
      seen.healthy = ["api-2"]
      #expect(CapabilityJudge(file, seen).capabilities.finding("replicas")?.count == 1)
      let alone = try Self.file(without: ["redis", "proxies"])
      let capabilities = CapabilityJudge(alone, Self.whole(alone)).capabilities
      #expect(capabilities.finding("no-redis")?.isThere == true)
      #expect(capabilities.missing(of: ["replicas:2", "no-redis"]) == [])
      #expect(capabilities.missing(of: ["replicas:2"]) == ["replicas:2"])
    }

    @Test("in a hybrid environment what is simulated is there without a look")
    func hybrid() throws {
      let file = try Self.file("mode: hybrid\nhybrid: {simulated: [agents, kubernetes, docker, vnc]}")
      let capabilities = CapabilityJudge(file, Sightings()).capabilities
      #expect(
        capabilities.missing(of: ["k8s", "docker", "agents:100", "vnc", "vnc-raw", "platform-read", "sql"]) == ["sql"])
    }
  }
#endif
