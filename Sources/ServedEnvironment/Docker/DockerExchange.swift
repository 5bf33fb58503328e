import SimulationRuntime
import SocketBridges
import StreamSpaceProtocol

/// One request to the Docker Engine API over a real socket, read so far that it can be routed, and the ways to answer
/// it as the daemon does.
final class DockerExchange {
  let socket: any SocketExchange
  var request: HTTPRequest
  /// The parts of the path without the version, decoded.
  let path: [String]
  /// The version in the path; nil for a path without one.
  let version: DockerAPIVersion?
  /// Calls to the daemon that are given up when the client leaves.
  private var calls: [OutgoingCall] = []

  /// Nil for a method that nothing is routed by.
  init?(_ socket: any SocketExchange) {
    guard let method = HTTPMethod(rawValue: socket.request.method) else { return nil }
    self.socket = socket
    request = HTTPRequest(
      method, target: socket.request.target, headers: socket.request.headers, body: .bytes(socket.request.body))
    var parts = request.segments
    var stated: DockerAPIVersion?
    if let first = parts.first, first.hasPrefix("v") { stated = DockerAPIVersion(first.dropFirst()) }
    if stated != nil { parts.removeFirst() }
    version = stated
    path = parts
    socket.onAbandoned = { [weak self] in self?.giveUp() }
  }

  /// Refuses a version that the engine does not speak.
  func checkVersion() throws(DockerFailure) {
    guard let version else { return }
    if version > .engine { throw .versionTooNew(version) }
    if version < .oldest { throw .versionTooOld(version) }
  }

  /// As the engine reads a truth value: absent, empty, `0`, `no`, `false` and `none` are false.
  func flag(_ name: String) -> Bool {
    !["", "0", "no", "false", "none"].contains((request.query[name] ?? "").lowercased())
  }

  /// What the request asks inside: with the caller, the term and the version it came with.
  func inner(_ operation: DockerRequest.Operation) -> DockerRequest {
    DockerRequest(
      operation, caller: request.headers[DockerHeader.caller] ?? "",
      leader: request.headers[DockerHeader.leader].flatMap(LeaderTerm.init(headerText:)), apiVersion: version)
  }

  // MARK: Answers

  /// What the daemon sets in every answer but its `page not found`.
  static let commonHeaders: HTTPHeaders = [
    DockerHeader.apiVersion: DockerAPIVersion.engine.text, "Docker-Experimental": "false", DockerHeader.osType: "linux",
    "Server": "Docker/\(DockerVersion.measured) (linux)",
  ]
  static let json: HTTPHeaders = [HTTPHeaderName.contentType: "application/json"]
  static let rawStream = "application/vnd.docker.raw-stream"

  private static func headers(_ more: HTTPHeaders) -> HTTPHeaders {
    var headers = more
    for field in commonHeaders.fields where headers[field.name] == nil { headers.add(field.name, field.value) }
    return headers
  }

  func answer(_ response: HTTPResponse) {
    var body = response.body.bytes
    // The daemon's encoder ends each document so.
    if case .typed = response.body { body.append(0x0a) }
    socket.respond(response.status.rawValue, Self.headers(response.headers), body)
  }

  func answer(_ document: JSONValue, code: Int = 200) {
    answer(HTTPResponse(HTTPStatus(rawValue: code), headers: Self.json, body: .typed(document)))
  }

  func refuse(_ failure: DockerFailure) { Self.refuse(socket, failure) }

  static func refuse(_ socket: any SocketExchange, _ failure: DockerFailure) {
    let response = failure.http
    var body = response.body.bytes
    if case .typed = response.body { body.append(0x0a) }
    socket.respond(failure.status, failure == .pageNotFound ? response.headers : headers(response.headers), body)
  }

  /// An answer that goes on.
  func stream(_ more: HTTPHeaders = json) -> any ByteSink { socket.stream(200, Self.headers(more)) }

  /// The connection breaks: what a daemon's end or an outage looks like.
  func drop() { socket.drop() }

  // MARK: The client's presence

  /// `call` is given up when the client leaves before the answer.
  func keep(_ call: OutgoingCall) { calls.append(call) }

  private func giveUp() {
    for call in calls { call.cancel() }
    calls = []
  }
}
