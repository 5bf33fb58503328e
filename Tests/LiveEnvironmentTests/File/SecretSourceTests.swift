import Foundation
import Testing

@testable import LiveEnvironment

@Suite("Where secrets stand")
struct SecretSourceTests {
  @Test("a secret is read from a variable, an empty one is missing")
  func variable() throws {
    #expect(try SecretSource.variable("KEY").resolve(in: ["KEY": "s3cret"]) == "s3cret")
    #expect(throws: SecretSource.Missing.variable("KEY")) { try SecretSource.variable("KEY").resolve(in: ["KEY": ""]) }
    #expect(throws: SecretSource.Missing.variable("KEY")) { try SecretSource.variable("KEY").resolve(in: [:]) }
  }

  @Test("a secret is read from a file, without the last line end")
  func file() throws {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("secret-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: url) }
    try Data("line one\ntwo\n".utf8).write(to: url)
    #expect(try SecretSource.file(url.path).resolve() == "line one\ntwo")
    #expect(throws: SecretSource.Missing.file("/nowhere/key")) { try SecretSource.file("/nowhere/key").resolve() }
  }
}
