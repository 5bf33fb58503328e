import SchemaMigrations
import StreamSpaceProtocol
import TestEnvironment

extension DatabaseBench {
  func judgeCatalogueSync(_ database: any LaboratoryDatabase) throws {}
}
extension Environment {
  func judgeStartTogether() async throws {}
}
extension MigrationSet {
  static func check(_ manifest: MigrationManifest, files: [MigrationFile]) -> [String] {
    let named = Set(manifest.entries.flatMap { [$0.up, $0.down].compactMap(\.self) })
    let there = Set(files.map(\.name))
    return named.subtracting(there).sorted().map { "\($0) is listed, and not there" }
      + there.subtracting(named).sorted().map { "\($0) is in no list" }
  }
}
