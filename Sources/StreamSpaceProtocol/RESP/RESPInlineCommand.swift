/// Splits an inline command into arguments: at blanks, with single and double quotes (`spec/04 §3.1`).
///
/// Double quotes know the escapes `\n \r \t \b \a \xHH` and `\` before any other byte; single quotes know `\'` only.
/// A closing quote must be followed by a blank or the end.
enum RESPInlineCommand {
  static func split(_ line: ArraySlice<UInt8>) throws(RESPProtocolError) -> [[UInt8]] {
    var arguments: [[UInt8]] = []
    var index = line.startIndex
    while true {
      while index < line.endIndex, isBlank(line[index]) { index += 1 }
      guard index < line.endIndex else { return arguments }
      var argument: [UInt8] = []
      scan: while index < line.endIndex {
        switch line[index] {
        case UInt8(ascii: "\""):
          index = try readDoubleQuoted(line, after: index, into: &argument)
          break scan
        case UInt8(ascii: "'"):
          index = try readSingleQuoted(line, after: index, into: &argument)
          break scan
        case let byte where isBlank(byte) || byte == 0:
          break scan
        case let byte:
          argument.append(byte)
          index += 1
        }
      }
      arguments.append(argument)
      if index < line.endIndex, line[index] == 0 { return arguments }
    }
  }

  /// Returns the index behind the closing quote.
  private static func readDoubleQuoted(
    _ line: ArraySlice<UInt8>, after quote: Int, into argument: inout [UInt8]
  ) throws(RESPProtocolError) -> Int {
    var index = quote + 1
    while index < line.endIndex {
      let byte = line[index]
      if byte == UInt8(ascii: "\\"), index + 3 < line.endIndex, line[index + 1] == UInt8(ascii: "x"),
        let high = hexadecimal(line[index + 2]), let low = hexadecimal(line[index + 3])
      {
        argument.append(high << 4 | low)
        index += 4
      } else if byte == UInt8(ascii: "\\"), index + 1 < line.endIndex {
        argument.append(unescaped(line[index + 1]))
        index += 2
      } else if byte == UInt8(ascii: "\"") {
        return try closed(line, at: index)
      } else {
        argument.append(byte)
        index += 1
      }
    }
    throw .unbalancedQuotes
  }

  private static func readSingleQuoted(
    _ line: ArraySlice<UInt8>, after quote: Int, into argument: inout [UInt8]
  ) throws(RESPProtocolError) -> Int {
    var index = quote + 1
    while index < line.endIndex {
      let byte = line[index]
      if byte == UInt8(ascii: "\\"), index + 1 < line.endIndex, line[index + 1] == UInt8(ascii: "'") {
        argument.append(UInt8(ascii: "'"))
        index += 2
      } else if byte == UInt8(ascii: "'") {
        return try closed(line, at: index)
      } else {
        argument.append(byte)
        index += 1
      }
    }
    throw .unbalancedQuotes
  }

  private static func closed(_ line: ArraySlice<UInt8>, at quote: Int) throws(RESPProtocolError) -> Int {
    let next = quote + 1
    guard next >= line.endIndex || isBlank(line[next]) else { throw .unbalancedQuotes }
    return next
  }

  private static func unescaped(_ byte: UInt8) -> UInt8 {
    switch byte {
    case UInt8(ascii: "n"): 10
    case UInt8(ascii: "r"): 13
    case UInt8(ascii: "t"): 9
    case UInt8(ascii: "b"): 8
    case UInt8(ascii: "a"): 7
    default: byte
    }
  }

  private static func isBlank(_ byte: UInt8) -> Bool {
    byte == 32 || (9...13).contains(byte)
  }

  private static func hexadecimal(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}
