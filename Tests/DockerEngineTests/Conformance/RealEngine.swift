import Foundation
import StreamSpaceProtocol
import Testing

/// A real `dockerd` with data, sockets and pid file in a temporary folder, ended by its process id.
final class RealEngine: DockerArm {
  struct Unavailable: Error, CustomStringConvertible {
    let description: String
  }

  /// What the daemon is started with, beside its folders: it touches no firewall rules and no routes of the machine.
  static let options = [
    "--iptables=false", "--ip-forward=false", "--ip-masq=false", "--bridge=none",
  ]
  static let program = "/usr/sbin/dockerd"
  static let busybox = "/bin/busybox"
  /// The release the suite speaks of: Debian 12's.
  static let release = "20.10."

  /// The command line but for the folders, as the recording names it.
  var commandLine: String {
    (["dockerd"] + Self.options + ["--storage-driver=\(storageDriver)"]).joined(separator: " ")
  }

  let version: String
  let storageDriver: String
  private let folder: URL
  private let client: UnixSocketClient
  private var process: Process
  private var stream: Int32?
  private var streamed: [UInt8] = []
  /// How many times 0.4 s without an event end the reading of the stream.
  var patience: Int32 = 1

  init() throws {
    let manager = FileManager.default
    guard let program = [Self.program, "/usr/bin/dockerd"].first(where: manager.isExecutableFile(atPath:)) else {
      throw Unavailable(description: "needs dockerd (Debian package docker.io)")
    }
    guard manager.isExecutableFile(atPath: Self.busybox) else {
      throw Unavailable(description: "needs \(Self.busybox) (Debian package busybox-static)")
    }
    guard geteuid() == 0 else { throw Unavailable(description: "dockerd needs root") }
    version = try Self.output(program, ["--version"])
    guard version.contains("version \(Self.release)") else {
      throw Unavailable(description: "the recorded answers are those of \(Self.release)*, here is \(version)")
    }
    folder = manager.temporaryDirectory.appendingPathComponent("docker-conformance-\(getpid())-\(UUID().uuidString)")
    try manager.createDirectory(at: folder, withIntermediateDirectories: true)
    client = UnixSocketClient(path: folder.appendingPathComponent("docker.sock").path)
    var started: (driver: String, process: Process)?
    for driver in ["overlay2", "vfs"] where started == nil {
      let process = try Self.launch(program, driver, folder)
      if Self.isUp(process, client) { started = (driver, process) } else { Self.stop(process, folder) }
    }
    guard let started else {
      let log = (try? String(contentsOf: folder.appendingPathComponent("log"), encoding: .utf8)) ?? ""
      try? manager.removeItem(at: folder)
      let last = log.split(separator: "\n").last { $0.contains("failed") || $0.contains("error") } ?? ""
      throw Unavailable(description: "dockerd does not start here: \(last)")
    }
    storageDriver = started.driver
    process = started.process
    try importImage()
  }

  deinit {
    if let stream { close(stream) }
    _ = try? client.exchange(HTTPRequest(.post, target: "/swarm/leave?force=1"))
    for name in ["docker_gwbridge"] { _ = try? client.exchange(HTTPRequest(.delete, "/networks/\(name)")) }
    Self.stop(process, folder)
    try? FileManager.default.removeItem(at: folder)
  }

  // MARK: The daemon

  private static func launch(_ program: String, _ driver: String, _ folder: URL) throws -> Process {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments =
      options + [
        "--storage-driver=\(driver)", "--data-root", folder.appendingPathComponent("data-\(driver)").path,
        "--exec-root", folder.appendingPathComponent("exec").path, "--host",
        "unix://\(folder.appendingPathComponent("docker.sock").path)", "--pidfile",
        folder.appendingPathComponent("pid").path,
      ]
    let log = folder.appendingPathComponent("log").path
    _ = FileManager.default.createFile(atPath: log, contents: nil)
    let output = FileHandle(forWritingAtPath: log) ?? .nullDevice
    process.standardOutput = output
    process.standardError = output
    try process.run()
    return process
  }

  /// Waits until the daemon answers; false when it ends or takes too long.
  private static func isUp(_ process: Process, _ client: UnixSocketClient) -> Bool {
    for _ in 0..<1_200 {
      if let answer = try? client.exchange(HTTPRequest(.get, "/_ping")), answer.status == .ok { return true }
      if !process.isRunning { return false }
      usleep(50_000)
    }
    return false
  }

