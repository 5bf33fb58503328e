import Foundation
import StreamSpaceProtocol
import Testing

/// `./sim serve docker`, as a user starts and ends it.
@Suite("Serving the simulated Docker Engine")
struct ServeDockerTests {
  /// Short: a unix socket's path is.
  private static func freshPath() -> String {
    "\(FileManager.default.temporaryDirectory.path)/sim-\(getpid())-\(UUID().uuidString.prefix(8)).sock"
  }

  private func serve(_ arguments: String...) throws -> CommandLineTool.Running {
    let running = try CommandLineTool.Running(["serve", "docker"] + arguments, product: "streamspace-live")
    for _ in 0..<400 where !running.output.hasSuffix("\n") && running.isRunning { usleep(50_000) }
    if !running.isRunning, running.wait().complaints.contains("package trait Live") {
      try Test.cancel("built without the package trait Live")
    }
    return running
  }

  @Test("it prints DOCKER_HOST, its socket is its owner's only, and is removed at the end")
  func socket() throws {
    let path = Self.freshPath()
    let running = try serve("--socket", path)
    #expect(running.output == "DOCKER_HOST=unix://\(path)\n")
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    #expect(attributes[.posixPermissions] as? Int == 0o600)
    #expect(attributes[.type] as? FileAttributeType == .typeSocket)
    running.interrupt()
    let result = running.wait()
    #expect(result.status == 0 && result.complaints.isEmpty, "\(result)")
    #expect(!FileManager.default.fileExists(atPath: path))
  }

  @Test("with --json it names host and version")
  func json() throws {
    let running = try serve("--port", "0", "--swarm", "--json")
    running.signal(SIGTERM)
    let object = try running.wait().json()
    #expect(object["dockerHost"]?.text?.hasPrefix("tcp://127.0.0.1:") == true)
    #expect(object["apiVersion"]?.text == "1.41")
    #expect(object["swarm"]?.flag == true)
  }

  @Test("a socket that is taken, and a file in its place, are named, with status 3, and left alone")
  func taken() throws {
    let path = Self.freshPath()
    let first = try serve("--socket", path)
    let second = try serve("--socket", path).wait()
    #expect(second.status == 3 && second.complaintLines.count == 1, "\(second)")
    #expect(second.complaints.contains("--socket") && second.complaints.contains(path))
    #expect(FileManager.default.fileExists(atPath: path))
    // One that was killed leaves its file: the next one takes the place.
    first.signal(SIGKILL)
    _ = first.wait()
    #expect(FileManager.default.fileExists(atPath: path))
    let third = try serve("--socket", path)
    third.interrupt()
    #expect(third.wait().status == 0)

    let scratch = try ScratchFolder()
    let file = try scratch.write("a.txt", "mine")
    let fourth = try serve("--socket", file).wait()
    #expect(fourth.status == 3 && fourth.complaintLines.count == 1, "\(fourth)")
    #expect(try String(contentsOfFile: file, encoding: .utf8) == "mine")
    let fifth = try serve("--socket", scratch.path("no/such/folder.sock")).wait()
    #expect(fifth.status == 3 && fifth.complaintLines.count == 1, "\(fifth)")
  }

  @Test(
    "wrong usage is one line that names the flag, and status 2",
    arguments: [
      ("--port 70000", "--port"), ("--socket x.sock --port 1", "--socket"), ("--socket", "--socket"),
      ("--socket \(String(repeating: "x", count: 120))", "--socket"), ("--sead 1", "--sead"),
      ("--seed x", "--seed"),
    ])
  func misuse(arguments: String, named: String) throws {
    let result = try CommandLineTool.Running(
      ["serve", "docker"] + arguments.split(separator: " ").map(String.init), product: "streamspace-live"
    ).wait()
    #expect(result.status == 2, "\(result)")
    #expect(result.complaintLines.count == 1)
    #expect(result.complaints.contains(named))
  }

  @Test("the longest path of a unix socket is taken, one byte more is not")
  func longest() throws {
    let folder = FileManager.default.temporaryDirectory.path + "/\(UUID().uuidString.prefix(8))"
    let path = folder + String(repeating: "y", count: 103 - folder.utf8.count)
    let running = try serve("--socket", path)
    running.interrupt()
    #expect(running.wait().status == 0)
    let result = try serve("--socket", path + "z").wait()
    #expect(result.status == 2 && result.complaintLines.count == 1, "\(result)")
  }
}
