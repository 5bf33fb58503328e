/// One thing that is wrong in an environment file, and where.
package struct FileProblem: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// As the user named it.
  package var file: String
  /// From 1; 0: the file as a whole.
  package var line: Int
  /// From 1, in Unicode scalars; 0: the file as a whole.
  package var column: Int
  package var message: String

  package init(file: String, line: Int, column: Int, message: String) {
    self.file = file
    self.line = line
    self.column = column
    self.message = message
  }

  /// `FILE:LINE:COLUMN: message`.
  package var description: String { line > 0 ? "\(file):\(line):\(column): \(message)" : "\(file): \(message)" }

  /// In the order of the file.
  package static func < (left: FileProblem, right: FileProblem) -> Bool {
    (left.line, left.column, left.message) < (right.line, right.column, right.message)
  }
}

/// Everything that is wrong in an environment file: exit status 2.
package struct EnvironmentFileError: Error, Sendable, Hashable, CustomStringConvertible {
  /// In the order of the file, at least one.
  package var problems: [FileProblem]

  package init(_ problems: [FileProblem]) {
    var kept: [FileProblem] = []
    // A section that is looked at twice says the same thing twice.
    for problem in problems.sorted() where kept.last != problem { kept.append(problem) }
    self.problems = kept
  }

  /// One line a problem.
  package var description: String { problems.map(\.description).joined(separator: "\n") }
}
