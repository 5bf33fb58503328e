/// Texts that have broken readers, writers, COPY and comparisons: what a column of a given length may hold of them.
struct EdgeTexts: Sendable {
  /// Nothing, blanks, quotes, escapes of COPY and of SQL, lines, combining marks beside their composed form, right to
  /// left, outside the first plane, and what looks like NULL, a number or JSON.
  private static let pool = [
    "", " ", "plain", "O'Brien \"quoted\" `x`", "back\\slash \\N \\. \\t", "tab\tline\nfeed\rreturn",
    "e\u{301} is not \u{e9}", "\u{5e9}\u{5dc}\u{5d5}\u{5dd} \u{627}\u{644}\u{633}",
    "\u{1f600}\u{1f469}\u{200d}\u{1f680}",
    "\u{10ffff}\u{fffd}\u{feff}", "NULL", "null", "0", "-1", "1e3", "{\"a\": 1}", "{}", "[]", "$1 ; DROP TABLE x --",
    "%s %d \u{0}".replacing("\u{0}", with: "%%"), "\u{130}\u{131}\u{df}\u{1e9e}", "trailing blank ",
    "\u{1}\u{7f}\u{85}",
    "\u{4e2d}\u{6587}\u{5b57}\u{7b26}",
  ]

  /// Those that fit, and one that is as long as can be, in code points as PostgreSQL counts.
  let texts: [String]

  /// `limit`: of `VARCHAR(limit)`, or nil for TEXT.
  init(limit: Int?) {
    let length = limit ?? 12_000
    let fitting = Self.pool.filter { $0.unicodeScalars.count <= length }
    texts = fitting + [String(repeating: "x", count: length - 1) + "\u{1f409}"]
  }
}
