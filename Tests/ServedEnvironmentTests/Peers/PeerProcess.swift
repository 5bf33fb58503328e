import Foundation

/// Why a peer cannot take part on this machine: the test is then cancelled with this text.
struct PeerMissing: Error, CustomStringConvertible {
  let description: String
}

/// A program of somebody else, started by a test and ended by its process id.
final class PeerProcess {
  let process = Process()
  private let folder: URL

  /// Starts `program` with its standard error in a file and its standard output thrown away, or in `output`.
  init(
    _ program: String, _ arguments: [String], environment: [String: String] = [:], output: Pipe? = nil
  ) throws {
    folder = try Self.temporaryFolder()
    process.executableURL = URL(fileURLWithPath: try Self.path(of: program))
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    if let output { process.standardOutput = output } else { process.standardOutput = FileHandle.nullDevice }
    let log = folder.appendingPathComponent("log")
    _ = FileManager.default.createFile(atPath: log.path, contents: nil)
    process.standardError = try FileHandle(forWritingTo: log)
    try process.run()
  }

  var log: String {
    (try? String(contentsOf: folder.appendingPathComponent("log"), encoding: .utf8)) ?? ""
  }

  /// SIGTERM, SIGKILL after 5 s.
  func stop() {
    process.terminate()
    for _ in 0..<100 where process.isRunning { usleep(50_000) }
    if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    process.waitUntilExit()
    try? FileManager.default.removeItem(at: folder)
  }

  deinit { if process.isRunning { stop() } }

  // MARK: Programs

  /// Where `program` is installed.
  static func path(of program: String) throws -> String {
    for folder in ["/usr/bin", "/usr/sbin", "/bin", "/usr/local/bin"] {
      let path = "\(folder)/\(program)"
      if FileManager.default.isExecutableFile(atPath: path) { return path }
    }
    throw PeerMissing(description: "needs \(program)")
  }

  /// Runs a program to its end.
  static func run(
    _ program: String, _ arguments: [String], within seconds: Int = 60
  ) throws -> (status: Int32, output: [UInt8]) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program.hasPrefix("/") ? program : try path(of: program))
    process.arguments = arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    try process.run()
    let end = Thread {
      sleep(UInt32(seconds))
      if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    }
    end.start()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, Array(output))
  }

  static func temporaryFolder() throws -> URL {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("peer-\(getpid())-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    return folder
  }

  /// A loopback port that was free a moment ago.
  static func freePort() throws -> Int {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let status = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        bind(descriptor, pointer, length) == 0 ? getsockname(descriptor, pointer, &length) : -1
      }
    }
    guard status == 0 else { throw PeerMissing(description: "no free port") }
    return Int(UInt16(bigEndian: address.sin_port))
  }
}

/// Asks again until `body` says yes; false when `seconds` passed first.
func eventually(within seconds: Double, _ body: () throws -> Bool) rethrows -> Bool {
  let end = Date(timeIntervalSinceNow: seconds)
  while true {
    if try body() { return true }
    if Date() > end { return false }
    usleep(50_000)
  }
}
