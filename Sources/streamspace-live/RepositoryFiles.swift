import Foundation

/// Files that lie beside this program.
enum RepositoryFiles {
  /// This program itself.
  static var program: String {
    (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
  }

  struct Missing: Error, CustomStringConvertible {
    let description: String
  }

  /// `fixtures/environments/postgres.sh` of the repository that this program was built in, or of the working folder.
  static func postgresScript() throws -> String {
    let relative = "fixtures/environments/postgres.sh"
    var folder = URL(fileURLWithPath: program).deletingLastPathComponent()
    while folder.path != "/" {
      let file = folder.appendingPathComponent(relative).path
      if FileManager.default.fileExists(atPath: file) { return file }
      folder.deleteLastPathComponent()
    }
    if FileManager.default.fileExists(atPath: relative) { return relative }
    throw Missing(description: "\(relative) is not found above \(program): give a server with --database-url")
  }
}
