import SimulationRuntime
import StreamSpaceProtocol
import TestEnvironment

/// The token that a viewer shows, made from its user's own.
enum ViewerTokens {
  private static let malformed = "not-a-token"
  /// A token lives 24 h: this far back it was issued.
  private static let age: Int64 = 25 * 3_600
  /// One signature in a hundred holds `--`.
  private static let attempts: Int64 = 20_000

  /// Nil: none is shown. Throws where the user's own cannot be changed.
  static func token(_ kind: ViewerToken, own: String?, secret: String) throws -> String? {
    switch kind {
    case .own: return own
    case .none: return nil
    case .malformed: return malformed
    case .expired:
      var claims = try claims(of: own)
      claims.issuedAt -= age
      claims.notBefore -= age
      claims.expiresAt -= age
      return claims.token(secret: secret)
    case .withDashes:
      var claims = try claims(of: own)
      for _ in 0..<attempts {
        let token = claims.token(secret: secret)
        if token.split(separator: ".").last?.contains("--") == true { return token }
        claims.issuedAt -= 1
      }
      throw EnvironmentError("no signature held two dashes")
    }
  }

  private static func claims(of token: String?) throws -> AccessClaims {
    let parts = token?.split(separator: ".") ?? []
    guard parts.count == 3, let document = Base64.decode(String(parts[1]), .url) else {
      throw EnvironmentError("the user has no token")
    }
    return try AccessClaims(decoding: document)
  }

  /// Puts a token into a request, at the place the viewer chose.
  static func place(_ token: String, _ place: ViewerTokenPlace, in request: inout HTTPRequest) {
    switch place {
    case .query: request.query["token"] = token
    case .cookie: request.headers[HTTPHeaderName.cookie] = "streamspace_proxy_token=\(token)"
    case .header: request.headers[HTTPHeaderName.authorization] = "Bearer \(token)"
    }
  }
}
