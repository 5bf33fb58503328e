import Foundation
import SimulationRuntime
import Testing

@Suite("The example of docs/runtime.md")
struct LeaseExampleTests {
  @Test(
    "the other node takes over after the lease has run out, and never while it has not",
    arguments: 1...30 as ClosedRange<UInt64>)
  func takesOver(seed: UInt64) throws {
    let (after, fingerprint) = try takeOver(seed: seed)
    #expect(after > .seconds(3) && after < .seconds(8))
    #expect(try takeOver(seed: seed).fingerprint == fingerprint)
  }

  @Test("the page shows the file as it is")
  func page() throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "LeaseExample.swift")
    let page = file.deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "docs/runtime.md")
    let code = try String(contentsOf: file, encoding: .utf8)
    let text = try String(contentsOf: page, encoding: .utf8)
    #expect(text.contains("```swift\n\(code)```\n"))
  }

  @Test("the pages name what exists", arguments: ["docs/runtime.md", "docs/determinism.md"])
  func links(name: String) throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let text = try String(contentsOf: root.appending(path: name), encoding: .utf8)
    for link in text.matches(of: /\]\(([^)#:]+)\)/) {
      let target = root.appending(path: name).deletingLastPathComponent().appending(path: String(link.1))
      #expect(FileManager.default.fileExists(atPath: target.path), "\(link.1)")
    }
  }
}
