import Foundation
import Testing

/// The real arm: shells that use the files of a temporary folder through `flock(1)` of util-linux. Ended by process id.
final class RealFiles: FileArm {
  /// Essential packages of Debian: util-linux, coreutils, dash.
  static var isUsable: Bool {
    ["/usr/bin/flock", "/usr/bin/stat", "/bin/sh"].allSatisfy { FileManager.default.isExecutableFile(atPath: $0) }
  }

  struct Failed: Error, Equatable {
    let command: String
    let answer: String
  }

  /// Reads one command a line and answers one line. Descriptors are those of the shell itself, so their locks are too: a
  /// child that locks one shares the open file description.
  private static let program = """
    while read -r verb slot path other; do
      case "$verb" in
        open) eval "exec $slot<>\\"\\$path\\"" && echo ok ;;
        close) eval "exec $slot>&-" && echo ok ;;
        lock) if flock -n -x "$slot"; then echo yes; else echo no; fi ;;
        unlock) flock -u "$slot" && echo ok ;;
        write) printf %s "$path" > "/proc/self/fd/$slot" && echo ok ;;
        read) cat "/proc/self/fd/$slot"; echo ;;
        inode) stat -L -c %i "/proc/self/fd/$slot" ;;
        lookup) stat -c %i "$path" 2>/dev/null || echo none ;;
        unlink) rm -- "$path" 2>/dev/null && echo ok || echo failed ;;
        rename) mv -T -- "$path" "$other" 2>/dev/null && echo ok || echo failed ;;
      esac
    done
    """

  private final class Shell {
    let process = Process()
    let input = Pipe()
    let output = Pipe()

    init(_ folder: URL) throws {
      process.executableURL = URL(fileURLWithPath: "/bin/sh")
      process.arguments = ["-c", RealFiles.program]
      process.currentDirectoryURL = folder
      process.standardInput = input
      process.standardOutput = output
      process.standardError = FileHandle.nullDevice
      try process.run()
    }

    func ask(_ command: String) throws -> String {
      try input.fileHandleForWriting.write(contentsOf: Data((command + "\n").utf8))
      var bytes: [UInt8] = []
      while let byte = try output.fileHandleForReading.read(upToCount: 1)?.first, byte != 10 { bytes.append(byte) }
      return String(decoding: bytes, as: UTF8.self)
    }

    func signal(_ number: Int32) { _ = Foundation.kill(process.processIdentifier, number) }

    func end() {
      signal(SIGKILL)
      process.waitUntilExit()
    }
  }

  private let folder: URL
  private var shells: [String: Shell] = [:]
  private var appearances = Appearances<String>()

  init() throws {
    folder = FileManager.default.temporaryDirectory.appendingPathComponent("flock-conformance-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  deinit {
    for shell in shells.values { shell.end() }
    try? FileManager.default.removeItem(at: folder)
  }

  func spawn(_ process: String) throws { shells[process] = try Shell(folder) }

  func kill(_ process: String) throws { shells.removeValue(forKey: process)?.end() }
  func pause(_ process: String) throws { shells[process]?.signal(SIGSTOP) }
  func resume(_ process: String) throws { shells[process]?.signal(SIGCONT) }

  private func ask(_ process: String, _ command: String) throws -> String {
    guard let shell = shells[process] else { throw Failed(command: command, answer: "\(process) does not run") }
    return try shell.ask(command)
  }

  private func expect(_ process: String, _ command: String) throws {
    let answer = try ask(process, command)
    guard answer == "ok" else { throw Failed(command: command, answer: answer) }
  }

  func open(_ process: String, _ slot: Int, _ path: String) throws { try expect(process, "open \(slot) \(path)") }
  func close(_ process: String, _ slot: Int) throws { try expect(process, "close \(slot)") }
  func lock(_ process: String, _ slot: Int) throws -> Bool { try ask(process, "lock \(slot)") == "yes" }
  func unlock(_ process: String, _ slot: Int) throws { try expect(process, "unlock \(slot)") }
  func write(_ process: String, _ slot: Int, _ text: String) throws { try expect(process, "write \(slot) \(text)") }
  func read(_ process: String, _ slot: Int) throws -> String { try ask(process, "read \(slot)") }

  func file(_ process: String, of slot: Int) throws -> Int {
    appearances.number(of: try ask(process, "inode \(slot)"))
  }

  func file(_ process: String, at path: String) throws -> Int? {
    let answer = try ask(process, "lookup - \(path)")
    return answer == "none" ? nil : appearances.number(of: answer)
  }

  func unlink(_ process: String, _ path: String) throws { try expect(process, "unlink - \(path)") }

  func rename(_ process: String, _ path: String, _ newPath: String) throws {
    try expect(process, "rename - \(path) \(newPath)")
  }
}
