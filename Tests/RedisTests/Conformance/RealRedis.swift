import Foundation
import StreamSpaceProtocol
import Testing

/// A real `redis-server` on loopback, in a temporary folder, ended by its process id.
final class RealRedis: RedisArm {
  /// The program, if the machine has it (Debian package `redis-server`).
  static let program: String? = ["/usr/bin/redis-server", "/usr/local/bin/redis-server"].first {
    FileManager.default.isExecutableFile(atPath: $0)
  }

  /// The release of the program, `7.0.15` for example.
  static let release: String? = program.flatMap { path in
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = ["--version"]
    let pipe = Pipe()
    process.standardOutput = pipe
    guard (try? process.run()) != nil else { return nil }
    let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return text.split(separator: " ").first { $0.hasPrefix("v=") }.map { String($0.dropFirst(2)) }
  }

  /// The suite's literal replies are those of 7.0.
  static var isUsable: Bool { release?.hasPrefix("7.0.") ?? false }

  struct Unavailable: Error {
    let reason: String
  }

  private let process = Process()
  private let folder: URL
  private let port: UInt16
  private var clients: [RedisSocket] = []

  init(password: String? = nil) throws {
    guard let program = Self.program else { throw Unavailable(reason: "redis-server is not installed") }
    folder = FileManager.default.temporaryDirectory.appendingPathComponent("redis-conformance-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    port = try RedisSocket.freePort()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments =
      [
        "--port", "\(port)", "--bind", "127.0.0.1", "--dir", folder.path, "--save", "", "--appendonly", "no",
        "--logfile", folder.appendingPathComponent("log").path,
      ] + (password.map { ["--requirepass", $0] } ?? [])
    try process.run()
    for _ in 0..<200 {
      if let socket = try? RedisSocket(port: port) {
        socket.close()
        return
      }
      usleep(10_000)
    }
    throw Unavailable(reason: "redis-server does not answer on port \(port)")
  }

  deinit {
    for client in clients { client.close() }
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    try? FileManager.default.removeItem(at: folder)
  }

  func open() throws -> Int {
    clients.append(try RedisSocket(port: port))
    return clients.count - 1
  }

  func send(_ bytes: [UInt8], on client: Int) throws { try clients[client].write(bytes) }
  func receive(on client: Int) throws -> RESPValue? { try clients[client].receive() }
  func hasEnded(_ client: Int) throws -> Bool { try clients[client].waitForEnd() }
  func advance(milliseconds: Int64) { usleep(UInt32(milliseconds * 1_000)) }
}
