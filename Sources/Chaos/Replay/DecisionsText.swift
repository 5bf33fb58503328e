/// Answers as a line of text: numbers separated by blanks, `0x33` being 33 times 0.
enum DecisionsText {
  static func text(of answers: [UInt64]) -> String {
    var words: [String] = []
    var index = 0
    while index < answers.count {
      var end = index + 1
      while end < answers.count, answers[end] == answers[index] { end += 1 }
      words.append(end - index > 1 ? "\(answers[index])x\(end - index)" : "\(answers[index])")
      index = end
    }
    return words.joined(separator: " ")
  }

  /// Answers that a file may hold for one stream.
  private static let most = 50_000_000

  /// Nil: it is no such text.
  static func answers(of text: String) -> [UInt64]? {
    var answers: [UInt64] = []
    for word in text.split(separator: " ") {
      let parts = word.split(separator: "x", omittingEmptySubsequences: false)
      guard let answer = parts.first.flatMap({ UInt64($0) }), parts.count <= 2 else { return nil }
      guard let count = parts.count == 1 ? 1 : Int(parts[1]), count > 0, count <= most - answers.count else {
        return nil
      }
      answers.append(contentsOf: repeatElement(answer, count: count))
    }
    return answers
  }
}
