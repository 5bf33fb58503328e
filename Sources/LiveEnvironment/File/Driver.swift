extension EnvironmentFile {
  /// How a component is stopped, killed, paused and started (spec/08 §1).
  package struct Driver: Sendable, Hashable {
    package enum Kind: String, Sendable, Hashable, CaseIterable {
      case process, kubectl, docker, none
    }

    /// A command: words, or a line for `/bin/sh -c`.
    package enum Command: Sendable, Hashable {
      case words([String])
      case line(String)

      /// Program and arguments, with `{target}` replaced.
      package func words(target: String) -> [String] {
        switch self {
        case .words(let words): words.map { $0.replacing("{target}", with: target) }
        case .line(let line): ["/bin/sh", "-c", line.replacing("{target}", with: target)]
        }
      }
    }

    /// What a variable of the command's environment is set to.
    package enum Value: Sendable, Hashable {
      case text(String)
      case secret(Secret)

      package var text: String {
        switch self {
        case .text(let text): text
        case .secret(let secret): secret.value
        }
      }
    }

    package struct Variable: Sendable, Hashable {
      package var name: String
      package var value: Value
    }

    package var name: String
    package var kind: Kind
    package var start: Command?
    /// Instead of the driver's own way to stop.
    package var stop: Command?
    /// In the order of the file.
    package var environment: [Variable]
    /// Answers 200 when a started component is ready.
    package var readyURL: String?
    /// Where the process's id stands; `{target}` is replaced.
    package var pidFile: String?
  }
}
