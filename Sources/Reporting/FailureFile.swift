import Chaos
import StreamSpaceProtocol

/// A file that repeats a failure: of a case or of a plan of chaos.
public enum FailureFile: Sendable, Equatable {
  case ofCase(ReplayFile)
  case ofPlan(ChaosReplay)

  /// Reads either kind. Throws with the field that is wrong.
  public init(_ bytes: [UInt8]) throws(ReplayFileError) {
    let document: JSONValue
    do { document = try JSONParser.parse(bytes, limits: .standard) } catch { throw ReplayFileError("\(error)") }
    guard ChaosReplay.isChaos(document) else {
      self = .ofCase(try ReplayFile(bytes))
      return
    }
    do { self = .ofPlan(try ChaosReplay(text: String(decoding: bytes, as: UTF8.self))) } catch {
      throw ReplayFileError(error.field.isEmpty ? error.problem : "field '\(error.field)': \(error.problem)")
    }
  }
}
