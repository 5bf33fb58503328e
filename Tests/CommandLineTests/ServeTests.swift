import Foundation
import StreamSpaceProtocol
import Testing

/// `./sim serve`, which is a product of its own.
@Suite("Serving on real sockets")
struct ServeTests {
  /// A served replica wants servers of its own: ServedReplicaTests.
  private static let documented = DocumentedCommandTests.documented.filter {
    $0.words.dropFirst().first == "serve" && $0.words.dropFirst(2).first != "api"
  }

  /// Starts it on a free port instead of the given one, and waits until it has said where it listens.
  private func serve(_ arguments: [String]) throws -> CommandLineTool.Running {
    var arguments = arguments
    if let place = arguments.firstIndex(of: "--port"), place + 1 < arguments.count { arguments[place + 1] = "0" }
    let running = try CommandLineTool.Running(arguments, product: "streamspace-live")
    for _ in 0..<400 where running.output.isEmpty && running.isRunning { usleep(50_000) }
    if !running.isRunning {
      let result = running.wait()
      if result.complaints.contains("package trait Live") { try Test.cancel("built without the package trait Live") }
      Issue.record("\(result.complaints)")
    }
    return running
  }

  @Test("a documented command serves until it is interrupted", arguments: documented)
  func documents(_ item: DocumentedCommandTests.Documented) throws {
    let running = try serve(Array(item.words.dropFirst()))
    running.interrupt()
    let result = running.wait()
    #expect(result.status == 0)
    #expect(["127.0.0.1:", "unix://", "\"host\":\"127.0.0.1\""].contains { result.output.contains($0) })
    #expect(result.complaints.isEmpty)
  }

  @Test("with --json it names its port; the screenshot of the end is a PNG of the size asked for")
  func json() throws {
    let scratch = try ScratchFolder()
    let running = try serve([
      "serve", "vnc", "--port", "0", "--size", "64x48", "--json", "--screenshot", scratch.path("end.png"),
    ])
    running.interrupt()
    let result = running.wait()
    let object = try result.json()
    #expect((object["port"]?.integer ?? 0) > 0)
    #expect(object["width"]?.integer == 64)
    let picture = Array(try Data(contentsOf: scratch.url.appendingPathComponent("end.png")))
    #expect(picture.prefix(8) == [0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10])
    #expect(Array(picture[16..<24]) == [0, 0, 0, 64, 0, 0, 0, 48])
  }

  @Test(
    "wrong usage is one line that names the flag, and status 2",
    arguments: [
      ("--port 70000", "--port"), ("--port x", "--port"), ("--size 10", "--size"), ("--size 0x5", "--size"),
      ("--rfb 4", "--rfb"), ("--video 100", "--video"), ("--raw --screenshot a.png", "--screenshot"),
      ("--sead 1", "--sead"),
    ])
  func misuse(arguments: String, named: String) throws {
    let result = try CommandLineTool.Running(
      ["serve", "vnc"] + arguments.split(separator: " ").map(String.init), product: "streamspace-live"
    ).wait()
    #expect(result.status == 2)
    #expect(result.complaintLines.count == 1)
    #expect(result.complaints.contains(named))
  }

  @Test("a port that is taken is named, with status 3")
  func taken() throws {
    let first = try serve(["serve", "vnc", "--port", "0", "--json"])
    let port = try #require(try JSONParser.parse(first.output)["port"]?.integer)
    let second = try CommandLineTool.Running(
      ["serve", "vnc", "--port", "\(port)"], product: "streamspace-live"
    ).wait()
    first.interrupt()
    #expect(first.wait().status == 0)
    #expect(second.status == 3)
    #expect(second.complaintLines.count == 1)
    #expect(second.complaints.contains(":\(port)"))
  }
}
