/// One answer.
package struct HTTPResponse: Sendable {
  package var status: HTTPStatus
  package var headers: HTTPHeaders
  package var body: HTTPBody

  package init(_ status: HTTPStatus, headers: HTTPHeaders = HTTPHeaders(), body: HTTPBody = .empty) {
    self.status = status
    self.headers = headers
    self.body = body
  }

  /// An answer with a typed body; the content type is the recorded `application/json; charset=utf-8`.
  package init(_ status: HTTPStatus, _ body: some WireEncodable) {
    self.init(
      status, headers: [HTTPHeaderName.contentType: HTTPResponse.jsonContentType], body: .typed(body))
  }

  /// The content type of every JSON answer [rec 01].
  package static let jsonContentType = "application/json; charset=utf-8"

  /// What unknown paths are answered: 404 with a text body [rec 01].
  package static let pageNotFound = HTTPResponse(
    .notFound, headers: [HTTPHeaderName.contentType: "text/plain"], body: .text("404 page not found"))

  /// What a plain GET on a WebSocket route is answered once all checks passed: 400 with a text body [rec 05].
  package static let notAnUpgrade = HTTPResponse(
    .badRequest, headers: [HTTPHeaderName.contentType: "text/plain; charset=utf-8"], body: .text("Bad Request\n"))

  /// Bytes of the answer in HTTP/1.1: exact for line and headers, an estimate for a typed body.
  package var byteCount: Int {
    status.reasonPhrase.utf8.count + 15 + headers.byteCount + 2 + body.byteCount
  }
}
