import Foundation

/// What of this machine a live run may need: programs with their releases, and free ports.
package struct MachineCheck: Sendable, Hashable {
  package enum Verdict: String, Sendable, Hashable {
    case fine, note
  }

  package var subject: String
  package var verdict: Verdict
  package var seen: String
  package var advice: String

  /// A program, how it tells its release, and what it is for.
  private struct Tool {
    let name: String
    let arguments: [String]
    let purpose: String
    let package: String
  }

  private static let tools = [
    Tool(name: "swift", arguments: ["--version"], purpose: "building", package: "Swift 6.2 or newer from swift.org"),
    Tool(
      name: "kubectl", arguments: ["version", "--client"], purpose: "Kubernetes cases and kubectl drivers",
      package: "kubectl"),
    Tool(name: "docker", arguments: ["--version"], purpose: "Docker cases and docker drivers", package: "docker.io"),
    Tool(
      name: "psql", arguments: ["--version"], purpose: "looking at the database by hand", package: "postgresql-client"),
    Tool(name: "redis-cli", arguments: ["--version"], purpose: "looking at Redis by hand", package: "redis-tools"),
    Tool(name: "redis-server", arguments: ["--version"], purpose: "a Redis of your own", package: "redis-server"),
    Tool(name: "postgres", arguments: ["--version"], purpose: "a PostgreSQL of your own", package: "postgresql"),
    Tool(name: "kind", arguments: ["version"], purpose: "a cluster of your own", package: "kind from kind.sigs.k8s.io"),
    Tool(
      name: "helm", arguments: ["version", "--short"], purpose: "installing StreamSpace", package: "helm from helm.sh"),
    Tool(name: "curl", arguments: ["--version"], purpose: "asking replicas by hand", package: "curl"),
  ]

  /// Every tool, in a fixed order. What is missing is a note: whether it is needed depends on the environment.
  package static func all(limit: Duration = .seconds(5)) -> [MachineCheck] {
    tools.map { tool in
      guard CommandRun.find(tool.name) != nil || tool.name == "postgres" && debianPostgres() != nil else {
        return MachineCheck(
          subject: tool.name, verdict: .note, seen: "not installed",
          advice: "for \(tool.purpose): install \(tool.package)")
      }
      let words = [CommandRun.find(tool.name) ?? debianPostgres() ?? tool.name] + tool.arguments
      guard let output = try? CommandRun.output(of: words, limit: limit) else {
        return MachineCheck(
          subject: tool.name, verdict: .note, seen: "installed, but it does not tell its release",
          advice: "for \(tool.purpose): try \(([tool.name] + tool.arguments).joined(separator: " "))")
      }
      let line = output.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
      return MachineCheck(subject: tool.name, verdict: .fine, seen: String(line.prefix(100)), advice: "")
    }
  }

  /// Debian keeps the server out of PATH.
  private static func debianPostgres() -> String? {
    let folder = "/usr/lib/postgresql"
    let releases = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return releases.sorted().last.map { "\(folder)/\($0)/bin/postgres" }
      .flatMap { FileManager.default.isExecutableFile(atPath: $0) ? $0 : nil }
  }

  /// Ports of a deployment of one's own on this machine: three replicas, PostgreSQL, Redis.
  package static let usualPorts = [8_000, 8_001, 8_002, 8_003, 5_432, 6_379]

  package static func ports(_ numbers: [Int] = usualPorts) -> [MachineCheck] {
    numbers.map { number in
      isFree(number)
        ? MachineCheck(subject: "port \(number)", verdict: .fine, seen: "free on 127.0.0.1", advice: "")
        : MachineCheck(
          subject: "port \(number)", verdict: .note, seen: "taken on 127.0.0.1",
          advice: "ss -ltnp 'sport = :\(number)' shows by whom; choose another for what you start yourself")
    }
  }

  /// Whether somebody could listen there now.
  package static func isFree(_ port: Int) -> Bool {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    var yes: Int32 = 1
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(truncatingIfNeeded: port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
  }
}
