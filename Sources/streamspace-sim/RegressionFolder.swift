import Chaos
import Foundation
import SimulatedEnvironment

extension RegressionCorpus {
  /// Where the corpus lies in the repository, seen from its root.
  static let usualFolder = "fixtures/regressions"

  /// Reads every `.json` file of a folder. Throws a usage error that names the file and the field.
  init(folder: String) throws {
    let names: [String]
    do { names = try FileManager.default.contentsOfDirectory(atPath: folder) } catch {
      throw UsageError("cannot read the folder of regressions '\(folder)'")
    }
    var files: [(name: String, text: String)] = []
    for name in names.sorted() where name.hasSuffix(".json") {
      guard let data = FileManager.default.contents(atPath: "\(folder)/\(name)") else {
        throw UsageError("cannot read '\(folder)/\(name)'")
      }
      files.append((name, String(decoding: data, as: UTF8.self)))
    }
    do { try self.init(files: files) } catch { throw UsageError("'\(folder)/\(error.name)': \(error.problem)") }
  }

  /// Runs all entries in the simulation.
  func run(concurrency: Concurrency = .none) -> [Result] {
    run(concurrency: concurrency) { profile in
      (try? Profile(profile)).map { SimulatedChaosExecutor(profile: $0) }
    }
  }
}
