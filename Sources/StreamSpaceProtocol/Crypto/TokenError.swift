/// Why a token is refused, with the texts of the recorded library (spec/02 §2.2).
package enum TokenError: Error, Sendable, Hashable {
  /// Not three parts, or a part that cannot be read.
  case malformed(String)
  /// Another algorithm than HS256.
  case unverifiable(algorithm: String)
  /// The signature belongs to another secret or other contents.
  case invalidSignature
  case expired
  case notYetValid

  /// What follows `failed to parse token: ` in the answer.
  package var goText: String {
    switch self {
    case .malformed(let reason): "token is malformed: \(reason)"
    case .unverifiable(let algorithm):
      "token is unverifiable: error while executing keyfunc: unexpected signing method: \(algorithm)"
    case .invalidSignature: "token signature is invalid: signature is invalid"
    case .expired: "token has invalid claims: token is expired"
    case .notYetValid: "token has invalid claims: token is not valid yet"
    }
  }
}
