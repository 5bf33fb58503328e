import Testing

@Suite("Code without comments and strings")
struct SourceTextTests {
  @Test(
    "comments and the contents of strings become blanks, lines and columns stay",
    arguments: [
      ("a // Date()\nb", "a          \nb"),
      ("a /* x /* y */ z */ b", "a                   b"),
      ("let s = \"Date()\" + t", "let s = \"      \" + t"),
      ("\"a \\\" b\" + c", "\"      \" + c"),
      ("\"\\(now()) x\"", "\" (now())  \""),
      ("\"\\(f(\"inner\")) x\" y", "\" (f(\"     \"))  \" y"),
      ("#\"a \" \\(no) \\#(yes)\"# z", "#\"            (yes)\"# z"),
      ("\"\"\"\nDate()\n\"\"\" x", "\"\"\"\n      \n\"\"\" x"),
      ("#if os(Linux)\n#endif", "#if os(Linux)\n#endif"),
      ("\"unfinished\nnext()", "\"          \nnext()"),
    ])
  func blanked(text: String, code: String) { #expect(SourceText.blanked(text) == code) }

  @Test("every cut of a text is survived", arguments: ["a \"b \\(c(\"d\")) \"\"\"e\"\"\" #\"f\"# /* g */ // h\n"])
  func truncated(text: String) {
    for end in text.indices {
      let cut = String(text[..<end])
      #expect(SourceText.blanked(cut).utf8.count == cut.utf8.count)
    }
  }
}
