import Fixtures
import StreamSpaceProtocol

/// A file of the folder of migrations.
package struct MigrationFile: Sendable, Equatable {
  package var name: String
  package var text: String

  package init(name: String, text: String) {
    self.name = name
    self.text = text
  }
}

extension MigrationSet {
  /// The migrations a manifest lists, from their files; a file that is missing leaves its part empty, and `problems`
  /// tells it.
  package init(_ manifest: MigrationManifest, files: [MigrationFile], problems: inout [String]) {
    var migrations: [Migration] = []
    for entry in manifest.entries {
      migrations.append(
        Migration(
          version: entry.version, name: entry.name,
          up: Self.steps(of: entry.up, in: files, problems: &problems),
          down: entry.down.map { Self.steps(of: $0, in: files, problems: &problems) } ?? [],
          isCompatible: entry.isCompatible, effects: entry.effects))
    }
    self.init(migrations)
  }

  private static func steps(
    of name: String, in files: [MigrationFile], problems: inout [String]
  ) -> [MigrationStep] {
    guard let file = files.first(where: { $0.name == name }) else {
      problems.append("\(name): the manifest names it, and it is not there")
      return []
    }
    let (steps, found) = StepParser.steps(of: file.text)
    problems += found.map { "\(name): \($0)" }
    return steps
  }

  /// The files compiled into the product.
  package static var embeddedFiles: [MigrationFile] {
    Fixtures.migrationFiles.map { MigrationFile(name: $0.name, text: String(decoding: $0.text, as: UTF8.self)) }
  }

  private static let embedded: (set: MigrationSet, manifest: MigrationManifest, problems: [String]) = {
    do {
      var problems: [String] = []
      let manifest = try MigrationManifest(json: Fixtures.migrationManifest)
      let set = MigrationSet(manifest, files: embeddedFiles, problems: &problems)
      return (set, manifest, problems)
    } catch {
      return (MigrationSet([]), MigrationManifest([]), ["manifest.json: \(error)"])
    }
  }()

  /// Versions 0 to 10 of the contract. A fault in the files leaves it incomplete; ``contractProblems`` tells, and a run
  /// refuses it.
  package static var contract: MigrationSet { embedded.set }
  /// The list that ``contract`` was made by.
  package static var contractManifest: MigrationManifest { embedded.manifest }
  /// What was wrong when the contract's files were read; empty in a build that its tests passed.
  package static var contractProblems: [String] { embedded.problems }
}
