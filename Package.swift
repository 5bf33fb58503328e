// swift-tools-version: 6.2
import PackageDescription

/// Warnings are errors in CI; elsewhere a newer compiler's new warning must not stop a user's build.
let strict: [SwiftSetting] =
  [.swiftLanguageMode(.v6)] + (Context.environment["CI"] == nil ? [] : [.treatAllWarnings(as: .error)])

/// A library of the harness itself.
func library(_ name: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = []) -> Target {
  .target(name: name, dependencies: dependencies, exclude: exclude, swiftSettings: strict)
}

/// A simulator: it may know the runtime and the protocol, never another simulator.
func simulator(_ name: String, _ more: [Target.Dependency] = []) -> Target {
  .target(
    name: name, dependencies: ["SimulationRuntime", "StreamSpaceProtocol"] + more, path: "Simulators/\(name)",
    swiftSettings: strict)
}

/// A product of SwiftNIO, for real sockets only.
func nio(_ name: String) -> Target.Dependency {
  .product(name: name, package: "swift-nio", condition: .when(traits: ["Live"]))
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .testTarget(name: name, dependencies: dependencies, swiftSettings: strict)
}

/// Recordings that only tests read, from the folder.
let unusedFixtures =
  [
    "01-login-templates", "02-agent-register-approve", "03-session-lifecycle-one-replica",
    "03m-session-lifecycle-migrated-schema", "04-cross-pod-routing", "05-vnc-proxy", "05b-vnc-error-crash",
    "05c-vnc-relay-leak", "05d-vnc-buffer-without-viewer", "07-stale-and-ping", "09-replica-restart-redispatch",
    "10-limits-and-oddities", "11-real-docker-agent-fake-api", "12-real-k8s-agent-fake-api",
    "13-real-agents-real-api", "docker-engine",
  ].map { "recordings/\($0).json" } + ["environments", "peers/vnc_picture.c", "regressions"]

