import Foundation
import Testing

/// Finds iteration over dictionaries and sets, as far as names in one file tell: their order differs by process.
enum UnorderedIteration {
  /// Properties, variables and parameters that are declared as a dictionary or a set.
  private static let declarations = [
    pattern(#"\b(?:var|let)\s+(\w+)\s*:\s*(?:\[[^\[\]():]+:\s*(?:[^\[\]]|\[[^\[\]]*\])+\]|Set<|Dictionary<)"#),
    pattern(
      #"\b(?:var|let)\s+(\w+)\s*(?::[^=\n]+)?=\s*(?:\[[^\[\]():]+:\s*(?:[^\[\]]|\[[^\[\]]*\])+\]\s*\(|Set\s*[<(]|Dictionary\s*[<(])"#
    ),
    pattern(
      #"[(,]\s*(?:\w+\s+)?(\w+)\s*:\s*(?:inout\s+)?(?:\[[^\[\]():]+:\s*(?:[^\[\]]|\[[^\[\]]*\])+\]|Set<|Dictionary<)"#),
  ]

  /// Names that are declared otherwise too, in the same file: the check cannot tell them apart.
  private static func isAmbiguous(_ name: String, in file: SourceFile) -> Bool {
    !file.matches(pattern(#"\b\#(name)\s*:\s*(?:\[[^\[\]:]+\]|OrderedDictionary|OrderedSet|String|Int)\b"#)).isEmpty
  }

  static func findings(in file: SourceFile) -> [Finding] {
    let whole = file.code as NSString
    var names: Set<String> = []
    for declaration in declarations {
      for match in declaration.matches(in: file.code, range: NSRange(location: 0, length: whole.length)) {
        names.insert(whole.substring(with: match.range(at: 1)))
      }
    }
    return names.sorted().filter { !isAmbiguous($0, in: file) }.flatMap { name in
      let use = #"(?<![\w.])(?:self\??\.)?\#(name)(?:\.keys|\.values)?"#
      let loops = file.matches(
        pattern(#"\bfor\s+(?:case\s+)?(?:let\s+|var\s+)?[\w(),\s]+\s+in\s+"# + use + #"\s*(?:where\b[^{]*)?\{"#))
      let calls = file.matches(
        pattern(
          use
            + #"\.(?:map|compactMap|flatMap|forEach|first|reduce|randomElement|joined|prefix|dropFirst|enumerated|popFirst|lazy|reversed|filter\s*\{[^}]*\}\s*\.(?:map|first|forEach))\b(?![^\n]*\.sorted|[^\n]*\n\s*\.sorted)"#
        ))
      return loops + calls
    }
  }

  /// Uses whose order cannot be seen, reviewed one by one.
  static let exceptions: [Exception] = []
}

@Suite("Unordered iteration")
struct UnorderedIterationTests {
  @Test("nothing iterates over a dictionary or a set")
  func sources() {
    let findings = Bans.files.flatMap(UnorderedIteration.findings).filter { finding in
      !UnorderedIteration.exceptions.contains { $0.covers(finding, of: "unordered") }
    }
    #expect(findings.map(\.description) == [])
  }

  @Test(
    "iteration is found",
    arguments: [
      "var a: [String: Int] = [:]\nfor (k, v) in a { }",
      "var a: [Int: [String]] = [:]\nfor key in self.a.keys { }",
      "let a: Set<Int>\nfor x in a where x > 1 { }",
      "var a = [String: Int]()\na.map { $0 }",
      "var a = Set([1])\nlet b = a.first",
      "func f(_ a: [String: Int]) { a.values.forEach { print($0) } }",
      "var a: [Endpoint: Listener] = [:]\nlet b = a.values.compactMap { $0.owner }",
      "var a: Set<Int>\nlet b = a.filter { $0 > 1 }.map { $0 }",
    ])
  func bad(text: String) {
    #expect(!UnorderedIteration.findings(in: SourceFile(path: "Bad.swift", text: text)).isEmpty)
  }

  @Test(
    "ordered use is not",
    arguments: [
      "var a: [String: Int] = [:]\nfor key in a.keys.sorted() { }",
      "var a: [String: Int] = [:]\na[\"x\"] = 1\nif a.isEmpty || a.contains(where: { $0.value > 1 }) { }",
      "let a: [Int] = []\nfor x in a { }",
      "var a: [String: Int] = [:]\nlet b = a.map { $0.key }.sorted()",
      "var a: OrderedDictionary<String, Int> = [:]\nfor (k, v) in a { }",
      "var a: Set<Int>\nlet b = list.first { a.contains($0) }",
      "let a = [\"x\": 1]\nprint(a.count)",
    ])
  func good(text: String) { #expect(UnorderedIteration.findings(in: SourceFile(path: "Good.swift", text: text)) == []) }
}
