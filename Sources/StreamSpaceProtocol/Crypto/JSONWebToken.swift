/// JSON Web Tokens signed with HMAC-SHA-256 (RFC 7519, HS256), the only algorithm in use (spec/02 §2.2).
package enum JSONWebToken {
  private static let header = #"{"alg":"HS256","typ":"JWT"}"#

  /// Shortest secret the control plane starts with, in characters.
  package static let minimumSecretCount = 32

  /// The token of these claims; their order is kept.
  package static func sign(_ claims: JSONValue, secret: String) -> String {
    let signed =
      Base64.encode(Array(header.utf8), .url) + "." + Base64.encode(JSONWriter.bytes(of: claims), .url)
    let signature = HMACSHA256.code(Array(signed.utf8), key: Array(secret.utf8))
    return signed + "." + Base64.encode(signature, .url)
  }

  /// The claims of a token whose signature and times hold at `now`: valid from `nbf` on, and before `exp`. Claims
  /// without these two are not limited.
  package static func verify(_ token: String, secret: String, now: Timestamp) throws(TokenError) -> JSONValue {
    let parts = token.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
      .map { String(Substring($0)) }
    guard parts.count == 3 else { throw .malformed("token contains an invalid number of segments") }
    let header = try document(parts[0], "header")
    guard let algorithm = header["alg"]?.text else {
      throw .malformed("signing method (alg) is unspecified")
    }
    let claims = try document(parts[1], "claim")
    guard algorithm == "HS256" else { throw .unverifiable(algorithm: algorithm) }
    let expected = HMACSHA256.code(Array("\(parts[0]).\(parts[1])".utf8), key: Array(secret.utf8))
    guard let signature = Base64.decode(parts[2], .url) else {
      throw .malformed("could not base64 decode signature: illegal base64 data")
    }
    guard signature == expected else { throw .invalidSignature }
    try check(expiry: claims["exp"]?.integer, start: claims["nbf"]?.integer, at: now)
    return claims
  }

  /// Whether `now` lies between `start` and `expiry`, in whole seconds since 1970.
  static func check(expiry: Int64?, start: Int64?, at now: Timestamp) throws(TokenError) {
    if let expiry, now.nanosecondsSince1970 >= nanoseconds(expiry) { throw .expired }
    if let start, now.nanosecondsSince1970 < nanoseconds(start) { throw .notYetValid }
  }

  private static func document(_ part: String, _ name: String) throws(TokenError) -> JSONValue {
    guard let bytes = Base64.decode(part, .url) else {
      throw .malformed("could not base64 decode \(name): illegal base64 data")
    }
    do throws(WireError) {
      let document = try JSONParser.parse(bytes)
      return .object(try JSONReader(document, "jwt").object)
    } catch {
      throw .malformed("could not JSON decode \(name): \(error.goText())")
    }
  }

  private static func nanoseconds(_ seconds: Int64) -> Int64 {
    let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    return overflow ? (seconds > 0 ? .max : .min) : product
  }
}
