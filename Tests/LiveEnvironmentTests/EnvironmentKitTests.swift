#if Live
  import Foundation
  import Testing
  import Yams

  @Suite("The kit of fixtures/environments")
  struct EnvironmentKitTests {
    private static let folder = URL(fileURLWithPath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("fixtures/environments")

    private static func files(_ suffixes: String...) throws -> [String] {
      try FileManager.default.contentsOfDirectory(atPath: folder.path)
        .filter { name in suffixes.contains { name.hasSuffix($0) } }.sorted()
    }

    private static func text(_ name: String) throws -> String {
      try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
    }

    /// What the API server and the Docker agent read (spec/07 §1, spec/03 §1).
    private static let variables: [String: Set<String>] = [
      "api": [
        "API_PORT", "DB_HOST", "DB_PORT", "DB_USER", "DB_PASSWORD", "DB_NAME", "DB_SSL_MODE", "JWT_SECRET",
        "KUBECONFIG",
        "POD_NAME", "AGENTHUB_REDIS_ENABLED", "CACHE_ENABLED", "REDIS_HOST", "REDIS_PORT", "REDIS_PASSWORD",
        "ADMIN_PASSWORD", "AGENT_BOOTSTRAP_KEY", "PLATFORM", "RATE_LIMIT_ENABLED", "RATE_LIMIT_REQUESTS_PER_MINUTE",
        "SYNC_INTERVAL", "IDLE_CHECK_INTERVAL", "SHUTDOWN_TIMEOUT", "PLUGIN_DIR", "AUDIT_LOG_ENABLED",
      ],
      "docker-agent": [
        "AGENT_ID", "CONTROL_PLANE_URL", "AGENT_API_KEY", "PLATFORM", "REGION", "DOCKER_HOST", "NETWORK_NAME",
        "VOLUME_DRIVER", "HEALTH_CHECK_INTERVAL", "ENABLE_HA", "LEADER_ELECTION_BACKEND", "LOCK_FILE_PATH", "REDIS_URL",
      ],
    ]

    @Test("every YAML file parses, each document of it")
    func parses() throws {
      let names = try Self.files(".yaml", ".yml")
      #expect(names.count >= 8)
      for name in names {
        let documents = try Yams.compose_all(yaml: Self.text(name)).map { $0 }
        #expect(!documents.isEmpty && documents.allSatisfy { $0.mapping != nil }, "\(name)")
      }
    }

    @Test("the compose file starts three replicas and an agent, with variables that StreamSpace reads")
    func composeVariables() throws {
      let document = try #require(try Yams.load(yaml: Self.text("docker-compose.test.yml")) as? [String: Any])
      let services = try #require(document["services"] as? [String: [String: Any]])
      #expect(services.keys.filter { $0.hasPrefix("api-") }.sorted() == ["api-1", "api-2", "api-3"])
      for name in ["api-1", "api-2", "api-3", "docker-agent"] {
        let set = try #require(services[name]?["environment"] as? [String: Any], "\(name)")
        let known = try #require(Self.variables[name.hasPrefix("api") ? "api" : name])
        #expect(Set(set.keys).subtracting(known) == [], "\(name)")
        if name.hasPrefix("api") {
          // A replica's name is its own; without the mandatory ones it would not start.
          #expect(set["POD_NAME"] as? String == name)
          #expect(set["JWT_SECRET"] != nil && set["KUBECONFIG"] != nil && set["DB_HOST"] as? String == "postgres")
        } else {
          #expect(set["AGENT_API_KEY"] != nil && set["AGENT_ID"] != nil)
        }
      }
    }

    @Test("no secret stands in a file of the kit")
    func secrets() throws {
      for name in try Self.files(".yaml", ".yml", ".conf", ".sh") {
        let text = try Self.text(name)
        #expect(text.firstMatch(of: /(?i)(password|secret|key):\s*["']?[0-9a-zA-Z]{12,}/) == nil, "\(name)")
      }
    }

    @Test("the scripts pass shellcheck", .enabled(if: shellcheck != nil))
    func shellchecked() throws {
      let process = Process()
      let output = Pipe()
      process.executableURL = URL(fileURLWithPath: try #require(shellcheck))
      let scripts = try Self.files(".sh") + ["../../sim", "../../.ci/run"]
      process.arguments = scripts.map { Self.folder.appendingPathComponent($0).path }
      process.standardOutput = output
      try process.run()
      let report = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      process.waitUntilExit()
      #expect(process.terminationStatus == 0, "\(report)")
    }
  }

  private let shellcheck = ["/usr/bin/shellcheck", "/usr/local/bin/shellcheck"].first {
    FileManager.default.isExecutableFile(atPath: $0)
  }
#endif
