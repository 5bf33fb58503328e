import Foundation

/// The working tree this test was compiled from.
enum Repository {
  /// Tests/RepositoryTests/Support/Repository.swift, up four.
  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  /// What `.gitignore` names, and the folder of the version control.
  static let ignored: [String] = {
    let text = (try? String(contentsOf: root.appending(path: ".gitignore"), encoding: .utf8)) ?? ""
    return [".git"]
      + text.split(separator: "\n").map { String($0).trimmingCharacters(in: ["/"]) }.filter {
        !$0.isEmpty
      }
  }()

  static func isIgnored(_ name: String) -> Bool {
    ignored.contains { pattern in
      if pattern.hasPrefix("*") { return name.hasSuffix(pattern.dropFirst()) }
      if pattern.hasSuffix("*") { return name.hasPrefix(pattern.dropLast()) }
      return name == pattern
    }
  }

  /// Names at the top level, without what is ignored.
  static var topLevel: [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: root.path)) ?? []
    return names.filter { !isIgnored($0) }.sorted()
  }

  /// Paths of the files below `folders`, relative to the root, in order; ignored ones left out.
  static func files(in folders: [String]) -> [String] {
    var found: [String] = []
    for folder in folders {
      guard let walk = FileManager.default.enumerator(atPath: root.appending(path: folder).path) else { continue }
      while let path = walk.nextObject() as? String {
        if isIgnored((path as NSString).lastPathComponent) {
          walk.skipDescendants()
          continue
        }
        if walk.fileAttributes?[.type] as? FileAttributeType == .typeRegular { found.append("\(folder)/\(path)") }
      }
    }
    return found.sorted()
  }

  static func text(of path: String) -> String? {
    try? String(contentsOf: root.appending(path: path), encoding: .utf8)
  }

  /// Swift files below `folders` with comments and the contents of strings blanked.
  static func code(in folders: [String]) -> [SourceFile] {
    files(in: folders).filter { $0.hasSuffix(".swift") }.compactMap { path in
      text(of: path).map { SourceFile(path: path, text: $0) }
    }
  }
}

/// A Swift file as the checks see it.
struct SourceFile {
  let path: String
  /// Without comments and contents of strings; line numbers and columns are kept.
  let code: String

  init(path: String, text: String) {
    self.path = path
    code = SourceText.blanked(text)
  }

  func contains(_ pattern: NSRegularExpression) -> Bool {
    pattern.firstMatch(in: code, range: NSRange(location: 0, length: (code as NSString).length)) != nil
  }

  /// Where `pattern` matches in the code.
  func matches(_ pattern: NSRegularExpression) -> [Finding] {
    let whole = code as NSString
    return pattern.matches(in: code, range: NSRange(location: 0, length: whole.length)).map { match in
      let line = whole.substring(to: match.range.location).count { $0 == "\n" } + 1
      return Finding(path: path, line: line, text: whole.substring(with: match.range))
    }
  }
}

/// A place in a file that a check objects to.
struct Finding: Equatable, CustomStringConvertible {
  let path: String
  let line: Int
  let text: String

  var description: String { "\(path):\(line): \(text)" }
}

/// A reviewed exception of a check.
struct Exception {
  /// End of the path of the file.
  let file: String
  let rule: String
  let reason: String

  func covers(_ finding: Finding, of rule: String) -> Bool { self.rule == rule && finding.path.hasSuffix(file) }
}

func pattern(_ text: String) -> NSRegularExpression {
  // A pattern of these tests that does not compile is a mistake in them, and stops them.
  try! NSRegularExpression(pattern: text, options: [.anchorsMatchLines])
}
