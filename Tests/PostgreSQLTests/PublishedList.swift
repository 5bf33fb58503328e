import Foundation

/// docs/database-dialects.md.
enum PublishedList {
  static func text() throws -> String {
    let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    return try String(contentsOf: package.appendingPathComponent("docs/database-dialects.md"), encoding: .utf8)
  }
}
