import Foundation

/// A server that `fixtures/environments/postgres.sh` made; it goes when this process ends, if not before.
package final class ThrowAwayServer: Sendable {
  package let url: String

  private init(url: String) { self.url = url }

  /// Starts one, in a second or two.
  package static func start() throws(TestServer.Absence) -> ThrowAwayServer {
    let (status, output, complaint) = try script(
      "start", "--while", String(ProcessInfo.processInfo.processIdentifier))
    let url = output.trimmingCharacters(in: .whitespacesAndNewlines)
    guard status == 0, url.hasPrefix("postgresql://") else {
      throw TestServer.Absence(reason: complaint.split(separator: "\n").last.map(String.init) ?? "no server")
    }
    return ThrowAwayServer(url: url)
  }

  /// Ends it and removes its folder.
  package func stop() { _ = try? Self.script("stop", url) }

  /// Its folder, from the URL's host.
  private var folder: String {
    let host = url.split(separator: "@").last?.split(separator: ":").first ?? ""
    return String(host).replacing("%2F", with: "/")
  }

  /// From now on everybody but its owner has to give a password.
  package func demandPasswords() throws {
    let rules = "local all postgres trust\nlocal all all scram-sha-256\n"
    let file = URL(fileURLWithPath: "\(folder)/data/pg_hba.conf")
    let handle = try FileHandle(forWritingTo: file)
    try handle.truncate(atOffset: 0)
    try handle.write(contentsOf: Data(rules.utf8))
    try handle.close()
    Foundation.kill(try process(), SIGHUP)
    // The server reads it when it gets round to it.
    Thread.sleep(forTimeInterval: 0.3)
  }

  private func process() throws -> Int32 {
    let text = try String(contentsOfFile: "\(folder)/data/postmaster.pid", encoding: .utf8)
    guard let process = text.split(separator: "\n").first.flatMap({ Int32($0) }) else {
      throw TestServer.Absence(reason: "no process id in postmaster.pid")
    }
    return process
  }

  /// Kills the server as a power cut would, without a word to its clients.
  package func kill() throws { Foundation.kill(try process(), SIGKILL) }

  private static func script(
    _ arguments: String...
  ) throws(TestServer.Absence) -> (status: Int32, output: String, complaint: String) {
    let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let process = Process()
    process.executableURL = package.appendingPathComponent("fixtures/environments/postgres.sh")
    process.arguments = arguments
    let (output, complaint) = (Pipe(), Pipe())
    process.standardOutput = output
    process.standardError = complaint
    do { try process.run() } catch { throw TestServer.Absence(reason: "postgres.sh: \(error)") }
    let text = output.fileHandleForReading.readDataToEndOfFile()
    let words = complaint.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: text, as: UTF8.self), String(decoding: words, as: UTF8.self))
  }
}
