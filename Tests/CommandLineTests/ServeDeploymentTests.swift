import Foundation
import StreamSpaceProtocol
import Testing

/// `./sim serve`, as a user starts and ends it.
@Suite("Serving a deployment")
struct ServeDeploymentTests {
  private func serve(_ arguments: String...) throws -> CommandLineTool.Running {
    let running = try CommandLineTool.Running(["serve"] + arguments, product: "streamspace-live")
    for _ in 0..<600 where !running.output.hasSuffix("\n") && running.isRunning { usleep(50_000) }
    if !running.isRunning, running.wait().complaints.contains("package trait Live") {
      try Test.cancel("built without the package trait Live")
    }
    return running
  }

  /// Sends a line to a control socket, and reads one.
  private func command(_ path: String, _ line: String) throws -> JSONValue {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let outcome = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    try #require(outcome == 0)
    let text = Array((line + "\n").utf8)
    try #require(write(descriptor, text, text.count) == text.count)
    var answer: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while !answer.contains(UInt8(ascii: "\n")) {
      let count = read(descriptor, &buffer, buffer.count)
      try #require(count > 0)
      answer += buffer[..<count]
    }
    return try JSONParser.parse(Array(answer.dropLast()))
  }

  @Test("it tells where everything is, takes faults, and ends by its control socket without leaving a file")
  func whole() throws {
    let running = try serve("--topology", "TD", "--json")
    let report = try JSONParser.parse(Array(running.output.utf8))
    #expect(report["replicas"]?.members?.members.map(\.key) == ["api-1", "api-2"])
    #expect(report["agents"] == ["docker-d1"])
    #expect(report["environment"]?["DOCKER_HOST"] == report["docker"]?["docker-1"])
    #expect(report["redis"]?.text?.hasPrefix("redis://127.0.0.1:") == true)
    let control = try #require(report["control"]?.text)
    #expect(FileManager.default.fileExists(atPath: control))
    #expect(try command(control, #"{"fault":"redis.down","seconds":1}"#)["ok"] == true)
    #expect(try command(control, #"{"fault":"redis.dwon"}"#)["ok"] == false)
    #expect(try command(control, #"{"stop":true}"#)["ok"] == true)
    let result = running.wait()
    #expect(result.status == 0 && result.complaints.isEmpty, "\(result)")
    #expect(!FileManager.default.fileExists(atPath: URL(fileURLWithPath: control).deletingLastPathComponent().path))
  }

  @Test("with --only the other parts have no socket, and as text it shows what to export")
  func part() throws {
    let running = try serve("--only", "redis", "--topology", "T1")
    // T1 has no Redis.
    #expect(!running.output.contains("redis://") && !running.output.contains("balancer"))
    #expect(running.output.contains("export JWT_SECRET="))
    running.interrupt()
    #expect(running.wait().status == 0)
  }

  @Test(
    "wrong usage is one line that names the flag, with status 2",
    arguments: [
      ("--topology T9", "--topology"), ("--only redis,dns", "--only"), ("--port 70000", "--port"),
      ("--redis-port -1", "--redis-port"), ("--profile contract+Z-99", "Z-99"),
      ("--folder /nowhere/at/all", "--folder"),
      ("api", "--database-url"), ("api --database-url x --port 70000", "--port"),
      ("api --database-url x", "JWT_SECRET"), ("api --database-url x --name a_b", "--name"),
    ])
  func usage(arguments: String, flag: String) throws {
    let result = try CommandLineTool.Running(
      ["serve"] + arguments.split(separator: " ").map(String.init), product: "streamspace-live"
    ).wait()
    if result.complaints.contains("package trait Live") { try Test.cancel("built without the package trait Live") }
    #expect(result.status == 2, "\(result)")
    #expect(result.complaintLines.count == 1 && result.complaints.contains(flag), "\(result)")
    #expect(result.output.isEmpty)
  }

  @Test("a port that is taken is named, with status 3")
  func taken() throws {
    let first = try serve("--topology", "T1", "--json")
    let balancer = try #require(try JSONParser.parse(Array(first.output.utf8))["balancer"]?.text)
    let port = try #require(balancer.split(separator: ":").last)
    let second = try serve("--topology", "T1", "--port", String(port)).wait()
    #expect(second.status == 3 && second.complaintLines.count == 1 && second.complaints.contains(port), "\(second)")
    first.interrupt()
    #expect(first.wait().status == 0)
  }
}
