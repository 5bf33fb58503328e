import Chaos
import Oracles
import StreamSpaceProtocol

/// A failed run of a case as a file: everything that repeats it. Runs of plans are ``ChaosReplay``s.
public struct ReplayFile: Sendable, Equatable {
  /// Version of this format. Version 1, which has no decisions and names neither harness nor signature, is read, too.
  public static let version = 2

  public var caseID: String
  public var variant: String
  public var seed: UInt64
  public var profile: String
  public var depth: String
  public var strategy: String
  /// Of the run that failed; a replay that differs ran another build.
  public var fingerprint: String
  public var reason: String
  /// ``HarnessVersion`` of the build that made the file; nil: an old file does not say.
  public var harness: String?
  /// The failure (``CaseRun/signature``); nil: an old file does not say.
  public var signature: String?
  /// Answers instead of the seed's, where the failure needs them.
  public var decisions: RecordedDecisions?

  public init(_ run: CaseRun) {
    caseID = run.testCase.id
    variant = run.variant.name
    seed = run.seed
    profile = run.profile
    depth = run.depth.rawValue
    strategy = run.strategy
    fingerprint = run.fingerprint
    reason = run.reason
    harness = HarnessVersion.current
    signature = run.signature
  }

  /// Reads a file. Throws ``ReplayFileError`` with the place or the field that is wrong.
  public init(_ bytes: [UInt8]) throws(ReplayFileError) {
    let document: JSONValue
    do { document = try JSONParser.parse(bytes, limits: .standard) } catch {
      throw ReplayFileError("\(error)")
    }
    guard document.members != nil else { throw ReplayFileError("it is no JSON object") }
    guard let version = document["version"]?.integer, (1...Int64(Self.version)).contains(version) else {
      throw ReplayFileError("field 'version' is neither 1 nor \(Self.version)")
    }
    func text(_ field: String) throws(ReplayFileError) -> String {
      guard let value = document[field]?.text else { throw ReplayFileError("field '\(field)' is missing or no text") }
      return value
    }
    caseID = try text("case")
    variant = try text("variant")
    profile = try text("profile")
    depth = try text("depth")
    strategy = try text("strategy")
    fingerprint = try text("fingerprint")
    reason = try text("reason")
    guard let number = UInt64(try text("seed")) else {
      throw ReplayFileError("field 'seed' is no number from 0 to 2^64-1")
    }
    seed = number
    if document["harness"] != nil { harness = try text("harness") }
    if document["signature"] != nil { signature = try text("signature") }
    guard let log = document["decisions"] else { return }
    do { decisions = try RecordedDecisions(json: log, at: "decisions") } catch {
      throw ReplayFileError("field '\(error.field)': \(error.problem)")
    }
  }

  /// `HA-API-10-T2-1.json`: letters, digits, dots and hyphens only.
  public var fileName: String {
    let parts = [caseID, variant, String(seed)].filter { !$0.isEmpty }.joined(separator: "-")
    let safe = parts.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "." || $0 == "-") ? $0 : "_" }
    return String(safe) + ".json"
  }

  public var text: String {
    // A seed may exceed what JSON readers take for a number.
    var document = JSONObject()
    document.add("version", Self.version)
    document.add("case", caseID)
    document.add("variant", variant)
    document.add("seed", String(seed))
    document.add("profile", profile)
    document.add("depth", depth)
    document.add("strategy", strategy)
    document.add("fingerprint", fingerprint)
    document.add("reason", reason)
    document.addIfPresent("harness", harness)
    document.addIfPresent("signature", signature)
    document.addIfPresent("decisions", decisions?.json)
    return JSONWriter.text(of: .object(document)) + "\n"
  }
}

/// Why a file is no replay file.
public struct ReplayFileError: Error, Sendable, Equatable, CustomStringConvertible {
  public let description: String

  init(_ description: String) { self.description = description }
}
