#if Live
  import DatabaseTestSupport
  import Foundation
  import PostgreSQL
  import StreamSpaceProtocol
  import Testing

  @testable import LiveEnvironment

  @Suite("Clean-up removes by label, and nothing else", .serialized)
  struct RunCleanerTests {
    private static let label = RunLabel("1a2b3c4d")!

    @Test("users of the run and its databases go, all others stay", .enabled(if: Deployment.isPossible))
    func removes() async throws {
      let deployment = try Deployment(replicas: 1)
      try await deployment.ready()
      let connection = try deployment.database.open()
      defer { connection.close() }
      for (id, name) in [
        ("u1", "ssim-1a2b3c4d-ada"), ("u2", "ssim-1a2b3c4d-bob"), ("u3", "ssim-ffffffff-cyd"), ("u4", "someone"),
        ("u5", "x-ssim-1a2b3c4d-y"),
      ] {
        try connection.execute(
          "INSERT INTO users (id, username, email, full_name) VALUES ($1, $2, $3, 'x')",
          [.text(id), .text(name), .text("\(name)@example.org")])
      }
      let server = try PostgreSQLConnection(url: deployment.database.serverURL)
      defer { server.close() }
      let databases = ["ssim_1a2b3c4d_one", "ssim_1a2b3c4e_two", "ssimx1a2b3c4d_three"]
      for name in databases { try server.execute("CREATE DATABASE \(name)") }
      defer { for name in databases { _ = try? server.execute("DROP DATABASE IF EXISTS \(name) WITH (FORCE)") } }

      let outcome = await RunCleaner(try deployment.file(), Self.label).run()
      #expect(outcome.exitStatus == 0, "\(outcome)")
      #expect(
        outcome.removals.map { "\($0.what) \($0.name)" }.sorted() == [
          "database ssim_1a2b3c4d_one", "user ssim-1a2b3c4d-ada", "user ssim-1a2b3c4d-bob",
        ])
      let left = try connection.execute("SELECT username FROM users ORDER BY username")
      let names = left.rows.compactMap { try? $0.text("username") }
      #expect(!names.contains("ssim-1a2b3c4d-ada"))
      #expect(Set(["someone", "ssim-ffffffff-cyd", "x-ssim-1a2b3c4d-y", "admin"]).isSubset(of: names))
      let kept = try server.execute("SELECT datname::text AS name FROM pg_database")
        .rows.compactMap { try? $0.text("name") }
      #expect(kept.contains("ssim_1a2b3c4e_two"))
      #expect(kept.contains("ssimx1a2b3c4d_three"))
      // A second time there is nothing left.
      #expect(await RunCleaner(try deployment.file(), Self.label).run().removals.isEmpty)
    }

    @Test(
      "sessions are found by owner and by tag; an owner whose session does not end stays with it",
      .enabled(if: Deployment.isPossible))
    func sessions() async throws {
      let deployment = try Deployment(replicas: 1)
      try await deployment.ready()
      let connection = try deployment.database.open()
      defer { connection.close() }
      for (id, name) in [("u1", "ssim-1a2b3c4d-ada"), ("u2", "ssim-1a2b3c4d-bob"), ("u4", "someone")] {
        try connection.execute(
          "INSERT INTO users (id, username, email, full_name) VALUES ($1, $2, $3, 'x')",
          [.text(id), .text(name), .text("\(name)@example.org")])
      }
      try connection.execute(
        "INSERT INTO agents (agent_id, platform, status, approval_status) VALUES ('k8s-1', 'kubernetes', 'offline', 'approved')"
      )
      for (id, user, state, tag) in [
        ("s-ended", "u2", "terminated", "x"), ("s-own", "u1", "running", "x"),
        ("s-tagged", "u4", "running", "ssim-run=1a2b3c4d"), ("s-other", "u4", "running", "ssim-run=1a2b3c4e"),
      ] {
        try connection.execute(
          """
          INSERT INTO sessions (id, user_id, template_name, state, agent_id, platform, tags) \
          VALUES ($1, $2, 't', $3, 'k8s-1', 'kubernetes', ARRAY[$4])
          """, [.text(id), .text(user), .text(state), .text(tag)])
      }
      // The agent is away, so nothing ends.
      let outcome = await RunCleaner(try deployment.file(), Self.label, patience: .milliseconds(500)).run()
      #expect(outcome.exitStatus == 1, "\(outcome)")
      let told = outcome.removals.map { "\($0.what) \($0.name) \($0.failure == nil)" }.sorted()
      #expect(
        told == [
          "session s-own false", "session s-tagged false", "user ssim-1a2b3c4d-ada false",
          "user ssim-1a2b3c4d-bob true",
        ], "\(outcome)")
      let other = try connection.execute("SELECT state FROM sessions WHERE id = 's-other'")
      #expect(try other.singleRow().text("state") == "running")
      // It has ended: now it goes.
      try connection.execute("UPDATE sessions SET state = 'terminated' WHERE id IN ('s-own', 's-tagged')")
      let second = await RunCleaner(try deployment.file(), Self.label, patience: .milliseconds(500)).run()
      #expect(second.removals == [.init(what: "user", name: "ssim-1a2b3c4d-ada")], "\(second)")
    }

    @Test("containers, volumes and networks are found by the label alone; what stays is told")
    func docker() async throws {
      let scratch = try Scratch()
      try scratch.program(
        "docker",
        """
        case "$*" in
        *" ps "*) echo c1; echo c2 ;;
        *"volume ls"*) echo v1 ;;
        *"rm --force --volumes c2"*) echo 'device busy' >&2; exit 1 ;;
        esac
        """)
      try scratch.program("kubectl", "echo pod/ssim-a")
      let file = try EnvironmentFile.parse(
        Data(
          """
          version: 1
          name: x
          mode: hybrid
          hybrid: {simulated: [controlPlane]}
          kubernetes: {context: kind-x, namespace: ns, agentId: k8s-1, agentSelector: a=b}
          docker: [{host: "unix:///d.sock", agentId: docker-1}]
          """.utf8), file: "f")
      let outcome = await RunCleaner(
        file, Self.label, variables: ["PATH": "\(scratch.url.path):/usr/bin:/bin"]
      ).run()
      #expect(outcome.exitStatus == 1)
      #expect(
        outcome.removals == [
          .init(what: "Kubernetes object", name: "pod/ssim-a"), .init(what: "container", name: "c1"),
          .init(what: "container", name: "c2", failure: "docker: device busy"), .init(what: "volume", name: "v1"),
        ])
      let looks = scratch.calls.filter { !$0.contains(" rm ") }
      #expect(looks.count == 4)
      #expect(looks.allSatisfy { $0.contains("ssim-run=1a2b3c4d") })
      #expect(scratch.calls.filter { $0.contains(" rm ") }.count == 3)
    }

    @Test("names are escaped where they stand in a path")
    func escaping() {
      #expect(RunCleaner.segment("a/../b?c=d e") == "a%2F..%2Fb%3Fc%3Dd%20e")
    }
  }
#endif
