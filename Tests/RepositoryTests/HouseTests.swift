import Foundation
import Testing

enum House {
  /// Lines a Swift file may have (STYLE).
  static let longest = 600
  /// Lines below which nearly all files should stay (STYLE), and how many in a hundred may not.
  static let long = 400
  static let mayBeLongInHundred = 1

  /// What may lie at the top (DESIGN §2).
  static let top: Set<String> = [
    ".ci", ".github", ".gitignore", ".spi.yml", ".swift-format", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE",
    "Package.swift",
    "README.md", "SECURITY.md", "Simulators", "Sources", "Tests", "docs", "fixtures", "golden", "sim",
  ]

  /// Paths of somebody's machine. In pieces, so that this file has none.
  static let machinePath = pattern(
    ["/wo" + "rk/", "/tm" + "p/", "/ro" + "ot/", "/ho" + #"me/\w+/"#, "/Use" + #"rs/\w+/"#, #"[A-Z]:\\Use"# + "rs"]
      .joined(separator: "|"))

  static func lines(of text: String) -> Int { text.utf8.count { $0 == UInt8(ascii: "\n") } }

  static func machinePaths(in text: String, of path: String) -> [Finding] {
    let whole = text as NSString
    return machinePath.matches(in: text, range: NSRange(location: 0, length: whole.length)).map { match in
      Finding(
        path: path, line: whole.substring(to: match.range.location).count { $0 == "\n" } + 1,
        text: whole.substring(with: match.range))
    }
  }

  /// Folders and files whose text is ours.
  static let written = [".ci", ".github", "Simulators", "Sources", "Tests", "docs", "golden"]
  static let writtenFiles = ["Package.swift", "README.md", "sim", "CHANGELOG.md", "CONTRIBUTING.md"]
}

@Suite("The house")
struct HouseTests {
  @Test("no Swift file is longer than the limit, and nearly all are short")
  func lengths() {
    let files = Repository.files(in: ["Sources", "Simulators", "Tests", "fixtures"]).filter { $0.hasSuffix(".swift") }
    let lengths = files.compactMap { path in Repository.text(of: path).map { (path, House.lines(of: $0)) } }
    #expect(lengths.filter { $0.1 > House.longest }.map { "\($0.0): \($0.1)" } == [])
    let long = lengths.filter { $0.1 > House.long }.map { "\($0.0): \($0.1)" }
    #expect(long.count * 100 <= files.count * House.mayBeLongInHundred, "\(long)")
    #expect(files.count > 100)
  }

  @Test("a file is counted by its lines", arguments: [("", 0), ("a", 0), ("a\n", 1), ("a\n\nb\n", 3)])
  func counting(text: String, lines: Int) { #expect(House.lines(of: text) == lines) }

  @Test("only what belongs there lies at the top")
  func top() {
    #expect(Repository.topLevel.filter { !House.top.contains($0) } == [])
    for needed in ["Package.swift", "Sources", "Simulators", "Tests", "LICENSE"] {
      #expect(Repository.topLevel.contains(needed))
    }
  }

  @Test(
    "what is ignored is not looked at",
    arguments: [
      (".build", true), (".build-live", true), ("a.o", true), ("reports", true), (".git", true), ("build", false),
      ("Sources", false),
      (".gitignore", false),
    ])
  func ignored(name: String, isIgnored: Bool) { #expect(Repository.isIgnored(name) == isIgnored) }

  @Test("no text names a path of somebody's machine")
  func machinePaths() {
    let files = Repository.files(in: House.written) + House.writtenFiles
    let findings = files.flatMap { path in
      Repository.text(of: path).map { House.machinePaths(in: $0, of: path) } ?? []
    }
    #expect(findings.map(\.description) == [])
  }

  @Test(
    "a path of a machine is found",
    arguments: [
      "see /wo" + "rk/shared/x", "\"/ho" + "me/jo/a\"", "/ro" + "ot/.bashrc", "cd /tm" + "p/x", "/Use" + "rs/jo/x",
      "C:\\Use" + "rs\\jo",
    ])
  func badPaths(text: String) {
    let findings = House.machinePaths(in: "\n\(text)\n", of: "a.md")
    #expect(findings.count == 1 && findings.first?.line == 2)
  }

  @Test(
    "other paths are not",
    arguments: ["/api/v1/homework/", "networks/x", "/home", "Simulators/Redis", "root/x", "/usr/bin/env"])
  func goodPaths(text: String) { #expect(House.machinePaths(in: text, of: "a.md") == []) }
}
