import Oracles
import StreamSpaceProtocol

/// A failed run as a file: everything that repeats it.
public struct ReplayFile: Sendable, Equatable {
  /// Version of this format.
  public static let version = 1

  public var caseID: String
  public var variant: String
  public var seed: UInt64
  public var profile: String
  public var depth: String
  public var strategy: String
  /// Of the run that failed; a replay that differs ran another build.
  public var fingerprint: String
  public var reason: String

  public init(_ run: CaseRun) {
    caseID = run.testCase.id
    variant = run.variant.name
    seed = run.seed
    profile = run.profile
    depth = run.depth.rawValue
    strategy = run.strategy
    fingerprint = run.fingerprint
    reason = run.reason
  }

  /// Reads a file. Throws ``ReplayFileError`` with the place or the field that is wrong.
  public init(_ bytes: [UInt8]) throws(ReplayFileError) {
    let document: JSONValue
    do { document = try JSONParser.parse(bytes, limits: .standard) } catch {
      throw ReplayFileError("\(error)")
    }
    guard document.members != nil else { throw ReplayFileError("it is no JSON object") }
    guard document["version"]?.integer == Int64(Self.version) else {
      throw ReplayFileError("field 'version' is not \(Self.version)")
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
  }

  /// `HA-API-10-T2-1.json`: letters, digits, dots and hyphens only.
  public var fileName: String {
    let parts = [caseID, variant, String(seed)].filter { !$0.isEmpty }.joined(separator: "-")
    let safe = parts.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "." || $0 == "-") ? $0 : "_" }
    return String(safe) + ".json"
  }

  public var text: String {
    // A seed may exceed what JSON readers take for a number.
    let document: JSONValue = [
      "version": .int(Int64(Self.version)), "case": .string(caseID), "variant": .string(variant),
      "seed": .string(String(seed)), "profile": .string(profile), "depth": .string(depth),
      "strategy": .string(strategy),
      "fingerprint": .string(fingerprint), "reason": .string(reason),
    ]
    return String(decoding: JSONWriter.bytes(of: document), as: UTF8.self) + "\n"
  }
}

/// Why a file is no replay file.
public struct ReplayFileError: Error, Sendable, Equatable, CustomStringConvertible {
  public let description: String

  init(_ description: String) { self.description = description }
}
