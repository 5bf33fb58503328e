import Foundation
import Testing

/// Who may import what (DESIGN §2).
struct DependencyRule {
  let target: String
  let folder: String
  /// Targets of the project.
  let project: [String]
  /// Modules of the system and of other packages.
  let outside: [String]
}

enum Dependencies {
  private static func simulator(_ name: String, _ more: [String] = [], _ outside: [String] = []) -> DependencyRule {
    DependencyRule(
      target: name, folder: "Simulators/\(name)", project: ["SimulationRuntime", "StreamSpaceProtocol"] + more,
      outside: outside)
  }

  static let rules: [DependencyRule] = [
    .init(
      target: "SimulationRuntime", folder: "Sources/SimulationRuntime", project: [],
      outside: ["Glibc", "Musl", "Darwin"]),
    .init(
      target: "StreamSpaceProtocol", folder: "Sources/StreamSpaceProtocol", project: ["CCrypto"],
      outside: ["Foundation", "Synchronization"]),
    simulator("Redis"),
    simulator("Database", ["CSQLite", "SchemaMigrations"], ["Synchronization"]),
    simulator("Kubernetes"),
    simulator("KubernetesAgent", ["AgentStreaming"]),
    simulator("ControlPlane", ["SchemaMigrations"], ["OrderedCollections", "Collections", "DequeModule"]),
    simulator("HostFiles"),
    simulator("DockerEngine"),
    simulator("DockerAgent", ["AgentStreaming"]),
    .init(
      target: "AgentStreaming", folder: "Sources/AgentStreaming",
      project: ["SimulationRuntime", "StreamSpaceProtocol"],
      outside: []),
    .init(
      target: "RemoteFramebuffer", folder: "Sources/RemoteFramebuffer", project: ["CZlib", "CCrypto"], outside: []),
    simulator("VNCServer", ["RemoteFramebuffer"]),
    .init(
      target: "TestEnvironment", folder: "Sources/TestEnvironment",
      project: ["StreamSpaceProtocol", "SchemaMigrations"],
      outside: ["Synchronization"]),
    .init(target: "Oracles", folder: "Sources/Oracles", project: ["TestEnvironment"], outside: ["OrderedCollections"]),
    .init(
      target: "SchemaMigrations", folder: "Sources/SchemaMigrations", project: ["StreamSpaceProtocol", "Fixtures"],
      outside: ["Foundation", "Synchronization"]),
    .init(
      target: "DatabaseContents", folder: "Sources/DatabaseContents",
      project: ["StreamSpaceProtocol", "SchemaMigrations"], outside: []),
    .init(
      target: "PostgreSQL", folder: "Sources/PostgreSQL",
      project: ["StreamSpaceProtocol", "TestEnvironment", "SchemaMigrations", "CPostgres"],
      outside: ["Foundation", "Dispatch", "Synchronization", "Glibc"]),
    .init(
      target: "Scenarios", folder: "Sources/Scenarios",
      project: [
        "TestEnvironment", "Oracles", "Chaos", "LoadModel", "SchemaMigrations", "DatabaseContents",
        "StreamSpaceProtocol", "Fixtures",
      ], outside: ["Synchronization"]),
    .init(
      target: "Chaos", folder: "Sources/Chaos", project: ["TestEnvironment", "Oracles", "StreamSpaceProtocol"],
      outside: ["OrderedCollections", "Synchronization"]),
    .init(target: "LoadModel", folder: "Sources/LoadModel", project: ["TestEnvironment"], outside: ["Histogram"]),
    .init(
      target: "Reporting", folder: "Sources/Reporting",
      project: ["TestEnvironment", "Oracles", "Chaos", "StreamSpaceProtocol"], outside: []),
    .init(
      target: "SocketBridges", folder: "Sources/SocketBridges",
      project: ["SimulationRuntime", "StreamSpaceProtocol", "PostgreSQL"],
      outside: [
        "Foundation", "Dispatch", "Glibc", "Synchronization", "NIOCore", "NIOPosix", "NIOHTTP1", "NIOWebSocket",
      ]),
    .init(target: "Fixtures", folder: "fixtures", project: [], outside: []),
  ]

  static let systemLibraries = ["CSQLite", "CCrypto", "CZlib", "CPostgres"]

  private static let statement = pattern(
    #"^\s*(?:@\w+(?:\([^)]*\))?\s+)*(?:(?:public|package|internal|private|fileprivate)\s+)?import\s+(?:(?:struct|class|enum|protocol|func|var|let|typealias)\s+)?(\w+)"#
  )

  /// Modules that `file` imports, in order.
  static func imports(of file: SourceFile) -> [String] {
    let whole = file.code as NSString
    return statement.matches(in: file.code, range: NSRange(location: 0, length: whole.length)).map {
      whole.substring(with: $0.range(at: 1))
    }
  }

