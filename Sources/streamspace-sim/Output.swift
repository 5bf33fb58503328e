import Foundation

/// Standard output and standard error, and nothing between them: with `--json`, standard output holds one object.
enum Output {
  /// One line on standard error.
  static func complain(_ line: String) { write(line + "\n", to: FileHandle.standardError) }

  /// Text on standard output.
  static func print(_ text: String) { write(text + "\n", to: FileHandle.standardOutput) }

  /// Whether a person watches standard error.
  static var isTerminal: Bool { isatty(STDERR_FILENO) == 1 }

  /// Rewrites the present line of a terminal; nothing when no terminal is there.
  static func progress(_ text: String) {
    if isTerminal { write("\r\u{1B}[K\(text)", to: FileHandle.standardError) }
  }

  static func exit(_ status: ExitStatus) -> Never { Foundation.exit(status.rawValue) }

  private static func write(_ text: String, to handle: FileHandle) {
    // A closed pipe (`| head`) is no failure of ours.
    try? handle.write(contentsOf: Data(text.utf8))
  }
}
