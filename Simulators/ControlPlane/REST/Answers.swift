import StreamSpaceProtocol

extension HTTPExchange {
  /// Answers with the cache header of the recorded middleware [rec 01].
  func answer(_ response: HTTPResponse) {
    var response = response
    response.headers["Cache-Control"] = request.cacheControl
    respond(response)
  }

  func answer(_ status: HTTPStatus, _ body: some WireEncodable) { answer(HTTPResponse(status, body)) }

  func answer(_ refusal: Refusal) { answer(refusal.response) }

  /// The body as a model; answers 400 with the bare text of the decoder and gives nil when it cannot be read
  /// (spec/02 §3, plain binding).
  func plainBody<Model: WireDecodable>(as type: Model.Type = Model.self) -> Model? {
    do throws(WireError) {
      return try request.body.decode(as: type)
    } catch {
      answer(.badRequest, ErrorBody(error.goText()))
      return nil
    }
  }
}

extension HTTPRequest {
  /// `Cache-Control` of an answer (spec/02 §1.4 no. 13).
  var cacheControl: String {
    let uncached = ["/api/v1/auth/", "/api/v1/users/me", "/api/v1/sessions/"]
    guard method == .get, !uncached.contains(where: { path.hasPrefix($0) }) else {
      return "no-store, no-cache, must-revalidate"
    }
    return "public, max-age=300"
  }
}

extension Refusal {
  /// A failure of any kind while rows were read or written.
  static func failure(_ error: any Error, _ text: String) -> Refusal {
    if let error = error as? DatabaseError { return .database(error, text) }
    return Refusal(.internalServerError, ErrorBody(text, message: "\(error)"))
  }
}
