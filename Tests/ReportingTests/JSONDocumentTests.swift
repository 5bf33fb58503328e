import TestEnvironment
import Testing

@Suite("JSON as cases see it")
struct JSONDocumentTests {
  @Test("members, elements, texts and numbers are found, and nothing else")
  func reading() throws {
    let document = try #require(JSONDocument(#"{"a":{"b":["x",2]},"c":"2025-11-23T08:00:00.5+09:00"}"#))
    #expect(document["a"]?["b"]?.elements?.first?.text == "x")
    #expect(document["a"]?["b"]?.elements?.last?.integer == 2)
    #expect(document["c"]?["d"] == nil)
    #expect(document["a"]?.text == nil)
    #expect(document["a"]?.json == #"{"b":["x",2]}"#)
  }

  @Test("what is no JSON is none", arguments: ["", "{", "hello", #"{"a":1} x"#])
  func rejecting(_ text: String) { #expect(JSONDocument(text) == nil) }

  @Test("times of RFC 3339 are told from other texts")
  func times() {
    #expect(JSONDocument.isTime("2025-11-23T08:00:00Z"))
    #expect(JSONDocument.isTime("2025-11-23T08:00:00.123456789-07:00"))
    #expect(!JSONDocument.isTime("1763884800"))
    #expect(!JSONDocument.isTime("2025-11-23 08:00:00"))
  }
}
