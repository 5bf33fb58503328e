/// Why a message or body could not be read.
package enum WireError: Error, Sendable, Hashable {
  /// The bytes are no JSON document.
  case syntax(JSONSyntaxError)
  /// A value has another kind than the model asks for; `path` is dotted from the model's root, `expected` is the Go type.
  case typeMismatch(path: String, expected: String, found: JSONValue.Kind)
  /// A key the model cannot do without is absent or null.
  case missing(path: String)
  /// A value of the right kind that means nothing here.
  case invalid(path: String, reason: String)

  /// The same error seen from one level further out.
  package func within(_ key: String) -> WireError {
    switch self {
    case .syntax: self
    case .typeMismatch(let path, let expected, let found):
      .typeMismatch(path: WireError.join(key, path), expected: expected, found: found)
    case .missing(let path): .missing(path: WireError.join(key, path))
    case .invalid(let path, let reason): .invalid(path: WireError.join(key, path), reason: reason)
    }
  }

  private static func join(_ key: String, _ path: String) -> String {
    path.isEmpty ? key : "\(key).\(path)"
  }

  /// The text Go's decoder or binder gives for this error, as the control plane puts it into `error` or `details`
  /// (spec/02 §3). `structName` is empty for the anonymous structs of the session handlers.
  package func goText(structName: String = "") -> String {
    switch self {
    case .syntax(let error):
      return error.goText
    case .typeMismatch(let path, let expected, let found):
      if path.isEmpty { return "json: cannot unmarshal \(found.rawValue) into Go value of type \(expected)" }
      return
        "json: cannot unmarshal \(found.rawValue) into Go struct field \(structName).\(path) of type \(expected)"
    case .missing(let path):
      return GoBinding.failure(structName: structName, key: path, tag: "required")
    case .invalid(_, let reason):
      return reason
    }
  }
}

extension WireError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .syntax(let error): "not JSON: \(error.goText) at byte \(error.offset)"
    case .typeMismatch(let path, let expected, let found): "\(path): \(found.rawValue) where \(expected) is expected"
    case .missing(let path): "\(path): missing"
    case .invalid(let path, let reason): "\(path): \(reason)"
    }
  }
}
