import StreamSpaceProtocol

/// Arrays between the two forms they have: the text of a JSON array (spec/02 §8.4) and PostgreSQL's `{a,"b c",NULL}`.
enum ArrayText {
  /// What a parameter or column of an array type is given. A text that is no JSON array goes as it is: the server
  /// says what is wrong with it.
  static func postgres(_ json: String) -> String {
    guard json.hasPrefix("["), case .array(let elements)? = try? JSONParser.parse(json) else { return json }
    return "{" + elements.map(element).joined(separator: ",") + "}"
  }

  private static func element(_ value: JSONValue) -> String {
    switch value {
    case .null: "NULL"
    case .array(let elements): "{" + elements.map(element).joined(separator: ",") + "}"
    case .string(let text): quoted(text)
    default: quoted(JSONWriter.text(of: value))
    }
  }

  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      if scalar == "\"" || scalar == "\\" { result += "\\" }
      result.unicodeScalars.append(scalar)
    }
    return result + "\""
  }

  /// The JSON array of a result's array: numbers and booleans bare, texts in quotes. Nil when it cannot be read.
  static func json(_ text: String, elements type: TypeIdentifier.ID) -> String? {
    var scanner = Scanner(bytes: Array(text.utf8), isBare: TypeIdentifier.integerArrays.contains(type), type: type)
    // An array that does not begin with 1 has its bounds before it: `[0:1]={a,b}`.
    if scanner.bytes.first == UInt8(ascii: "["), let brace = scanner.bytes.firstIndex(of: UInt8(ascii: "{")) {
      scanner.position = brace
    }
    guard scanner.array(), scanner.position == scanner.bytes.count else { return nil }
    return String(decoding: scanner.output, as: UTF8.self)
  }

  private struct Scanner {
    let bytes: [UInt8]
    let isBare: Bool
    let type: TypeIdentifier.ID
    var position = 0
    var output: [UInt8] = []

    init(bytes: [UInt8], isBare: Bool, type: TypeIdentifier.ID) {
      self.bytes = bytes
      self.isBare = isBare
      self.type = type
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
      guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
      position += 1
      return true
    }

    mutating func array() -> Bool {
      guard take("{") else { return false }
      output.append(UInt8(ascii: "["))
      if !take("}") {
        while true {
          guard element() else { return false }
          if take(",") {
            output.append(UInt8(ascii: ","))
          } else if take("}") {
            break
          } else {
            return false
          }
        }
      }
      output.append(UInt8(ascii: "]"))
      return true
    }

    private mutating func element() -> Bool {
      guard position < bytes.count else { return false }
      if bytes[position] == UInt8(ascii: "{") { return array() }
      var text: [UInt8] = []
      if take("\"") {
        while position < bytes.count, bytes[position] != UInt8(ascii: "\"") {
          if bytes[position] == UInt8(ascii: "\\") { position += 1 }
          guard position < bytes.count else { return false }
          text.append(bytes[position])
          position += 1
        }
        guard take("\"") else { return false }
      } else {
        while position < bytes.count, bytes[position] != UInt8(ascii: ","), bytes[position] != UInt8(ascii: "}") {
          text.append(bytes[position])
          position += 1
        }
        if text == Array("NULL".utf8) {
          output += "null".utf8
          return true
        }
      }
      append(text)
      return true
    }

    private mutating func append(_ text: [UInt8]) {
      if isBare {
        output += text
      } else if type == TypeIdentifier.booleanArray {
        output += text == [UInt8(ascii: "t")] ? "true".utf8 : "false".utf8
      } else if case .text(let list) = SQLValue.array([String(decoding: text, as: UTF8.self)]) {
        // The one place that decides how a text array is spelled; its brackets stand here already.
        output += list.utf8.dropFirst().dropLast()
      }
    }
  }
}
