import Foundation
import Testing

/// Files under `golden/` that every run must reproduce.
///
/// They change only on purpose: `SIM_WRITE_GOLDEN=1 swift test --filter IntegrationTests` writes them anew instead of
/// comparing, and the difference then shows in the commit. Do that after a change that is meant to alter what a seed
/// does, and say in the commit why it does. A continuous integration run (`CI` is set) refuses to write.
enum Golden {
  private static let folder = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("golden")

  /// Compares `text` with the golden file, or writes it when that was asked for.
  static func check(_ text: String, against name: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
    let url = folder.appendingPathComponent(name)
    let environment = ProcessInfo.processInfo.environment
    if environment["SIM_WRITE_GOLDEN"] == "1" {
      guard environment["CI"] == nil else {
        Issue.record("a golden file is never written in continuous integration", sourceLocation: sourceLocation)
        return
      }
      try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: url)
      return
    }
    let recorded = String(decoding: try Data(contentsOf: url), as: UTF8.self)
    guard recorded != text else { return }
    let old = recorded.split(separator: "\n", omittingEmptySubsequences: false)
    let new = text.split(separator: "\n", omittingEmptySubsequences: false)
    let line = zip(old, new).enumerated().first { $0.element.0 != $0.element.1 }?.offset ?? min(old.count, new.count)
    Issue.record(
      """
      golden/\(name) differs from line \(line + 1) on, in \(zip(old, new).count { $0 != $1 }) lines
        recorded: \(line < old.count ? old[line] : "(end)")
        now:      \(line < new.count ? new[line] : "(end)")
      if that is meant: SIM_WRITE_GOLDEN=1 swift test --filter IntegrationTests
      """, sourceLocation: sourceLocation)
  }
}
