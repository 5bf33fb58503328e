import Chaos
import Foundation
import Reporting
import SimulatedEnvironment
import TestEnvironment

/// A replay file, ready to run.
struct FailureOnDisk {
  let path: String
  let file: FailureFile
  let executor: any ChaosExecutor
  let trial: Trial

  /// Throws a usage error that names the file and the field.
  init(_ path: String) throws {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw UsageError("cannot read the replay file '\(path)'")
    }
    self.path = path
    do { file = try FailureFile(Array(data)) } catch {
      throw UsageError("'\(path)' is no replay file: \(error.description)")
    }
    do {
      switch file {
      case .ofPlan(let replay):
        executor = SimulatedChaosExecutor(profile: try Selection.profile(replay.profile))
        trial = replay.trial
        _ = try Selection.strategy(replay.trial.strategy)
      case .ofCase(let replay):
        let caseExecutor = SimulatedCaseExecutor(try ReplayCommand.request(of: replay))
        executor = caseExecutor
        trial = Trial(caseExecutor.plan, strategy: replay.strategy, decisions: replay.decisions)
      }
    } catch let error as UsageError {
      throw UsageError("'\(path)': \(error.description)")
    }
  }

  /// The failure that the file tells of; nil: an old file does not say.
  var signature: String? {
    switch file {
    case .ofPlan(let replay): replay.signature
    case .ofCase(let replay): replay.signature
    }
  }

  /// The file's name without folder and suffix.
  var stem: String { URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent }

  var folder: String { URL(fileURLWithPath: path).deletingLastPathComponent().path }
}
