#if Live
  import Foundation
  import Yams

  extension EnvironmentFile {
    /// A file larger than this is not even read into memory.
    private static let maximumBytes = 4 * YAMLDocument.maximumBytes

    /// Reads the file at `path`; messages name it so.
    ///
    /// - Throws: everything that is wrong with it at once: exit status 2.
    package static func read(
      path: String, variables: [String: String] = ProcessInfo.processInfo.environment
    ) throws(EnvironmentFileError) -> EnvironmentFile {
      func refuse(_ message: String) -> EnvironmentFileError {
        EnvironmentFileError([FileProblem(file: path, line: 0, column: 0, message: message)])
      }
      var isFolder: ObjCBool = false
      guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
        throw refuse("there is no such file")
      }
      let url = URL(fileURLWithPath: path)
      guard !isFolder.boolValue, let handle = try? FileHandle(forReadingFrom: url),
        let bytes = try? handle.read(upToCount: maximumBytes) ?? Data()
      else { throw refuse("it cannot be read") }
      return try parse(bytes, file: path, folder: url.deletingLastPathComponent(), variables: variables)
    }

    /// - Parameters:
    ///   - file: what messages call it.
    ///   - folder: what relative paths of secrets are relative to.
    package static func parse(
      _ bytes: Data, file: String, folder: URL = URL(fileURLWithPath: "/"), variables: [String: String] = [:]
    ) throws(EnvironmentFileError) -> EnvironmentFile {
      let root = try YAMLDocument.root(of: bytes, file: file)
      let problems = FileProblems(file: file, folder: folder, variables: variables)
      let read = EnvironmentFileReader(root, problems)?.read()
      guard let read, problems.all.isEmpty else { throw EnvironmentFileError(problems.all) }
      return read
    }
  }

  /// Reads the sections of a file one by one, then looks whether what they name exists.
  struct EnvironmentFileReader {
    static let keys = [
      "version", "name", "mode", "api", "admin", "agentBootstrapKey", "redis", "database", "databaseServer",
      "kubernetes", "docker", "agents", "templates", "organisations", "limits", "drivers", "proxies", "hybrid",
      "safety", "strict",
    ]

    let top: FileSection
    let problems: FileProblems
    /// Names of drivers used, with where.
    let references = FileReferences()

    init?(_ root: Node, _ problems: FileProblems) {
      guard let top = FileSection(root, path: "", keys: Self.keys, problems: problems) else { return nil }
      self.top = top
      self.problems = problems
    }

    /// Nil when something that cannot be done without is missing; what is wrong is in ``problems``.
    func read() -> EnvironmentFile? {
      if let version = top.integer("version", in: 1...Int.max, required: true), version != 1 {
        top.complain("version", "must be 1, not \(version): this build knows no other")
      }
      let name = top.word("name", required: true)
      let mode = top.choice("mode", of: EnvironmentFile.Mode.self) ?? .live
      let hybrid = hybrid(mode)
      let (balancer, replicas, jwtSecret) = api(isNeeded: !(hybrid?.simulated.contains(.controlPlane) ?? false))
      let file = EnvironmentFile(
        name: name ?? "", mode: mode, balancer: balancer, replicas: replicas, jwtSecret: jwtSecret,
        admin: top.section("admin", keys: ["username", "password"]).flatMap(login),
        agentBootstrapKey: bootstrapKey(), redis: redis(), database: database(),
        databaseServer: top.section("databaseServer", keys: ["url"]).flatMap { databaseURL($0) },
        kubernetes: kubernetes(), docker: docker(), agents: agents(), templates: templates(),
        organisations: organisations(), limits: limits(), drivers: drivers(), proxies: proxies(), hybrid: hybrid,
        safety: safety(), isStrict: top.flag("strict") ?? false)
      check(file)
      return name == nil ? nil : file
    }

    // MARK: Control plane

    private func api(isNeeded: Bool) -> (ServerAddress?, [EnvironmentFile.Replica], Secret?) {
      guard let api = top.section("api", keys: ["balancer", "replicas", "jwtSecret"], required: isNeeded) else {
        return (nil, [], nil)
      }
      // TLS is not spoken: a tunnel (kubectl port-forward) makes an address that is.
      let web = ["http"]
      let sections = api.sections("replicas", keys: ["name", "url", "driver", "target"], required: isNeeded)
      if isNeeded, api.isEmptyList("replicas") { api.complain("replicas", "has no entry") }
      let replicas = sections.compactMap { section -> EnvironmentFile.Replica? in
        let name = section.word("name", required: true)
        let url = section.address("url", schemes: web, required: true)
        let binding = binding(section)
        guard let name, let url else { return nil }
        references.define(name, "api.replicas", section.place(of: "name"), problems)
        references.defineAddress(url.description, section.place(of: "url"), problems)
        return EnvironmentFile.Replica(name: name, url: url, binding: binding)
      }
      return (api.address("balancer", schemes: web), replicas, api.secret("jwtSecret"))
    }

    private func login(_ section: FileSection) -> EnvironmentFile.Login? {
      let username = section.text("username", required: true)
      let password = section.secret("password", required: true)
      guard let username, let password else { return nil }
      return EnvironmentFile.Login(username: username, password: password)
    }

    /// 64 hexadecimal digits: the header that carries it is checked for them (spec/07 §1).
    private func bootstrapKey() -> Secret? {
      guard let key = top.secret("agentBootstrapKey") else { return nil }
      guard key.value.utf8.count == 64, key.value.allSatisfy(\.isHexDigit) else {
        top.complain("agentBootstrapKey", "must be 64 hexadecimal digits; \(key) is not")
        return nil
      }
      return key
    }

    private func organisations() -> [EnvironmentFile.Organisation] {
      top.sections("organisations", keys: ["id", "admin"]).compactMap { section in
        let id = section.word("id", required: true)
        let admin = section.section("admin", keys: ["username", "password"], required: true).flatMap(login)
        guard let id, let admin else { return nil }
        references.define(id, "organisations", section.place(of: "id"), problems)
        return EnvironmentFile.Organisation(id: id, admin: admin)
      }
    }

    // MARK: Stores

    private func redis() -> EnvironmentFile.Redis? {
      let keys = ["url", "password", "hubDatabase", "cacheDatabase", "driver", "target"]
      guard let section = top.section("redis", keys: keys) else { return nil }
      let url = section.address("url", schemes: ["redis"], required: true)
      if let url, !url.path.isEmpty {
        section.complain("url", "must have no path: the databases are hubDatabase and cacheDatabase")
      }
      // Redis has 16 databases unless it is told otherwise; no server has more than 2^31.
      let hub = section.integer("hubDatabase", in: 0...65_535)
      let cache = section.integer("cacheDatabase", in: 0...65_535)
      let password = section.secret("password")
      let binding = binding(section)
      return url.map {
        EnvironmentFile.Redis(
          url: $0, password: password, hubDatabase: hub ?? 1, cacheDatabase: cache ?? 0, binding: binding)
      }
    }

    private func database() -> EnvironmentFile.Database? {
      guard let section = top.section("database", keys: ["url", "write", "driver", "target"]) else { return nil }
      let url = databaseURL(section)
      let mayWrite = section.flag("write") ?? false
      let binding = binding(section)
      return url.map { EnvironmentFile.Database(url: $0, mayWrite: mayWrite, binding: binding) }
    }

    private func databaseURL(_ section: FileSection) -> Secret? {
      guard let url = section.secret("url", required: true) else { return nil }
      let value = url.value
      guard value.hasPrefix("postgresql://") || value.hasPrefix("postgres://") || value.contains("=") else {
        section.complain(
          "url", "is no address of a PostgreSQL server: \(url) must be like postgresql://user@host:5432/database")
        return nil
      }
      return url
    }

    // MARK: What is common to several

    /// `driver` and `target` of a component.
    func binding(_ section: FileSection) -> EnvironmentFile.Binding? {
      let target = section.text("target")
      guard let driver = section.word("driver") else {
        if target != nil, section.node("driver") == nil { section.complain("target", "needs a driver") }
        return nil
      }
      references.use(driver: driver, "\(section.name("driver"))", section.place(of: "driver"))
      return EnvironmentFile.Binding(driver: driver, target: target)
    }
  }
#endif
