/// Reads the steps of a migration file: lines `-- step: schema`, `-- step: back-fill TABLE KEY` and
/// `-- step: index TABLE`, each followed by its statements.
enum StepParser {
  /// A file's steps, and what is wrong with it.
  static func steps(of text: String) -> (steps: [MigrationStep], problems: [String]) {
    var steps: [MigrationStep] = []
    var problems: [String] = []
    var kind: MigrationStep.Kind?
    var lines: [Substring] = []

    func endStep() {
      let text = lines.joined(separator: "\n").trimmed
      lines.removeAll(keepingCapacity: true)
      let statements = StatementSplitter.statements(of: text)
      guard let kind else {
        if !statements.isEmpty { problems.append("a statement stands before the first step") }
        return
      }
      if statements.isEmpty { problems.append("step \(steps.count + 1) is empty") }
      if kind != .schema, statements.count > 1 {
        problems.append("step \(steps.count + 1) has \(statements.count) statements, one is allowed")
      }
      steps.append(MigrationStep(kind: kind, statements: statements, text: text))
    }

    for line in text.withLineFeeds.split(separator: "\n", omittingEmptySubsequences: false) {
      guard line.hasPrefix(mark) else {
        lines.append(line)
        continue
      }
      endStep()
      kind = self.kind(line.dropFirst(mark.count))
      if kind == nil {
        problems.append("unknown step: \(line)")
        kind = .schema
      }
    }
    endStep()
    return (steps, problems)
  }

  private static let mark = "-- step: "

  private static func kind(_ words: Substring) -> MigrationStep.Kind? {
    let words = words.split(separator: " ").map(String.init)
    switch (words.first, words.count) {
    case ("schema", 1): return .schema
    case ("back-fill", 3): return .backfill(table: words[1], key: words[2])
    case ("index", 2): return .index(table: words[1])
    default: return nil
    }
  }
}

extension String {
  /// With LF line ends, as checksums want it.
  var withLineFeeds: String {
    utf8.contains(0x0D) ? String(decoding: utf8.filter { $0 != 0x0D }, as: UTF8.self) : self
  }

  /// Without line ends and blanks around it.
  var trimmed: String {
    let isInk: (Character) -> Bool = { !$0.isWhitespace }
    guard let first = firstIndex(where: isInk), let last = lastIndex(where: isInk) else { return "" }
    return String(self[first...last])
  }
}
