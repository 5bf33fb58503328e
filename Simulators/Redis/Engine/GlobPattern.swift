/// Redis' glob patterns: `*`, `?`, `[abc]`, `[^a]`, `[a-z]` and `\x` (`spec/04 §3.4`).
enum GlobPattern {
  /// Whether a text matches a pattern. Time is at worst the product of both lengths.
  static func matches(_ pattern: [UInt8], _ text: [UInt8]) -> Bool {
    var patternIndex = 0
    var textIndex = 0
    var retry: (pattern: Int, text: Int)?
    while textIndex < text.count {
      if patternIndex < pattern.count, pattern[patternIndex] == UInt8(ascii: "*") {
        patternIndex += 1
        retry = (patternIndex, textIndex)
        continue
      }
      if let next = step(pattern, at: patternIndex, matching: text[textIndex]) {
        patternIndex = next
        textIndex += 1
        continue
      }
      guard let (restart, begin) = retry else { return false }
      retry = (restart, begin + 1)
      patternIndex = restart
      textIndex = begin + 1
    }
    while patternIndex < pattern.count, pattern[patternIndex] == UInt8(ascii: "*") { patternIndex += 1 }
    return patternIndex == pattern.count
  }

  /// The index behind the pattern element at `index` if it matches a byte, nil otherwise.
  private static func step(_ pattern: [UInt8], at index: Int, matching byte: UInt8) -> Int? {
    guard index < pattern.count else { return nil }
    switch pattern[index] {
    case UInt8(ascii: "?"):
      return index + 1
    case UInt8(ascii: "["):
      return stepClass(pattern, at: index + 1, matching: byte)
    case UInt8(ascii: "\\") where index + 1 < pattern.count:
      return pattern[index + 1] == byte ? index + 2 : nil
    case let literal:
      return literal == byte ? index + 1 : nil
    }
  }

  /// A bracket expression; one that does not close ends with the pattern.
  private static func stepClass(_ pattern: [UInt8], at start: Int, matching byte: UInt8) -> Int? {
    var index = start
    let isNegated = index < pattern.count && pattern[index] == UInt8(ascii: "^")
    if isNegated { index += 1 }
    var isMember = false
    while index < pattern.count, pattern[index] != UInt8(ascii: "]") {
      if pattern[index] == UInt8(ascii: "\\"), index + 1 < pattern.count {
        index += 1
        if pattern[index] == byte { isMember = true }
      } else if index + 2 < pattern.count, pattern[index + 1] == UInt8(ascii: "-") {
        let bounds = [pattern[index], pattern[index + 2]].sorted()
        if byte >= bounds[0], byte <= bounds[1] { isMember = true }
        index += 2
      } else if pattern[index] == byte {
        isMember = true
      }
      index += 1
    }
    if index < pattern.count { index += 1 }
    return isMember != isNegated ? index : nil
  }
}
