/// A secret of an environment file with its value. Its description shows where it stands, never the value.
package struct Secret: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  package let source: SecretSource
  /// The secret itself: for the one who logs in with it, never for a message.
  package let value: String

  package init(_ source: SecretSource, value: String) {
    self.source = source
    self.value = value
  }

  package var description: String {
    switch source {
    case .variable(let name): "$\(name)"
    case .file(let path): "content of \(path)"
    }
  }

  package var debugDescription: String { description }

  /// Dumps show no more than the description.
  package var customMirror: Mirror { Mirror(self, children: ["source": source]) }
}
