import SimulationRuntime
import StreamSpaceProtocol

/// Takes requests through the checks that stand before every handler and to the handler of their route
/// (spec/02 §1.4, as far as it shows to a client).
package final class HTTPRouter {
  /// Time after which a request is answered 408 (spec/02 §1.4).
  package static let timeout = TimeSpan.seconds(30)
  /// Largest body (spec/02 §1.4).
  package static let bodyLimit = 10 * 1024 * 1024
  /// Paths whose requests are not cut after ``timeout``.
  private static let untimed = ["/api/v1/ws/", "/api/v1/upload"]

  package typealias Handler = (HTTPExchange) -> Void

  private struct Route {
    let pattern: RoutePattern
    let handler: Handler
  }

  private unowned let incarnation: Incarnation
  private var routes: [HTTPMethod: [Route]] = [:]
  /// Requests that are being handled; upgraded ones do not count.
  private(set) var openExchanges = 0
  /// Told when the last open exchange is over.
  var onIdle: (() -> Void)?

  private static let expiry = EventLabel("controlplane.http.timeout")

  init(_ incarnation: Incarnation) { self.incarnation = incarnation }

  /// Adds a route. A pattern that fits a path in more literal parts is tried first, whatever the order of additions.
  package func on(_ method: HTTPMethod, _ pattern: String, _ handler: @escaping Handler) {
    let route = Route(pattern: RoutePattern(pattern), handler: handler)
    let place = routes[method, default: []].firstIndex { route.pattern.precedes($0.pattern) }
    routes[method, default: []].insert(route, at: place ?? routes[method]?.count ?? 0)
  }

  /// Answers a request without handling it.
  func refuse(_ exchange: HTTPExchange, _ response: HTTPResponse) {
    exchange.onEnd = {}
    exchange.respond(response)
  }

  /// Handles one incoming request.
  func handle(_ exchange: HTTPExchange) {
    openExchanges += 1
    let request = exchange.request
    var timer = EventToken.none
    if !Self.untimed.contains(where: { request.path.hasPrefix($0) }) {
      timer = incarnation.after(Self.timeout, Self.expiry) {
        exchange.respond(HTTPResponse(.requestTimeout, RequestTimeout()))
      }
    }
    exchange.onEnd = { [weak self] in
      guard let self else { return }
      incarnation.cancel(timer)
      openExchanges -= 1
      if openExchanges == 0 { onIdle?() }
    }
    if request.method == .options { return exchange.respond(HTTPResponse(.noContent)) }
    if let refusal = RequestCheck.path(request.path) ?? RequestCheck.query(request.query, tokenIsExempt: true) {
      return exchange.respond(.badRequest, refusal)
    }
    let length = request.headers[HTTPHeaderName.contentLength].flatMap(Int.init) ?? request.body.byteCount
    if length > Self.bodyLimit { return exchange.respond(HTTPResponse(.contentTooLarge, BodyTooLarge())) }
    let segments = request.segments
    for route in routes[request.method] ?? [] {
      guard let parameters = route.pattern.match(segments) else { continue }
      exchange.parameters = parameters
      return route.handler(exchange)
    }
    exchange.respond(.pageNotFound)
  }
}

/// Body of 408 (spec/02 §1.4).
private struct RequestTimeout: WireEncodable {
  var json: JSONValue {
    var object = JSONObject(reserving: 3)
    object.add("error", "Request timeout")
    object.add("message", "The request took too long to process")
    object.add("timeout", "30s")
    return .object(object)
  }
}

/// Body of 413 (spec/02 §1.4).
private struct BodyTooLarge: WireEncodable {
  var json: JSONValue {
    var object = JSONObject(reserving: 3)
    object.add("error", "Request entity too large")
    object.add("max_size_mb", 10)
    object.add("message", "Request body exceeds maximum allowed size")
    return .object(object)
  }
}
