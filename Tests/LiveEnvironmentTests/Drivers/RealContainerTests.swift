import Foundation
import Testing

@testable import LiveEnvironment

/// The docker driver against a daemon of its own, with a container of one static program.
@Suite("The docker driver on a real daemon", .serialized)
struct RealContainerTests {
  private static let missing: String? = {
    if geteuid() != 0 { return "dockerd needs root" }
    for program in ["dockerd", "docker", "tar"] where CommandRun.find(program) == nil { return "needs \(program)" }
    return FileManager.default.isExecutableFile(atPath: "/bin/busybox") ? nil : "needs busybox-static"
  }()

  /// Ended, with its containers, by its owner.
  private final class Daemon {
    let host: String
    private let scratch: Scratch
    private let process: ChildProcess

    init() throws {
      scratch = try Scratch()
      host = "unix://\(scratch.path("d.sock"))"
      let words = [
        "--data-root", scratch.path("data"), "--exec-root", scratch.path("exec"), "--pidfile", scratch.path("pid"),
        "--host", host, "--iptables=false", "--ip6tables=false", "--ip-forward=false", "--ip-masq=false",
        "--bridge=none", "--storage-driver=vfs",
      ]
      let program = try #require(CommandRun.find("dockerd"))
      process = try #require(
        ChildProcess(
          program, arguments: words,
          variables: ["PATH": "/usr/local/bin:/usr/bin:/usr/sbin:/bin:/sbin"], output: nil, complaint: nil))
    }

    func docker(_ words: String...) throws -> String {
      try CommandRun.output(of: ["docker", "--host", host] + words, limit: .seconds(30))
    }

    /// Whether it answers, after at most 20 s.
    var isUp: Bool {
      for _ in 0..<100 {
        if process.status != nil { return false }
        if (try? docker("version", "--format", "{{.Server.Version}}")) != nil { return true }
        usleep(200_000)
      }
      return false
    }

    func makeContainer(_ name: String) throws {
      let root = scratch.url.appendingPathComponent("root/bin")
      try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
      try FileManager.default.copyItem(atPath: "/bin/busybox", toPath: root.appendingPathComponent("sh").path)
      _ = try CommandRun.output(
        of: ["tar", "--create", "--file", scratch.path("root.tar"), "--directory", scratch.path("root"), "bin"])
      _ = try docker("import", scratch.path("root.tar"), "one:1")
      // The shell runs in a loop, and ends at SIGTERM.
      _ = try docker(
        "create", "--name", name, "--network", "none", "--label", "ssim-run=1a2b3c4d", "one:1", "/bin/sh", "-c",
        "trap 'exit 0' TERM; while :; do read -t 1 x < /dev/zero; done")
    }

    deinit {
      if let all = try? docker("ps", "--all", "--quiet") {
        for name in all.split(separator: "\n").map(String.init) { _ = try? docker("rm", "--force", name) }
      }
      kill(process.pid, SIGTERM)
      if process.wait(.seconds(20)) == nil { process.killGroup() }
    }
  }

  @Test("start, pause, resume, kill, stop are seen in the container's state; clean-up finds it by its label")
  func verbs() async throws {
    if let missing = Self.missing { try Test.cancel("\(missing)") }
    let daemon = try Daemon()
    guard daemon.isUp else { try Test.cancel("dockerd does not start here") }
    do { try daemon.makeContainer("cache") } catch { try Test.cancel("no container can be made here: \(error)") }
    let driver = ContainerDriver(
      component: "redis", target: "cache",
      driver: .init(
        name: "d", kind: .docker, start: nil, stop: nil,
        environment: [.init(name: "DOCKER_HOST", value: .text(daemon.host))], readyURL: nil, pidFile: nil),
      host: nil, isReady: { _ in true })
    #expect(try driver.state() == .stopped)
    #expect(driver.offer.verbs == DriverVerb.allCases)
    do { try driver.perform(.start) } catch { try Test.cancel("no container can be started here: \(error)") }
    #expect(try driver.state() == .running)
    try driver.perform(.pause)
    #expect(try driver.state() == .paused)
    try driver.perform(.resume)
    try driver.perform(.kill)
    #expect(try driver.state() == .stopped)
    #expect(try daemon.docker("inspect", "--format", "{{.State.ExitCode}}", "cache") == "137\n")
    try driver.perform(.start)
    try driver.perform(.stop)
    #expect(try daemon.docker("inspect", "--format", "{{.State.ExitCode}}", "cache") == "0\n")
    #if Live
      let file = try EnvironmentFile.parse(
        Data(
          """
          version: 1
          name: x
          mode: hybrid
          hybrid: {simulated: [controlPlane]}
          docker: [{host: "\(daemon.host)", agentId: docker-1}]
          """.utf8), file: "f")
      let report = await EnvironmentProbe(file).run()
      #expect(report.seen.daemons["docker-1"] != nil)
      let other = await RunCleaner(file, RunLabel("ffffffff")!).run()
      #expect(other.removals.isEmpty)
      let outcome = await RunCleaner(file, RunLabel("1a2b3c4d")!).run()
      #expect(outcome.exitStatus == 0, "\(outcome)")
      #expect(outcome.removals.map(\.what) == ["container"])
    #endif
    #expect(throws: DriverError.self) { _ = try driver.state() }
  }
}
