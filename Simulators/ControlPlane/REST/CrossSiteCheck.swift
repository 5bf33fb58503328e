import SimulationRuntime
import StreamSpaceProtocol

/// The check that a request which changes something comes from the own pages (spec/02 §2.9).
///
/// Reading hands out a token, in a header for the script and in a cookie; changing needs both, equal and known. As
/// recorded the tokens live in the memory of a replica, so that a browser needs luck with the balancer: here a token
/// belongs to a login and is known wherever the login is.
final class CrossSiteCheck {
  static let header = "X-CSRF-Token"
  static let cookie = "csrf_token"

  private let policies: UserPolicies
  private let secret: String
  private let decisions: Decisions
  private let stream: DecisionStream
  /// Tokens that this replica gave.
  private var given: [String] = []

  init(_ incarnation: Incarnation, policies: UserPolicies, secret: String) {
    self.policies = policies
    self.secret = secret
    decisions = incarnation.decisions
    stream = decisions.stream("controlplane.csrf.\(incarnation.process.name)")
  }

  /// The refusal of a request that is not proved to come from the own pages. A read is given its token.
  func refusal(of exchange: HTTPExchange, _ claims: AccessClaims) -> Refusal? {
    let request = exchange.request
    if request.bearerToken != nil, policies.crossSiteCheck == .cookiesOnly { return nil }
    if request.isWebSocketUpgrade { return nil }
    if [.get, .head, .options].contains(request.method) {
      if request.bearerToken == nil { hand(token(of: claims), to: exchange) }
      return nil
    }
    guard let sent = request.headers[Self.header], let kept = request.cookie(Self.cookie) else {
      return Self.refused("CSRF token missing", "Send the header \(Self.header) and the cookie \(Self.cookie)")
    }
    guard sent == kept else { return Self.refused("CSRF token mismatch", "Header and cookie differ") }
    return isKnown(sent, claims) ? nil : Self.refused("CSRF token invalid", "The token is unknown or too old")
  }

  private static func refused(_ error: String, _ message: String) -> Refusal {
    Refusal(.forbidden, ErrorBody(error, message: message))
  }

  private func hand(_ token: String, to exchange: HTTPExchange) {
    exchange.addedHeaders.append((Self.header, token))
    exchange.addedHeaders.append(
      (HTTPHeaderName.setCookie, "\(Self.cookie)=\(token); Path=/; Max-Age=86400; HttpOnly; Secure"))
  }

  private func token(of claims: AccessClaims) -> String {
    guard policies.crossSiteToken == .ofEachAnswer else { return ofLogin(claims) }
    let token = decisions.hex(stream, digits: 64)
    given.append(token)
    return token
  }

  private func isKnown(_ token: String, _ claims: AccessClaims) -> Bool {
    policies.crossSiteToken == .ofLogin ? token == ofLogin(claims) : given.contains(token)
  }

  private func ofLogin(_ claims: AccessClaims) -> String { SHA256.hex("csrf:\(claims.tokenID):\(secret)") }
}
