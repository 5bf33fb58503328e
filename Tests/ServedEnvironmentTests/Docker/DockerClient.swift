#if Live
  import Foundation

  @testable import ServedEnvironment
  @testable import SocketBridges

  /// Docker's own command line, pointed at one engine.
  struct DockerClient {
    struct Result: Equatable {
      var status: Int32
      var output: String
      var errors: String
    }

    let host: String

    static var isThere: Bool { (try? PeerProcess.path(of: "docker")) != nil }

    func callAsFunction(_ arguments: String..., within seconds: Int = 30) throws -> Result {
      try run(arguments, within: seconds)
    }

    func run(_ arguments: [String], within seconds: Int = 30) throws -> Result {
      try finish(start(arguments), within: seconds)
    }

    /// A command under way.
    struct Running {
      let process: Process
      let output: Pipe
      let errors: Pipe
    }

    func start(_ arguments: [String]) throws -> Running {
      try Self.start("docker", arguments, host: host)
    }

    static func start(_ program: String, _ arguments: [String], host: String) throws -> Running {
      let process = Process()
      process.executableURL = URL(fileURLWithPath: try PeerProcess.path(of: program))
      process.arguments = arguments
      process.environment = [
        "DOCKER_HOST": host, "DOCKER_CLI_HINTS": "false", "DOCKER_CONFIG": "/nonexistent", "HOME": "/nonexistent",
        "PATH": "/usr/bin:/bin", "LC_ALL": "C",
      ]
      let running = Running(process: process, output: Pipe(), errors: Pipe())
      process.standardInput = FileHandle.nullDevice
      process.standardOutput = running.output
      process.standardError = running.errors
      try process.run()
      return running
    }

    func finish(_ running: Running, within seconds: Int = 30) throws -> Result {
      let end = Thread {
        for _ in 0..<(seconds * 20) where running.process.isRunning { usleep(50_000) }
        if running.process.isRunning { kill(running.process.processIdentifier, SIGKILL) }
      }
      end.start()
      let output = running.output.fileHandleForReading.readDataToEndOfFile()
      let errors = running.errors.fileHandleForReading.readDataToEndOfFile()
      running.process.waitUntilExit()
      return Result(
        status: running.process.terminationStatus, output: String(decoding: output, as: UTF8.self),
        errors: String(decoding: errors, as: UTF8.self))
    }
  }

  extension ServedDocker {
    /// On a socket with a short path: that of a test's folder may be too long for one.
    static func onSocket(_ configure: (inout Options) -> Void = { _ in }) throws -> ServedDocker {
      var options = try Options()
      options.answerAtOnce()
      configure(&options)
      return try ServedDocker(
        on: .unix(path: "\(shortFolder)/sim-\(getpid())-\(UUID().uuidString.prefix(8)).sock"), options)
    }

    var path: String { String(dockerHost.dropFirst("unix://".count)) }
  }

  /// A folder whose path leaves room for the name of a unix socket (107 bytes in all).
  let shortFolder: String = {
    let usual = FileManager.default.temporaryDirectory.path
    return usual.utf8.count > 60 ? "/tmp" : usual
  }()
#endif
