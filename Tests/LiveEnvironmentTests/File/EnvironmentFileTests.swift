#if Live
  import Foundation
  import Testing

  @testable import LiveEnvironment

  @Suite("Environment files")
  struct EnvironmentFileTests {
    static let variables = ["ADMIN": "hunter2-long", "DB": "postgresql://u:p@db:5432/x", "KEY": "k"]

    /// Everything that spec/08 §1 knows.
    static let whole = """
      version: 1
      name: staging
      mode: live
      strict: true
      api:
        balancer: http://stream.example.org:8443/base/
        jwtSecret: {env: KEY}
        replicas:
          - {name: api-1, url: "http://10.0.0.1:8000", driver: pods, target: pod/api-1}
          - {name: api-2, url: "http://[::1]:8001", driver: local}
      admin: {username: admin, password: {env: ADMIN}}
      redis: {url: "redis://redis:6379", hubDatabase: 3, driver: boxes, target: cache}
      database: {url: {env: DB}, write: true}
      databaseServer: {url: {env: DB}}
      kubernetes: {context: kind-x, agentId: k8s-1, agentSelector: "app=agent", election: true}
      docker:
        - {host: "unix:///var/run/docker.sock", agentId: docker-1, backend: redis, replicas: 3}
      agents:
        - {id: k8s-2, platform: kubernetes}
        - {id: docker-1, platform: docker, driver: local, target: d-1}
        - {id: docker-1, platform: docker, driver: local, target: d-2}
      templates: {standard: xterm, vnc: desk, vncRaw: echo}
      organisations:
        - {id: org-a, admin: {username: a, password: {env: ADMIN}}}
        - {id: org-b, admin: {username: b, password: {env: ADMIN}}}
      limits: {capacity: 60, licence: 500, memory: 64Gi}
      drivers:
        local: {kind: process, start: "exec ./run {target}", pidFile: "/var/run/{target}.pid", env: {N: 3, PASSWORD: {env: KEY}}}
        pods: {kind: kubectl}
        boxes: {kind: docker, readyUrl: "http://127.0.0.1:80/health"}
        hands: {kind: none}
      proxies:
        - {between: [api-1, redis], control: "http://127.0.0.1:8474"}
      safety: {runLabel: auto, maxSessions: 20, deadline: 5m, allow: [api-1, d-1, redis]}
      """

    private static func parse(_ text: String) throws -> EnvironmentFile {
      try EnvironmentFile.parse(Data(text.utf8), file: "f.yaml", variables: variables)
    }

    @Test("every key of the schema is read")
    func reads() throws {
      let file = try Self.parse(Self.whole)
      #expect(file.name == "staging")
      #expect(file.mode == .live)
      #expect(file.isStrict)
      #expect(file.balancer?.description == "http://stream.example.org:8443/base")
      #expect(file.replicas.map(\.url.place) == ["10.0.0.1:8000", "[::1]:8001"])
      #expect(file.replicas[0].binding == .init(driver: "pods", target: "pod/api-1"))
      #expect(file.admin?.password.value == "hunter2-long")
      #expect(file.jwtSecret?.source == .variable("KEY"))
      #expect(file.redis?.hubDatabase == 3)
      #expect(file.redis?.cacheDatabase == 0)
      #expect(file.database?.mayWrite == true)
      #expect(file.databaseServer != nil)
      #expect(file.kubernetes?.namespace == "streamspace")
      #expect(file.kubernetes?.hasElection == true)
      #expect(file.docker.first?.backend == .redis)
      #expect(file.docker.first?.replicas == 3)
      #expect(file.templates.vncRaw == "echo")
      #expect(file.organisations.map(\.id) == ["org-a", "org-b"])
      #expect(file.limits == .init(capacity: 60, licence: 500, memory: "64Gi"))
      #expect(file.drivers.map(\.name) == ["local", "pods", "boxes", "hands"])
      #expect(file.driver("local")?.start?.words(target: "d-1") == ["/bin/sh", "-c", "exec ./run d-1"])
      #expect(file.driver("local")?.environment.map(\.value.text) == ["3", "k"])
      #expect(file.proxies.first?.between == ["api-1", "redis"])
      #expect(file.safety.deadline == .seconds(300))
      #expect(file.safety.runLabel == nil)
    }

    @Test("the example beside the guide has every key, and is right")
    func example() throws {
      let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
      let path = folder.appendingPathComponent("fixtures/environments/live-example.yaml").path
      let names = [
        "JWT_SECRET", "ADMIN_PASSWORD", "AGENT_BOOTSTRAP_KEY", "REDIS_PASSWORD", "DATABASE_URL", "DATABASE_SERVER_URL",
        "ORG_A_PASSWORD", "ORG_B_PASSWORD",
      ]
      var variables: [String: String] = [:]
      for name in names { variables[name] = name.hasSuffix("_URL") ? "postgresql://h/x" : "x" }
      variables["AGENT_BOOTSTRAP_KEY"] = String(repeating: "a", count: 64)
      let file = try EnvironmentFile.read(path: path, variables: variables)
      #expect(file.components.filter(\.isAllowed).count == 7)
      let text = try String(contentsOfFile: path, encoding: .utf8)
      for key in EnvironmentFileReader.keys where key != "hybrid" {
        #expect(text.contains("\n\(key):"), "\(key) is not in the example")
      }
    }

    @Test("the components are named, and only those of safety.allow are allowed")
    func components() throws {
      let components = try Self.parse(Self.whole).components
      #expect(
        components.map(\.name)
          == ["api-1", "api-2", "redis", "database", "k8s-2", "d-1", "d-2", "k8s-1", "docker/docker-1"])
      #expect(components.filter(\.isAllowed).map(\.name) == ["api-1", "redis", "d-1"])
    }

    @Test("what is left out has its default")
    func defaults() throws {
      let file = try Self.parse("version: 1\nname: x\napi:\n  replicas:\n    - {name: a, url: http://h}\n")
      #expect(file.mode == .live)
      #expect(!file.isStrict)
      #expect(file.replicas[0].url.port == 80)
      #expect(file.templates == .init(standard: "xterm-vnc", vnc: "rfb-desktop", vncRaw: nil))
      #expect(file.safety == .init(runLabel: nil, maxSessions: 60, deadline: .seconds(1_800), allow: []))
      #expect(file.redis == nil)
    }

    @Test("a hybrid file may leave out what is simulated")
    func hybrid() throws {
      let file = try Self.parse("version: 1\nname: x\nmode: hybrid\nhybrid: {simulated: [controlPlane, vnc]}\n")
      #expect(file.simulates(.controlPlane))
      #expect(!file.simulates(.redis))
      #expect(file.hybrid?.listen == "127.0.0.1")
    }

    @Test("no description of a file shows a secret")
    func redaction() throws {
      let file = try Self.parse(Self.whole)
      var dumped = ""
      dump(file, to: &dumped)
      for text in [dumped, String(describing: file), String(reflecting: file)] {
        #expect(!text.contains("hunter2"))
        #expect(!text.contains("u:p@db"))
      }
    }

    @Test("a secret's file is looked for beside the environment file")
    func secretFile() throws {
      let folder = FileManager.default.temporaryDirectory.appendingPathComponent("ssim-\(UUID().uuidString)")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(at: folder) }
      try Data("pw\n".utf8).write(to: folder.appendingPathComponent("pw"))
      let path = folder.appendingPathComponent("env.yaml")
      try Data(
        "version: 1\nname: x\napi: {replicas: [{name: a, url: http://h}]}\nadmin: {username: a, password: {file: pw}}\n"
          .utf8
      ).write(to: path)
      #expect(try EnvironmentFile.read(path: path.path).admin?.password.value == "pw")
    }

    @Test("a file that is not there, or a folder, is refused by its name")
    func absent() {
      let error = #expect(throws: EnvironmentFileError.self) { try EnvironmentFile.read(path: "/nowhere/env.yaml") }
      #expect(error?.description == "/nowhere/env.yaml: there is no such file")
      #expect(throws: EnvironmentFileError.self) { try EnvironmentFile.read(path: "/tmp") }
    }
  }
#endif
