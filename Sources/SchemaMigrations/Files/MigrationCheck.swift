/// What can be told of migrations without a database, and is told when the product is built and tested (A-33, B-81).
package enum MigrationCheck {
  /// What is wrong with a folder of migrations and the manifest beside them, a line each; empty when nothing is.
  package static func problems(of manifest: MigrationManifest, files: [MigrationFile]) -> [String] {
    var problems: [String] = []
    let set = MigrationSet(manifest, files: files, problems: &problems)
    return set.numberingProblems + numberProblems(manifest, files) + problems + SetCheck(set).problems
  }

  /// Files against the manifest: what one has and the other does not, and numbers that are taken twice.
  private static func numberProblems(_ manifest: MigrationManifest, _ files: [MigrationFile]) -> [String] {
    var problems: [String] = []
    let listed = manifest.entries.flatMap { [$0.up] + ($0.down.map { [$0] } ?? []) }
    for file in files where file.name.hasSuffix(".sql") && !listed.contains(file.name) {
      problems.append("\(file.name): the manifest does not know it, nobody would run it")
    }
    for name in Set(listed).sorted() where listed.count(where: { $0 == name }) > 1 {
      problems.append("\(name): the manifest names it twice")
    }
    var first: [String: String] = [:]
    for file in files where file.name.hasSuffix(".sql") {
      let slot = "\(number(of: file.name) ?? -1)\(file.name.hasSuffix(".down.sql") ? " down" : "")"
      if let other = first[slot] { problems.append("\(file.name): has the number of \(other)") }
      first[slot] = first[slot] ?? file.name
    }
    for entry in manifest.entries {
      for name in [entry.up] + (entry.down.map { [$0] } ?? []) where number(of: name) != entry.version {
        problems.append("\(name): its number is not that of version \(entry.version)")
      }
      if entry.version > 0, entry.down == nil { problems.append("version \(entry.version): there is no way back") }
    }
    return problems
  }

  private static func number(of name: String) -> Int? { Int(name.prefix { $0.isNumber }) }
}

extension MigrationSet {
  /// What is wrong with the migrations compiled into the product.
  package static func check() -> [String] { contractCheck }

  /// They never change while the program runs.
  private static let contractCheck =
    contractProblems + MigrationCheck.problems(of: contractManifest, files: embeddedFiles)
}
