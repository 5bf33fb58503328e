import Foundation

/// Where a secret of an environment file stands: never in the file itself (spec/08 §1).
package enum SecretSource: Sendable, Hashable {
  /// A variable of the process's environment.
  case variable(String)
  /// A file whose content is the secret, without the line end at its end.
  case file(String)

  /// Why a secret cannot be had.
  package enum Missing: Error, Sendable, Hashable, CustomStringConvertible {
    case variable(String)
    case file(String)

    package var description: String {
      switch self {
      case .variable(let name): "the environment variable \(name) is not set"
      case .file(let path): "the file \(path) cannot be read as text"
      }
    }
  }

  /// The secret; an empty variable counts as not set.
  package func resolve(
    in environment: [String: String] = ProcessInfo.processInfo.environment
  ) throws(Missing) -> String {
    switch self {
    case .variable(let name):
      guard let value = environment[name], !value.isEmpty else { throw .variable(name) }
      return value
    case .file(let path):
      guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { throw .file(path) }
      return text.hasSuffix("\n") ? String(text.dropLast()) : text
    }
  }
}
