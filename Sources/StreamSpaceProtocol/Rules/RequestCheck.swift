/// The path and query check in front of every route (spec/02 §1.5). Bodies and headers are not looked at.
package enum RequestCheck {
  /// Longest value of a query parameter, in bytes.
  package static let maximumValueCount = 10_000

  /// The 400 for a path that tries to leave its place, nil when the path is fine.
  package static func path(_ path: String) -> ErrorBody? {
    // Every pattern holds two dots, a percent sign or NUL: most paths are through after one look at each byte.
    var previous: UInt8 = 0
    let isSuspicious = path.utf8.contains { byte in
      defer { previous = byte }
      return byte == 0 || byte == UInt8(ascii: "%") || (byte == UInt8(ascii: ".") && previous == byte)
    }
    guard isSuspicious else { return nil }
    let lowered = path.lowercased()
    let patterns = ["../", "..\\", "/..", "\\..", "%2e%2e", "%252e%252e", "..%2f", "..%5c", "\0"]
    return patterns.contains { lowered.contains($0) } ? .invalidPath : nil
  }

  /// The 400 for the first parameter that looks like an attack, nil when there is none. With `tokenIsExempt`, which the
  /// contract asks for, the `--` rule does not apply to `token` (R-14: a base64url signature may hold it).
  package static func query(_ query: HTTPQuery, tokenIsExempt: Bool) -> ErrorBody? {
    for parameter in query.parameters {
      let exempt = tokenIsExempt && parameter.name == "token"
      if let reason = reason(against: parameter.value, allowingDashes: exempt) {
        return .invalidQueryParameter(parameter.name, reason: reason)
      }
    }
    return nil
  }

  /// Why a value is refused, nil when it is fine.
  package static func reason(against value: String, allowingDashes: Bool = false) -> String? {
    if value.utf8.count > maximumValueCount { return "value too long" }
    if isPlain(value) { return nil }
    let bytes = Array(value.utf8)
    if bytes.contains(0) { return "null byte detected" }
    if isSQL(value.lowercased(), allowingDashes: allowingDashes) { return "potential SQL injection detected" }
    if bytes.contains(where: { ";&|`".utf8.contains($0) }) || value.contains("$(") {
      return "potential command injection detected"
    }
    let special = "*()\\/".utf8.filter { bytes.contains($0) }
    return special.count >= 2 ? "potential LDAP injection detected" : nil
  }

  /// Only letters, digits, dots, underscores and single dashes: ids, names and most tokens. No pattern fits.
  private static func isPlain(_ value: String) -> Bool {
    var previous: UInt8 = 0
    return value.utf8.allSatisfy { byte in
      defer { previous = byte }
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"):
        return true
      case UInt8(ascii: "-"): return previous != byte
      default: return false
      }
    }
  }

  private static func isSQL(_ value: String, allowingDashes: Bool) -> Bool {
    if value.contains("#") || value.contains("/*") || (!allowingDashes && value.contains("--")) { return true }
    return patterns.contains { $0.matches(value) }
  }

  /// Words that may have blanks between them.
  private struct Pattern {
    /// The words in order.
    var words: [String]
    /// Whether at least one blank must stand between two words.
    var needsBlank: Bool
    /// Whether anything may stand between the two words.
    var allowsGap: Bool

    func matches(_ value: String) -> Bool {
      guard let first = words.first, let last = words.last else { return false }
      var rest = value[...]
      while let found = rest.firstRange(of: first) {
        let after = rest[found.upperBound...]
        let blanks = after.prefix { $0.isWhitespace }
        let following = after.dropFirst(blanks.count)
        if allowsGap {
          if !blanks.isEmpty, hasWordAfterBlank(last, in: after.dropFirst()) { return true }
        } else if !needsBlank || !blanks.isEmpty, following.hasPrefix(last) {
          return true
        }
        rest = after
      }
      return false
    }

    private func hasWordAfterBlank(_ word: String, in text: Substring) -> Bool {
      var rest = text
      while let found = rest.firstRange(of: word) {
        if found.lowerBound > text.startIndex, text[text.index(before: found.lowerBound)].isWhitespace { return true }
        rest = rest[found.upperBound...]
      }
      return false
    }
  }

  private static let patterns = [
    Pattern(words: ["union", "select"], needsBlank: true, allowsGap: false),
    Pattern(words: ["select", "from"], needsBlank: true, allowsGap: true),
    Pattern(words: ["insert", "into"], needsBlank: true, allowsGap: false),
    Pattern(words: ["delete", "from"], needsBlank: true, allowsGap: false),
    Pattern(words: ["drop", "table"], needsBlank: true, allowsGap: false),
    Pattern(words: ["update", "set"], needsBlank: true, allowsGap: true),
    Pattern(words: ["exec", "("], needsBlank: false, allowsGap: false),
    Pattern(words: ["execute", "("], needsBlank: false, allowsGap: false),
    Pattern(words: ["script", ">"], needsBlank: false, allowsGap: false),
    Pattern(words: ["javascript", ":"], needsBlank: false, allowsGap: false),
    Pattern(words: ["onerror", "="], needsBlank: false, allowsGap: false),
    Pattern(words: ["onload", "="], needsBlank: false, allowsGap: false),
  ]
}
