/// Tells code from comments and strings.
enum SourceText {
  /// `text` with blanks for comments and for the contents of string literals; code in interpolations is kept.
  static func blanked(_ text: String) -> String {
    var blanker = Blanker(Array(text.utf8))
    blanker.code(until: nil)
    return String(decoding: blanker.output, as: UTF8.self)
  }

  private struct Blanker {
    let input: [UInt8]
    private(set) var output: [UInt8] = []
    private var index = 0

    init(_ input: [UInt8]) {
      self.input = input
      output.reserveCapacity(input.count)
    }

    private func starts(with text: StaticString) -> Bool {
      guard index + text.utf8CodeUnitCount <= input.count else { return false }
      for offset in 0..<text.utf8CodeUnitCount where input[index + offset] != text.utf8Start[offset] { return false }
      return true
    }

    /// Copies `count` bytes, or blanks for them; lines stay lines.
    private mutating func take(_ count: Int, asCode: Bool) {
      for _ in 0..<count where index < input.count {
        output.append(asCode || input[index] == UInt8(ascii: "\n") ? input[index] : UInt8(ascii: " "))
        index += 1
      }
    }

    /// Copies code up to the end, or past the closing parenthesis of an interpolation.
    mutating func code(until end: UInt8?) {
      var depth = 0
      while index < input.count {
        if starts(with: "//") {
          while index < input.count, input[index] != UInt8(ascii: "\n") { take(1, asCode: false) }
        } else if starts(with: "/*") {
          comment()
        } else if let hashes = literalStart() {
          literal(hashes: hashes)
        } else {
          let byte = input[index]
          take(1, asCode: true)
          if byte == UInt8(ascii: "(") { depth += 1 }
          if byte == UInt8(ascii: ")") {
            if depth == 0, end != nil { return }
            depth -= 1
          }
        }
      }
    }

    private mutating func comment() {
      var depth = 0
      repeat {
        if starts(with: "/*") {
          depth += 1
          take(2, asCode: false)
        } else if starts(with: "*/") {
          depth -= 1
          take(2, asCode: false)
        } else {
          take(1, asCode: false)
        }
      } while depth > 0 && index < input.count
    }

    /// Number of `#` before the quote of a literal that starts here; nil if none starts.
    private func literalStart() -> Int? {
      var position = index
      while position < input.count, input[position] == UInt8(ascii: "#") { position += 1 }
      return position < input.count && input[position] == UInt8(ascii: "\"") ? position - index : nil
    }

    private mutating func literal(hashes: Int) {
      take(hashes, asCode: true)
      let quotes = starts(with: "\"\"\"") ? 3 : 1
      take(quotes, asCode: true)
      while index < input.count {
        if closes(quotes: quotes, hashes: hashes) { return take(quotes + hashes, asCode: true) }
        if input[index] == UInt8(ascii: "\\"), follows(hashes: hashes) {
          take(1 + hashes, asCode: false)
          if index < input.count, input[index] == UInt8(ascii: "(") {
            take(1, asCode: true)
            code(until: UInt8(ascii: ")"))
          } else {
            take(1, asCode: false)
          }
        } else if quotes == 1, input[index] == UInt8(ascii: "\n") {
          return
        } else {
          take(1, asCode: false)
        }
      }
    }

    private func closes(quotes: Int, hashes: Int) -> Bool {
      guard index + quotes + hashes <= input.count else { return false }
      return input[index..<(index + quotes)].allSatisfy { $0 == UInt8(ascii: "\"") }
        && input[(index + quotes)..<(index + quotes + hashes)].allSatisfy { $0 == UInt8(ascii: "#") }
    }

    private func follows(hashes: Int) -> Bool {
      index + hashes < input.count && input[(index + 1)..<(index + 1 + hashes)].allSatisfy { $0 == UInt8(ascii: "#") }
    }
  }
}