  /// What `file` of the target of `rule` imports without leave.
  static func violations(of rule: DependencyRule, in file: SourceFile) -> [String] {
    imports(of: file).filter { !rule.project.contains($0) && !rule.outside.contains($0) && $0 != rule.target }
      .map { "\(file.path): \(rule.target) must not import \($0)" }
  }

  /// Targets that the manifest makes `target` depend on; nil if it has no such target.
  static func declared(for target: String, in manifest: String) -> [String]? {
    let whole = manifest as NSString
    let start = pattern(#"(?:library|simulator)\(\s*"\#(target)"|\.target\(\s*name: "\#(target)""#)
    guard let match = start.firstMatch(in: manifest, range: NSRange(location: 0, length: whole.length)) else {
      return nil
    }
    var depth = 0
    var text = ""
    for character in whole.substring(from: match.range.location) {
      text.append(character)
      if character == "(" { depth += 1 }
      if character == ")" {
        depth -= 1
        if depth == 0 { break }
      }
    }
    let bare = text.replacing(/\.product\([^)]*\)|nio\("\w+"\)/, with: "")
      .replacing(/(?:exclude|sources|resources): \[[^\]]*\]|path: "[^"]*"/, with: "")
    return bare.matches(of: /"(\w+)"/).map { String($0.1) }.filter { $0 != target }
  }
}

@Suite("Dependencies")
struct DependencyTests {
  private let manifest = Repository.text(of: "Package.swift") ?? ""

  @Test("a target imports only what it may", arguments: Dependencies.rules.map(\.target))
  func imports(target: String) throws {
    let rule = try #require(Dependencies.rules.first { $0.target == target })
    let files = Repository.code(in: [rule.folder])
    #expect(files.flatMap { Dependencies.violations(of: rule, in: $0) } == [])
    // Targets that are still to come have no folder and no place in the manifest.
    #expect(files.isEmpty == (Dependencies.declared(for: target, in: manifest) == nil))
  }

  @Test("the manifest gives a target no more than that", arguments: Dependencies.rules.map(\.target))
  func manifest(target: String) throws {
    let rule = try #require(Dependencies.rules.first { $0.target == target })
    let declared = Dependencies.declared(for: target, in: manifest) ?? []
    #expect(declared.filter { !rule.project.contains($0) } == [])
  }

  @Test("every folder with sources has a rule, or is an adapter or an executable")
  func complete() {
    let free = [
      "SimulatedEnvironment", "ServedEnvironment", "LiveEnvironment", "Chaos", "streamspace-sim", "streamspace-live",
    ]
    let folders = Set(
      Repository.code(in: ["Sources", "Simulators"]).map {
        $0.path.split(separator: "/").prefix(2).joined(separator: "/")
      })
    for folder in folders.sorted() {
      let name = String(folder.split(separator: "/")[1])
      #expect(free.contains(name) || Dependencies.rules.contains { $0.folder == folder }, "\(folder) has no rule")
    }
  }

  @Test("nothing that a simulator or a scenario may import is a simulator or an adapter")
  func heart() {
    let simulators = Dependencies.rules.filter { $0.folder.hasPrefix("Simulators/") }.map(\.target)
    for rule in Dependencies.rules {
      #expect(
        rule.project.filter { simulators.contains($0) || $0.hasSuffix("Environment") && $0 != "TestEnvironment" } == [])
    }
  }

  @Test(
    "a forbidden import is found, however it is written",
    arguments: [
      "import Redis", "@testable import Redis", "private import Redis", "  @_implementationOnly import Redis",
      "import struct Redis.Server", "import TestEnvironment; \nimport Redis",
    ])
  func bad(text: String) throws {
    let rule = try #require(Dependencies.rules.first { $0.target == "Scenarios" })
    let violations = Dependencies.violations(of: rule, in: SourceFile(path: "Sources/Scenarios/Bad.swift", text: text))
    #expect(violations == ["Sources/Scenarios/Bad.swift: Scenarios must not import Redis"])
  }

  @Test(
    "what is allowed, or only mentioned, is not",
    arguments: ["import TestEnvironment", "// import Redis", "let important = 1"])
  func good(text: String) throws {
    let rule = try #require(Dependencies.rules.first { $0.target == "Scenarios" })
    #expect(Dependencies.violations(of: rule, in: SourceFile(path: "Good.swift", text: text)) == [])
  }

  @Test("the manifest is read as it is written")
  func reading() {
    let sample = """
      library("A", exclude: ["API.md"]),
      library("B", ["A", .product(name: "X", package: "y")]),
      simulator("C", ["B"]),
      .target(name: "D", path: "d", exclude: ["r"], sources: ["D.swift"], resources: [.embedInCode("t.json")]),
      """
    #expect(Dependencies.declared(for: "A", in: sample) == [])
    #expect(Dependencies.declared(for: "B", in: sample) == ["A"])
    #expect(Dependencies.declared(for: "C", in: sample) == ["B"])
    #expect(Dependencies.declared(for: "E", in: sample) == nil)
  }
}
