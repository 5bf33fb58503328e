import StreamSpaceProtocol

extension Exhibits {
  /// A line of `redis-cli monitor`: words in quotes with backslash escapes.
  static func redis(_ line: String, _ place: String) -> [Exhibit] {
    let words = monitorWords(line)
    guard let command = words.first?.lowercased(), words.count > 2 else { return [] }
    switch (command, words[1]) {
    case ("set", let key) where key.hasPrefix("session:"):
      return [value("redis session:", words[2], place) { try LoginSession(json: $0).json }]
    case ("set", let key) where key.hasPrefix("response:"):
      let cached = value("redis response:", words[2], place) { try CachedAnswer(json: $0).json }
      guard let body = try? CachedAnswer(decoding: Array(words[2].utf8)).body else { return [cached] }
      return [
        cached,
        value("redis response: body", body, place) { json in
          json["sessions"] == nil ? try Session(json: json).json : try SessionList(json: json).json
        },
      ]
    case ("publish", let channel) where channel.hasPrefix("pod:"):
      return [published(words[2], place)]
    default:
      return []
    }
  }

  /// `PUBLISH channel message`, typed by hand in a capture.
  static func redisQuery(_ line: String, _ place: String) -> [Exhibit] {
    let words = line.split(separator: " ", maxSplits: 2).map(String.init)
    guard words.count == 3, words[0] == "PUBLISH" else { return [] }
    return [published(words[2], place)]
  }

  /// The route payload and, inside it, the envelope as text.
  private static func published(_ text: String, _ place: String) -> Exhibit {
    let inner = (try? JSONParser.parse(text))?["message"]?.text ?? ""
    let label = (try? JSONParser.parse(inner)) == nil ? "redis publish by hand" : "redis publish"
    return value(label, text, place) { json in
      let routed = try RoutedCommand(json: json)
      return RoutedCommand(agentID: routed.agentID, envelope: try routed.envelope()).json
    }
  }

  private static func value(
    _ label: String, _ text: String, _ place: String, _ roundTrip: @escaping (JSONValue) throws -> JSONValue
  ) -> Exhibit {
    guard let document = try? JSONParser.parse(text) else {
      return Exhibit(
        label: "\(label) that is no JSON", place: place, document: .string(text), fidelity: .exact, roundTrip: roundTrip
      )
    }
    // The text itself must come out again, not only what it parses to.
    return Exhibit(
      label: label, place: place, document: document, fidelity: .exact,
      roundTrip: { json in
        let result = try roundTrip(json)
        guard JSONWriter.text(of: result) == text else {
          throw WireError.invalid(path: "", reason: "text came out as \(JSONWriter.text(of: result))")
        }
        return result
      })
  }

  /// The words of a line, escapes undone.
  private static func monitorWords(_ line: String) -> [String] {
    var words: [String] = []
    var word: [UInt8] = []
    var inWord = false
    var escaped = false
    for byte in line.utf8 {
      if !inWord {
        if byte == UInt8(ascii: "\"") { inWord = true }
      } else if escaped {
        word.append(byte == UInt8(ascii: "n") ? 0x0a : byte)
        escaped = false
      } else if byte == UInt8(ascii: "\\") {
        escaped = true
      } else if byte == UInt8(ascii: "\"") {
        words.append(String(decoding: word, as: UTF8.self))
        word = []
        inWord = false
      } else {
        word.append(byte)
      }
    }
    return words
  }
}