let package = Package(
  name: "streamspace-simulation",
  products: [
    .library(name: "SimulationRuntime", targets: ["SimulationRuntime"]),
    .executable(name: "streamspace-sim", targets: ["streamspace-sim"]),
  ],
  traits: [
    .trait(
      name: "Live",
      description:
        "Real sockets and environment files: `serve`, `live`, `doctor`. Off by default: then neither SwiftNIO "
        + "nor Yams is fetched.")
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
    .systemLibrary(name: "CPostgres", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CMemory"),
    .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),

    library("SimulationRuntime", exclude: ["API.md"]),
    library("StreamSpaceProtocol", ["CCrypto"]),
    library("AgentStreaming", ["SimulationRuntime", "StreamSpaceProtocol"]),
    library("SchemaMigrations", ["StreamSpaceProtocol", "Fixtures"]),
    library("DatabaseContents", ["StreamSpaceProtocol", "SchemaMigrations"]),
    library("PostgreSQL", ["StreamSpaceProtocol", "TestEnvironment", "SchemaMigrations", "CPostgres"]),
    library("RemoteFramebuffer", ["CZlib", "CCrypto"]),
    .target(
      name: "Fixtures", path: "fixtures", exclude: unusedFixtures,
      sources: ["Fixtures.swift", "Fixtures+Schema.swift"],
      resources: [
        .embedInCode("peers/vnc_encode.c"),
        .embedInCode("templates.json"), .embedInCode("users.json"), .embedInCode("organisations.json"),
        .embedInCode("images.json"), .embedInCode("recordings/20-postgres-schema.json"),
        .embedInCode("schema/000_base.sql"),
        .embedInCode("schema/001_session_tags.down.sql"),
        .embedInCode("schema/001_session_tags.up.sql"),
        .embedInCode("schema/002_session_agents.down.sql"),
        .embedInCode("schema/002_session_agents.up.sql"),
        .embedInCode("schema/003_agent_clusters.down.sql"),
        .embedInCode("schema/003_agent_clusters.up.sql"),
        .embedInCode("schema/004_command_update_times.down.sql"),
        .embedInCode("schema/004_command_update_times.up.sql"),
        .embedInCode("schema/005_agent_keys.down.sql"),
        .embedInCode("schema/005_agent_keys.up.sql"),
        .embedInCode("schema/006_organizations.down.sql"),
        .embedInCode("schema/006_organizations.up.sql"),
        .embedInCode("schema/007_session_ends.down.sql"),
        .embedInCode("schema/007_session_ends.up.sql"),
        .embedInCode("schema/008_streaming_protocol.down.sql"),
        .embedInCode("schema/008_streaming_protocol.up.sql"),
        .embedInCode("schema/009_claims_and_connections.down.sql"),
        .embedInCode("schema/009_claims_and_connections.up.sql"),
        .embedInCode("schema/010_zoned_times.down.sql"),
        .embedInCode("schema/010_zoned_times.up.sql"),
        .embedInCode("schema/manifest.json"), .embedInCode("schema/differences.json"),
        .embedInCode("schema/shipped/startup.sql"),
        .embedInCode("schema/shipped/002_shipped.up.sql"), .embedInCode("schema/shipped/002_shipped.down.sql"),
        .embedInCode("schema/shipped/004_shipped.up.sql"),
      ], swiftSettings: strict),

    simulator("Redis"),
    simulator("Database", ["CSQLite", "SchemaMigrations"]),
    simulator("Kubernetes"),
    simulator("KubernetesAgent", ["AgentStreaming"]),
    simulator("HostFiles"),
    simulator("DockerEngine"),
    simulator("DockerAgent", ["AgentStreaming"]),
    simulator("VNCServer", ["RemoteFramebuffer"]),
    simulator(
      "ControlPlane", ["SchemaMigrations", .product(name: "OrderedCollections", package: "swift-collections")]),

    library("TestEnvironment", ["StreamSpaceProtocol", "SchemaMigrations"]),
    library("Oracles", ["TestEnvironment"]),
    library(
      "LoadModel", ["TestEnvironment", .product(name: "Histogram", package: "hdrhistogram-swift")]),
    library("Chaos", ["TestEnvironment", "Oracles", "StreamSpaceProtocol"]),
    library(
      "Scenarios",
      [
        "TestEnvironment", "Oracles", "Chaos", "LoadModel", "SchemaMigrations", "DatabaseContents",
        "StreamSpaceProtocol", "Fixtures",
      ]),
    library(
      "SimulatedEnvironment",
      [
        "SimulationRuntime", "StreamSpaceProtocol", "TestEnvironment", "Oracles", "Fixtures", "Redis", "Database",
        "Kubernetes", "KubernetesAgent", "HostFiles", "DockerEngine", "DockerAgent", "ControlPlane", "VNCServer",
        "RemoteFramebuffer", "SchemaMigrations", "DatabaseContents", "Chaos",
      ]),
    library("Reporting", ["TestEnvironment", "Oracles", "Chaos", "StreamSpaceProtocol"]),
    .executableTarget(
      name: "streamspace-sim",
      dependencies: [
        "SimulationRuntime", "SimulatedEnvironment", "Scenarios", "Chaos", "Oracles", "Reporting", "TestEnvironment",
        "StreamSpaceProtocol", "RemoteFramebuffer", "Fixtures", "CMemory", "PostgreSQL",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ], swiftSettings: strict),

    library(
      "SocketBridges",
      [
        "SimulationRuntime", "StreamSpaceProtocol", "PostgreSQL", nio("NIOCore"), nio("NIOPosix"), nio("NIOHTTP1"),
        nio("NIOWebSocket"),
      ]),
    library(
      "ServedEnvironment",
      [
        "SocketBridges", "SimulatedEnvironment", "SimulationRuntime", "StreamSpaceProtocol", "TestEnvironment", "Redis",
        "Database", "Kubernetes", "KubernetesAgent", "AgentStreaming", "HostFiles", "DockerEngine", "DockerAgent",
        "ControlPlane", "VNCServer", "RemoteFramebuffer", "SchemaMigrations", "PostgreSQL", "Fixtures",
      ]),
    library(
      "LiveEnvironment",
      [
        "SocketBridges", "ServedEnvironment", "SimulatedEnvironment", "SimulationRuntime", "TestEnvironment", "Oracles",
        "Scenarios", "Reporting", "StreamSpaceProtocol", "RemoteFramebuffer", "PostgreSQL", "SchemaMigrations",
        "Fixtures", nio("NIOCore"), nio("NIOPosix"),
        .product(name: "Yams", package: "Yams", condition: .when(traits: ["Live"])),
      ]),
    .executableTarget(
      name: "streamspace-live",
      dependencies: [
        "SocketBridges", "ServedEnvironment", "LiveEnvironment", "SimulatedEnvironment", "SimulationRuntime",
        "StreamSpaceProtocol", "TestEnvironment", "Oracles", "Scenarios", "Reporting", "VNCServer", "RemoteFramebuffer",
        "Fixtures",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ], swiftSettings: strict),

    .target(name: "SocketTestSupport", path: "Tests/SocketTestSupport", swiftSettings: strict),
    tests(
      "SocketBridgesTests",
      [
        "SocketTestSupport",
        "SocketBridges", "SimulationRuntime", "StreamSpaceProtocol", "Redis", "Database", "PostgreSQL",
        "DatabaseTestSupport", nio("NIOCore"), nio("NIOPosix"), nio("NIOHTTP1"), nio("NIOWebSocket"),
      ]),
    tests(
      "ServedEnvironmentTests",
      [
        "SocketTestSupport",
        "ServedEnvironment", "SocketBridges", "SimulatedEnvironment", "SimulationRuntime", "StreamSpaceProtocol",
        "TestEnvironment", "Redis", "Kubernetes", "DockerEngine", "VNCServer", "RemoteFramebuffer",
        "DatabaseTestSupport", "PostgreSQL",
      ]),
    tests(
      "LiveEnvironmentTests",
      [
        "LiveEnvironment", "ServedEnvironment", "SocketBridges", "SimulatedEnvironment", "SimulationRuntime",
        "StreamSpaceProtocol", "TestEnvironment", "Oracles", "Scenarios", "PostgreSQL", "DatabaseTestSupport",
        // So that it is built: the tests start it as a process.
        "streamspace-live",
        .product(name: "Yams", package: "Yams", condition: .when(traits: ["Live"])),
      ]),
    tests("SimulationRuntimeTests", ["SimulationRuntime"]),
    tests("StreamSpaceProtocolTests", ["StreamSpaceProtocol", "Fixtures"]),
    tests("RemoteFramebufferTests", ["RemoteFramebuffer"]),
    tests("AgentStreamingTests", ["AgentStreaming", "SimulationRuntime", "StreamSpaceProtocol"]),
    tests("VNCServerTests", ["VNCServer", "RemoteFramebuffer", "SimulationRuntime", "StreamSpaceProtocol"]),
    tests("RedisTests", ["Redis", "SimulationRuntime", "StreamSpaceProtocol"]),
    tests(
      "DatabaseTests",
      [
        "DatabaseTestSupport", "Database", "SimulationRuntime", "StreamSpaceProtocol", "SchemaMigrations",
        "PostgreSQL", "TestEnvironment",
      ]),
    tests(
      "SchemaMigrationsTests",
      [
        "DatabaseTestSupport", "SchemaMigrations", "StreamSpaceProtocol", "Database", "PostgreSQL", "TestEnvironment",
      ]),
    tests(
      "DatabaseContentsTests",
      ["DatabaseTestSupport", "DatabaseContents", "SchemaMigrations", "StreamSpaceProtocol", "Database"]),
    .target(
      name: "DatabaseTestSupport",
      dependencies: ["Database", "PostgreSQL", "SchemaMigrations", "StreamSpaceProtocol", "TestEnvironment"],
      path: "Tests/DatabaseTestSupport", swiftSettings: strict),
    tests(
      "PostgreSQLTests",
      [
        "DatabaseTestSupport", "PostgreSQL", "Database", "SchemaMigrations", "StreamSpaceProtocol", "TestEnvironment",
      ]),
    tests("KubernetesTests", ["Kubernetes", "SimulationRuntime", "StreamSpaceProtocol"]),
    .target(
      name: "AgentTestSupport", dependencies: ["SimulationRuntime", "StreamSpaceProtocol"],
      path: "Tests/AgentTestSupport", swiftSettings: strict),
    tests(
      "KubernetesAgentTests",
      [
        "AgentTestSupport", "KubernetesAgent", "AgentStreaming", "Kubernetes", "SimulationRuntime",
        "StreamSpaceProtocol",
      ]),
    tests("HostFilesTests", ["HostFiles", "SimulationRuntime", "StreamSpaceProtocol"]),
    tests("DockerEngineTests", ["DockerEngine", "SimulationRuntime", "StreamSpaceProtocol"]),
    tests(
      "DockerAgentTests",
      [
        "AgentTestSupport", "DockerAgent", "AgentStreaming", "DockerEngine", "HostFiles", "Redis", "SimulationRuntime",
        "StreamSpaceProtocol",
      ]),
    tests(
      "ControlPlaneTests",
      [
        "ControlPlane", "Redis", "Database", "DatabaseContents", "DatabaseTestSupport", "SchemaMigrations",
        "SimulationRuntime", "StreamSpaceProtocol",
      ]),
    tests("OraclesTests", ["Oracles", "TestEnvironment"]),
    tests("ChaosTests", ["Chaos", "Oracles", "TestEnvironment", "StreamSpaceProtocol"]),
    tests("LoadModelTests", ["LoadModel", "TestEnvironment"]),
    tests(
      "SimulatedEnvironmentTests",
      [
        "SimulatedEnvironment", "SimulationRuntime", "StreamSpaceProtocol", "TestEnvironment", "Oracles", "Scenarios",
        "Chaos", "LoadModel", "ControlPlane", "Database", "Kubernetes", "VNCServer",
      ]),
    tests("ReportingTests", ["Reporting", "Chaos", "TestEnvironment", "Oracles", "StreamSpaceProtocol"]),
    tests(
      "IntegrationTests",
      ["SimulatedEnvironment", "SimulationRuntime", "Scenarios", "Chaos", "Oracles", "TestEnvironment", "Reporting"]),
    // The executable is a dependency so that it is built; the tests start it as a process.
    tests("CommandLineTests", ["streamspace-sim", "StreamSpaceProtocol", "DatabaseTestSupport", "PostgreSQL"]),
    tests("RepositoryTests", []),
  ]
)
