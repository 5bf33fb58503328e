/// A status code with the names the control plane uses.
package struct HTTPStatus: Sendable, Hashable, RawRepresentable {
  /// The code, 100 to 599.
  package var rawValue: Int

  package init(rawValue: Int) { self.rawValue = rawValue }

  /// The upgrade to a WebSocket.
  package static let switchingProtocols = HTTPStatus(rawValue: 101)
  package static let ok = HTTPStatus(rawValue: 200)
  package static let created = HTTPStatus(rawValue: 201)
  package static let accepted = HTTPStatus(rawValue: 202)
  package static let noContent = HTTPStatus(rawValue: 204)
  package static let temporaryRedirect = HTTPStatus(rawValue: 307)
  package static let badRequest = HTTPStatus(rawValue: 400)
  package static let unauthorized = HTTPStatus(rawValue: 401)
  package static let forbidden = HTTPStatus(rawValue: 403)
  package static let notFound = HTTPStatus(rawValue: 404)
  package static let methodNotAllowed = HTTPStatus(rawValue: 405)
  package static let requestTimeout = HTTPStatus(rawValue: 408)
  package static let conflict = HTTPStatus(rawValue: 409)
  package static let gone = HTTPStatus(rawValue: 410)
  package static let contentTooLarge = HTTPStatus(rawValue: 413)
  package static let tooManyRequests = HTTPStatus(rawValue: 429)
  package static let internalServerError = HTTPStatus(rawValue: 500)
  package static let notImplemented = HTTPStatus(rawValue: 501)
  package static let badGateway = HTTPStatus(rawValue: 502)
  package static let serviceUnavailable = HTTPStatus(rawValue: 503)

  /// 200 to 299.
  package var isSuccess: Bool { (200..<300).contains(rawValue) }

  /// The reason phrase of the status line.
  package var reasonPhrase: String {
    switch rawValue {
    case 101: "Switching Protocols"
    case 200: "OK"
    case 201: "Created"
    case 202: "Accepted"
    case 204: "No Content"
    case 307: "Temporary Redirect"
    case 400: "Bad Request"
    case 401: "Unauthorized"
    case 403: "Forbidden"
    case 404: "Not Found"
    case 405: "Method Not Allowed"
    case 408: "Request Timeout"
    case 409: "Conflict"
    case 410: "Gone"
    case 413: "Request Entity Too Large"
    case 429: "Too Many Requests"
    case 500: "Internal Server Error"
    case 501: "Not Implemented"
    case 502: "Bad Gateway"
    case 503: "Service Unavailable"
    default: "Status \(rawValue)"
    }
  }
}

extension HTTPStatus: CustomStringConvertible {
  package var description: String { String(rawValue) }
}
