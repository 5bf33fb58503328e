#if Live
  import DatabaseTestSupport
  import Foundation
  import PostgreSQL
  import SocketBridges
  import StreamSpaceProtocol
  import Testing

  @testable import LiveEnvironment

  @Suite("Probing real parts", .serialized)
  struct EnvironmentProbeTests {
    private static func file(_ text: String, _ variables: [String: String] = [:]) throws -> EnvironmentFile {
      try EnvironmentFile.parse(
        Data("version: 1\nname: x\n\(text)".utf8), file: "f",
        variables: variables.merging(["PW": "s3cret-password"]) { own, _ in own })
    }

    @Test("two replicas with a common hub, Redis, database and login are seen", .enabled(if: Deployment.isPossible))
    func deployment() async throws {
      let deployment = try Deployment()
      try await deployment.ready()
      let report = await EnvironmentProbe(try deployment.file()).run()
      #expect(report.troubles.map(\.complaint) == [])
      #expect(report.exitStatus == 0)
      #expect(
        report.capabilities.missing(of: [
          "replicas:2", "redis-read", "sql", "sql-write", "database-own", "users", "cache-on", "templates", "k8s",
        ]) == ["k8s"])
      #expect(report.seen.hubReplicas == ["api-1", "api-2"])
      #expect(report.seen.hasCommandUpdateTimes == true)
      // The INSERT was rolled back.
      let connection = try deployment.database.open()
      defer { connection.close() }
      #expect(try connection.execute("SELECT id FROM users WHERE id = 'ssim-probe'").rows.isEmpty)

      // One replica goes.
      deployment.replicas[1].stop(within: 10, name: "api-2")
      let after = await EnvironmentProbe(try deployment.file()).run()
      #expect(after.exitStatus == 3)
      #expect(after.troubles.count == 1)
      #expect(after.troubles.first?.complaint.hasPrefix("api.replicas api-2: http://127.0.0.1:") == true)
      #expect(after.capabilities.finding("replicas")?.count == 1)
    }

    @Test("a wrong administrator's password is one line and status 2", .enabled(if: Deployment.isPossible))
    func wrongLogin() async throws {
      let deployment = try Deployment(replicas: 1)
      try await deployment.ready()
      let report = await EnvironmentProbe(try deployment.file(admin: "WRONG")).run()
      #expect(report.exitStatus == 2)
      #expect(report.troubles.map(\.subject) == ["admin"])
      #expect(report.troubles.first?.advice == "check admin.username and $WRONG")
      #expect(report.capabilities.missing(of: ["users"]) == ["users"])
      #expect(report.troubles.allSatisfy { !$0.complaint.contains("not-the-password") })
    }

    @Test("a schema without agent_commands.updated_at is told, with what to do", .enabled(if: Deployment.isPossible))
    func schema() async throws {
      let deployment = try Deployment(replicas: 1)
      try await deployment.ready()
      let connection = try deployment.database.open()
      try connection.execute("ALTER TABLE agent_commands DROP COLUMN updated_at CASCADE")
      connection.close()
      let report = await EnvironmentProbe(try deployment.file()).run()
      let line = try #require(report.lines.first { $0.subject == "schema" })
      #expect(line.verdict == .note)
      #expect(line.advice.contains("migration 004"))
    }

    @Test("a database without tables is refused, with what to do", .enabled(if: TestServer.isAvailable))
    func emptyDatabase() async throws {
      let file = try Self.file(
        "api: {replicas: [{name: a, url: \"http://127.0.0.1:1\"}]}\ndatabase: {url: {env: DB}}\n",
        ["DB": try TestServer.url])
      let report = await EnvironmentProbe(file).run()
      let line = try #require(report.troubles.first { $0.subject == "database" })
      #expect(line.verdict == .refused)
      #expect(line.advice.contains("start a replica once"))
    }

    @Test("a role that may not write is refused when database.write says it may", .enabled(if: Deployment.isPossible))
    func readOnly() async throws {
      let deployment = try Deployment(replicas: 1)
      try await deployment.ready()
      let separator = deployment.databaseURL.contains("?") ? "&" : "?"
      let url = deployment.databaseURL + "\(separator)options=-c%20default_transaction_read_only%3Don"
      let file = try Self.file(
        "api: {replicas: [{name: a, url: \"http://127.0.0.1:\(deployment.replicas[0].port)\"}]}\n"
          + "database: {url: {env: DB}, write: true}\n", ["DB": url])
      let report = await EnvironmentProbe(file).run()
      #expect(report.exitStatus == 2)
      #expect(report.troubles.first?.complaint.contains("an INSERT is refused") == true)
      #expect(report.capabilities.missing(of: ["sql", "sql-write"]) == ["sql-write"])
    }

    @Test("a Redis that wants a password, or another, is one line and status 2", .enabled(if: RedisServer.isInstalled))
    func redisPassword() async throws {
      let redis = try RedisServer(password: "right-password")
      func report(_ password: String) async throws -> EnvironmentProbe.Report {
        let file = try Self.file(
          "mode: hybrid\nhybrid: {simulated: [controlPlane]}\n"
            + "redis: {url: \"redis://127.0.0.1:\(redis.port)\"\(password)}\n",
          ["RIGHT": "right-password"])
        return await EnvironmentProbe(file).run()
      }
      let none = try await report("")
      #expect(none.exitStatus == 2)
      #expect(none.troubles.map(\.advice) == ["give redis.password"])
      let wrong = try await report(", password: {env: PW}")
      #expect(wrong.exitStatus == 2)
      #expect(wrong.troubles.map(\.advice) == ["correct it: check $PW"])
      let right = try await report(", password: {env: RIGHT}")
      #expect(right.troubles.map(\.complaint) == [])
      #expect(right.seen.hasRedis)
      let far = try await report(", password: {env: RIGHT}, hubDatabase: 99")
      #expect(far.troubles.map(\.advice) == ["correct redis.hubDatabase"])
    }

    @Test("against nothing each part is one line with its address, and status 3")
    func closed() async throws {
      let ports = (0..<4).map { _ in FreePort.next() }
      let file = try Self.file(
        """
        api:
          balancer: http://127.0.0.1:\(ports[0])
          replicas: [{name: api-1, url: "http://127.0.0.1:\(ports[1])"}]
        admin: {username: admin, password: {env: PW}}
        redis: {url: "redis://127.0.0.1:\(ports[2])"}
        database: {url: {env: DB}}
        docker: [{host: "unix:///nowhere.sock", agentId: docker-1}]
        proxies: [{between: [api-1, redis], control: "http://127.0.0.1:\(ports[3])"}]
        """, ["DB": "postgresql://u:s3cret-password@127.0.0.1:\(ports[3])/x"])
      let report = await EnvironmentProbe(file).run()
      #expect(report.exitStatus == 3)
      #expect(
        report.troubles.map(\.subject) == [
          "api.replicas api-1", "api.balancer", "redis", "database", "docker docker-1", "proxy api-1 - redis",
        ])
      #expect(report.capabilities.findings.allSatisfy { !$0.isThere })
      for line in report.troubles {
        #expect(!line.complaint.contains("\n"))
        #expect(!line.complaint.contains("s3cret"))
      }
      for port in ports { #expect(report.troubles.contains { $0.complaint.contains("127.0.0.1:\(port)") }) }
    }

    @Test("a server that accepts and says nothing takes its time limit, no more")
    func silent() async throws {
      let silent = try SilentServer()
      let file = try Self.file(
        """
        api: {replicas: [{name: api-1, url: "http://127.0.0.1:\(silent.port)"}]}
        redis: {url: "redis://127.0.0.1:\(silent.port)"}
        database: {url: {env: DB}}
        """, ["DB": "postgresql://u@127.0.0.1:\(silent.port)/x?sslmode=disable"])
      let began = ContinuousClock.now
      let report = await EnvironmentProbe(file, limit: .milliseconds(400)).run()
      #expect(ContinuousClock.now - began < .seconds(8))
      #expect(report.exitStatus == 3)
      #expect(report.troubles.map(\.subject) == ["api.replicas api-1", "redis", "database"])
    }

    @Test("what answers but is no control plane is refused")
    func stranger() async throws {
      let stranger = try SilentServer(says: "220 mail.example.org ready\r\n\r\n")
      let file = try Self.file("api: {replicas: [{name: api-1, url: \"http://127.0.0.1:\(stranger.port)\"}]}\n")
      let report = await EnvironmentProbe(file, limit: .seconds(1)).run()
      #expect(report.troubles.count == 1)
      #expect(report.exitStatus == 2)
      #expect(report.troubles.first?.advice == "correct its url")
    }

    // MARK: Stand-ins for kubectl and docker

    private func platforms(_ kubectl: String, _ docker: String) async throws -> EnvironmentProbe.Report {
      let scratch = try Scratch()
      try scratch.program("kubectl", kubectl)
      try scratch.program("docker", docker)
      let file = try Self.file(
        """
        mode: hybrid
        hybrid: {simulated: [controlPlane]}
        kubernetes: {context: kind-x, agentId: k8s-1, agentSelector: app=agent, election: true}
        docker: [{host: "unix:///d.sock", agentId: docker-1}]
        """)
      return await EnvironmentProbe(file, variables: ["PATH": "\(scratch.url.path):/usr/bin:/bin"]).run()
    }

    @Test("a cluster is asked for pods, rights and the holder of the lease; Docker for its release")
    func cluster() async throws {
      let report = try await platforms(
        """
        case "$*" in
        *"can-i"*delete*) exit 1 ;;
        *"can-i"*) exit 0 ;;
        *"get pods"*) printf 'a b c' ;;
        *"get lease streamspace-agent-k8s-1"*) printf 'b' ;;
        *"top"*) exit 1 ;;
        esac
        """, "echo 28.2.2")
      #expect(report.troubles.map(\.complaint) == [])
      #expect(
        report.seen.cluster
          == Sightings.Cluster(
            agentPods: ["a", "b", "c"], mayListPods: true, mayDeletePods: false, mayChangeRoles: true,
            hasMetrics: false, leaseHolder: "b"))
      #expect(report.seen.daemons == ["docker-1": "28.2.2"])
      #expect(report.capabilities.finding("k8s-ha")?.isThere == true)
      #expect(report.capabilities.finding("workload-control")?.isThere == false)
    }

    @Test("a context that is not there is status 2; a daemon that may not be asked too")
    func refusals() async throws {
      let report = try await platforms(
        "echo 'error: context \"kind-x\" does not exist' >&2; exit 1",
        "echo 'permission denied while trying to connect' >&2; exit 1")
      #expect(report.exitStatus == 2)
      #expect(report.troubles.map(\.advice).contains("kubectl config get-contexts shows those there are"))
      #expect(report.troubles.map(\.advice).contains("join the group docker, or use another host"))
      let away = try await platforms("echo 'connection refused' >&2; exit 1", "echo away >&2; exit 1")
      #expect(away.exitStatus == 3)
    }
  }

  /// Accepts connections (the system does, up to its backlog) and never says anything, or the same to everybody.
  final class SilentServer {
    let port: Int
    private let descriptor: Int32

    init(says greeting: String? = nil) throws {
      descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
      var length = socklen_t(MemoryLayout<sockaddr_in>.size)
      let number = descriptor
      let isBound = withUnsafeMutablePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          bind(number, $0, length) == 0 && listen(number, 16) == 0 && getsockname(number, $0, &length) == 0
        }
      }
      try #require(isBound)
      port = Int(in_port_t(bigEndian: address.sin_port))
      guard let greeting else { return }
      Thread.detachNewThread {
        while true {
          let peer = accept(number, nil, nil)
          guard peer >= 0 else { return }
          _ = Array(greeting.utf8).withUnsafeBytes { write(peer, $0.baseAddress, $0.count) }
          usleep(100_000)
          close(peer)
        }
      }
    }

    deinit {
      // Ends the wait of the thread, too.
      shutdown(descriptor, Int32(SHUT_RDWR))
      close(descriptor)
    }
  }
#endif
