import Oracles
import StreamSpaceProtocol
import TestEnvironment
import Testing

@testable import Reporting

@Suite("Replay files")
struct ReplayFileTests {
  private let sample = ReplayFile(
    SampleRuns.run(variant: Variant("gap \"44.9\" s\n", .t1), seed: .max, verdict: .failed, reason: "ü: </x>\u{1}"))

  @Test("what was written is read back, the largest seed and odd texts included")
  func roundTrip() throws {
    #expect(sample.seed == .max)
    #expect(try ReplayFile(Array(sample.text.utf8)) == sample)
  }

  /// The sample with one field changed, or without it.
  private func changed(_ field: String, to value: JSONValue?) throws -> [UInt8] {
    var object = try #require(try JSONParser.parse(sample.text).members)
    object[field] = value
    return JSONWriter.bytes(of: .object(object))
  }

  @Test(
    "a field that is missing is named",
    arguments: ["version", "case", "variant", "seed", "profile", "depth", "strategy", "fingerprint", "reason"])
  func missingField(_ field: String) throws {
    let bytes = try changed(field, to: nil)
    let error = #expect(throws: ReplayFileError.self) { try ReplayFile(bytes) }
    #expect(error?.description.contains("'\(field)'") == true)
  }

  @Test(
    "a field of another kind is named",
    arguments: ["version", "case", "variant", "seed", "profile", "depth", "strategy", "fingerprint", "reason"],
    [JSONValue.null, .bool(true), .int(7), .array([]), .object(JSONObject())])
  func wrongKind(_ field: String, _ value: JSONValue) throws {
    let bytes = try changed(field, to: value)
    let error = #expect(throws: ReplayFileError.self) { try ReplayFile(bytes) }
    #expect(error?.description.contains("'\(field)'") == true)
  }

  @Test(
    "a seed that is no number from 0 to 2^64-1 is refused", arguments: ["", "-1", "1.0", " 1", "18446744073709551616"])
  func badSeed(_ seed: String) throws {
    let bytes = try changed("seed", to: .string(seed))
    let error = #expect(throws: ReplayFileError.self) { try ReplayFile(bytes) }
    #expect(error?.description.contains("'seed'") == true)
  }

  @Test("a file that is cut anywhere is refused")
  func truncated() {
    let bytes = Array(sample.text.utf8.dropLast())
    for length in 0..<bytes.count {
      #expect(throws: ReplayFileError.self, "\(length) bytes") { try ReplayFile(Array(bytes[..<length])) }
    }
  }

  @Test("what is no object is refused", arguments: ["[]", "7", "\"text\"", "null", "{}x", "\u{FEFF}{}"])
  func noObject(_ text: String) {
    #expect(throws: ReplayFileError.self) { try ReplayFile(Array(text.utf8)) }
  }

  @Test(
    "a file name is safe in every file system",
    arguments: [
      ("", "HA-API-77-5.json"), ("T2", "HA-API-77-T2-5.json"), ("../../etc", "HA-API-77-..-..-etc-5.json"),
      ("stop at 10 s + 100 ms", "HA-API-77-stop_at_10_s___100_ms-5.json"), ("ü/é\0", "HA-API-77-____-5.json"),
    ])
  func fileName(_ variant: String, _ name: String) {
    let file = ReplayFile(SampleRuns.run(variant: Variant(variant, .t2), seed: 5)).fileName
    #expect(file.replacing("_", with: "-") == name.replacing("_", with: "-"))
    #expect(file.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || ".-_".contains($0)) })
  }
}
