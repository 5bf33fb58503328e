import StreamSpaceProtocol
import Testing

@Suite("JSON writer")
struct JSONWriterTests {
  @Test("texts are escaped as Go escapes them, HTML characters included")
  func escapes() {
    #expect(
      JSONWriter.text(of: "<a href=\"x\">&\u{8}\u{c}\n\r\t\u{1}\u{7f}é\u{2028}\u{2029}\u{2027}\\")
        == #""\u003ca href=\"x\"\u003e\u0026\b\f\n\r\t\u0001"# + "\u{7f}é" + #"\u2028\u2029"# + "\u{2027}" + #"\\""#)
  }

  @Test(
    "numbers are written as Go writes a float64",
    arguments: [
      (0.0, "0"), (-0.0, "-0"), (1.0, "1"), (-1.5, "-1.5"), (0.1, "0.1"), (100.0, "100"), (1234.5678, "1234.5678"),
      (1e20, "100000000000000000000"), (1e21, "1e+21"), (1.5e300, "1.5e+300"), (0.000001, "0.000001"),
      (0.0000001, "1e-7"), (1.25e-10, "1.25e-10"), (123456789012345680.0, "123456789012345680"),
      (.leastNonzeroMagnitude, "5e-324"),
    ])
  func doubles(_ value: Double, _ expected: String) {
    #expect(JSONWriter.text(of: .double(value)) == expected)
  }

  @Test("a number that is not finite has no form and is written as null")
  func notFinite() {
    #expect(JSONWriter.text(of: [.double(.infinity), .double(.nan)]) == "[null,null]")
  }

  @Test("maps have their keys in byte order at every depth, jsonb puts short keys first")
  func keyOrder() {
    let document: JSONValue = ["b": ["z": 1, "B": 2, "aa": 3], "a": [["d": 1, "c": 2]], "Z": nil]
    #expect(JSONWriter.text(of: document.sortedByKey) == #"{"Z":null,"a":[{"c":2,"d":1}],"b":{"B":2,"aa":3,"z":1}}"#)
    #expect(JSONWriter.text(of: document.inJSONBOrder) == #"{"Z":null,"a":[{"c":2,"d":1}],"b":{"B":2,"z":1,"aa":3}}"#)
    #expect(document != document.sortedByKey)
    #expect(document.isEquivalent(to: document.sortedByKey))
  }

  @Test("equivalence sees a missing key, a changed value and the order of arrays")
  func equivalence() {
    let document: JSONValue = ["a": 1, "b": [1, 2]]
    #expect(!document.isEquivalent(to: ["a": 1]))
    #expect(!document.isEquivalent(to: ["a": 1, "c": [1, 2]]))
    #expect(!document.isEquivalent(to: ["a": 1, "b": [2, 1]]))
    #expect(!document.isEquivalent(to: ["a": 1, "b": [1, 2, 3]]))
  }

  @Test("an object sets, replaces in place and removes members")
  func objectMembers() {
    var object = JSONObject()
    object["a"] = 1
    object["b"] = 2
    object["a"] = 3
    #expect(object.members.map(\.key) == ["a", "b"])
    #expect(object["a"] == 3)
    object["a"] = nil
    #expect(object.members.map(\.key) == ["b"])
  }
}
