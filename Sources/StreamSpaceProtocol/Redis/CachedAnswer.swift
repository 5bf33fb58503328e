/// The value of a `response:<hash>` key: a whole answer (spec/02 §1.6).
package struct CachedAnswer: WireCodable, Hashable {
  package var statusCode: Int
  /// Keys in byte order.
  package var headers: HTTPHeaders
  /// The bytes of the body as a text.
  package var body: String

  package init(statusCode: Int, headers: HTTPHeaders, body: String) {
    self.statusCode = statusCode
    self.headers = headers
    self.body = body
  }

  /// The answer as it goes into the cache.
  package init(_ response: HTTPResponse) {
    self.init(
      statusCode: response.status.rawValue, headers: response.headers,
      body: String(decoding: response.body.bytes, as: UTF8.self))
  }

  /// The answer as it comes out of the cache, marked as a hit.
  package var response: HTTPResponse {
    var headers = headers
    headers[HTTPHeaderName.cache] = "HIT"
    return HTTPResponse(HTTPStatus(rawValue: statusCode), headers: headers, body: .text(body))
  }

  package init(json: JSONValue) throws(WireError) {
    let reader = try JSONReader(json)
    statusCode = try reader.integer("status_code")
    body = try reader.text("body")
    headers = HTTPHeaders()
    for member in try reader.optionalObject("headers")?.members ?? [] {
      guard let value = member.value.text else {
        throw .typeMismatch(path: "headers.\(member.key)", expected: "string", found: member.value.kind)
      }
      headers.add(member.key, value)
    }
  }

  package var json: JSONValue {
    let members = headers.fields.map { JSONObject.Member(key: $0.name, value: .string($0.value)) }
    var object = JSONObject(reserving: 3)
    object.add("status_code", statusCode)
    object.add("headers", JSONObject(members).sortedByKey)
    object.add("body", body)
    return .object(object)
  }
}