  /// SIGTERM, which also ends its containers and its containerd; SIGKILL to both when it takes too long.
  private static func stop(_ process: Process, _ folder: URL) {
    guard process.isRunning else { return }
    process.terminate()
    for _ in 0..<300 where process.isRunning { usleep(50_000) }
    guard process.isRunning else { return }
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    let file = folder.appendingPathComponent("exec/containerd/containerd.pid")
    if let text = try? String(contentsOf: file, encoding: .utf8), let pid = Int32(text.filter(\.isNumber)) {
      kill(pid, SIGKILL)
    }
  }

  private static func output(_ program: String, _ arguments: [String]) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
  }

  /// Makes an image of busybox and a few links to it.
  private func importImage() throws {
    let manager = FileManager.default
    let root = folder.appendingPathComponent("root/bin")
    try manager.createDirectory(at: root, withIntermediateDirectories: true)
    try manager.copyItem(atPath: Self.busybox, toPath: root.appendingPathComponent("busybox").path)
    for name in ["sh", "sleep", "tail"] {
      try manager.createSymbolicLink(
        atPath: root.appendingPathComponent(name).path, withDestinationPath: "busybox")
    }
    let archive = folder.appendingPathComponent("root.tar")
    _ = try Self.output("/bin/tar", ["-C", folder.appendingPathComponent("root").path, "-cf", archive.path, "."])
    let answer = try client.exchange(
      HTTPRequest(
        .post, target: "/images/create?fromSrc=-&repo=tiny&tag=1",
        headers: [HTTPHeaderName.contentType: "application/x-tar"],
        body: .bytes(Array(try Data(contentsOf: archive)))))
    guard answer.status == .ok else { throw Unavailable(description: "the image could not be imported") }
  }

  // MARK: The arm

  func exchange(_ request: HTTPRequest) throws -> HTTPResponse { try client.exchange(request) }

  func beginEvents() throws {
    if let stream { close(stream) }
    let descriptor = try client.open()
    try client.write(HTTPRequest(.get, "/v1.41/events"), to: descriptor)
    let milliseconds = 400 * Int(patience)
    var timeout = timeval(tv_sec: milliseconds / 1_000, tv_usec: milliseconds % 1_000 * 1_000)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
    stream = descriptor
    streamed = []
    // The daemon has subscribed when it has sent the head.
    while !streamed.contains(10), let more = try client.read(descriptor) { streamed += more }
  }

  func takeEvents() throws -> [JSONValue] {
    guard let stream else { return [] }
    while let more = try client.read(stream) { streamed += more }
    guard let end = streamed.indices.first(where: { streamed[$0...].starts(with: [13, 10, 13, 10]) }) else { return [] }
    let body = UnixSocketClient.unchunked(Array(streamed[(end + 4)...])).body
    return try body.split(separator: 10).map { try JSONParser.parse(Array($0)) }
  }

  func advance(milliseconds: Int64) throws { usleep(UInt32(milliseconds * 1_000)) }

  func beginSwarm() throws {
    let body: JSONValue = ["ListenAddr": "127.0.0.1:2377", "AdvertiseAddr": "127.0.0.1"]
    let answer = try client.exchange(
      HTTPRequest(
        .post, "/v1.41/swarm/init", headers: [HTTPHeaderName.contentType: "application/json"], body: .typed(body)))
    guard answer.status == .ok else {
      throw Unavailable(description: "no swarm: \(String(decoding: answer.body.bytes, as: UTF8.self))")
    }
  }

  func endSwarm() throws {
    _ = try client.exchange(HTTPRequest(.post, target: "/v1.41/swarm/leave?force=1"))
    _ = try client.exchange(HTTPRequest(.delete, "/v1.41/networks/docker_gwbridge"))
  }

  func restartDaemon() throws {
    if let stream { close(stream) }
    stream = nil
    Self.stop(process, folder)
    process = try Self.launch(Self.program, storageDriver, folder)
    guard Self.isUp(process, client) else { throw Unavailable(description: "dockerd did not come back") }
    usleep(2_000_000)
  }
}
