import SimulationRuntime
import StreamSpaceProtocol

/// Who made a request, once an authenticator has found out.
package struct AuthenticatedUser: Sendable, Hashable {
  package var id: String
  package var username: String
  /// Role of the token (spec/02 §2.3).
  package var role: String
  package var organisation: String
  /// The claims of the token the request came with.
  package var claims: AccessClaims?

  package init(id: String, username: String, role: String, organisation: String, claims: AccessClaims? = nil) {
    self.id = id
    self.username = username
    self.role = role
    self.organisation = organisation
    self.claims = claims
  }

  package var isAdministrator: Bool { role == UserRole.admin.rawValue }
}

/// One request on its way through a replica. Answer it once, with ``respond(_:)`` or ``accept()``; later answers do
/// nothing, as after a time-out.
package final class HTTPExchange {
  package let request: HTTPRequest
  /// Values of the `:name` parts of the route's pattern, decoded.
  package internal(set) var parameters: [(name: String, value: String)] = []
  /// First address of `X-Forwarded-For`, else the calling host (spec/02 §2.10: honoured from anyone).
  package let clientAddress: String
  /// Set by ``RequestAuthenticator``.
  package var user: AuthenticatedUser?
  /// Fields that middleware adds to the answer, whatever it is.
  var addedHeaders: [(name: String, value: String)] = []
  private let call: IncomingCall
  /// Told once when the exchange is over: answered, upgraded or abandoned.
  var onEnd: (() -> Void)?
  /// Told the status of the answer before it leaves; 101 for an upgrade.
  var onAnswer: ((Int) -> Void)?
  /// Told once if the client leaves before the answer; not after an answer.
  package var onAbandoned: (() -> Void)?

  init(call: IncomingCall, request: HTTPRequest) {
    self.call = call
    self.request = request
    let forwarded = request.headers[HTTPHeaderName.forwardedFor]?.split(separator: ",").first
    clientAddress =
      forwarded.map { String($0.drop { $0 == " " }.prefix { $0 != " " }) } ?? call.remoteHost
    call.onAbandoned = { [weak self] in
      guard let self else { return }
      let abandoned = onAbandoned
      finish()
      abandoned?()
    }
  }

  /// The value of a part `:name` of the pattern; empty if the pattern has no such part.
  package subscript(parameter name: String) -> String {
    parameters.first { $0.name == name }?.value ?? ""
  }

  /// Whether an answer still reaches the client.
  package var isPending: Bool { onEnd != nil && call.isPending }

  /// Answers. Nothing happens when the exchange is over.
  package func respond(_ response: HTTPResponse) {
    guard isPending else { return }
    var response = response
    for (name, value) in addedHeaders { response.headers.add(name, value) }
    onAnswer?(Int(response.status.rawValue))
    // First the answer: the end of the last exchange may be the end of the process.
    call.reply(Frame(response, byteCount: response.byteCount))
    finish()
  }

  /// Answers with a JSON body.
  package func respond(_ status: HTTPStatus, _ body: some WireEncodable) { respond(HTTPResponse(status, body)) }

  /// Upgrades to a WebSocket; nil when the client has left or was answered. `latency` replaces that of the connection.
  package func accept(latency: LatencyModel? = nil) -> Socket? {
    guard isPending else { return nil }
    onAnswer?(Int(HTTPStatus.switchingProtocols.rawValue))
    let socket = call.accept(latency: latency)
    finish()
    return socket
  }

  private func finish() {
    call.onAbandoned = nil
    onAbandoned = nil
    onAnswer = nil
    let ended = onEnd
    onEnd = nil
    ended?()
  }

  /// The body as a model. Answers 400 `Invalid request format` and gives nil when it cannot be read (spec/02 §3, step 1).
  package func decodeBody<Model: WireDecodable>(as type: Model.Type = Model.self, structName: String) -> Model? {
    do throws(WireError) {
      return try request.body.decode(as: type)
    } catch {
      respond(.badRequest, ErrorBody.invalidRequestFormat(error.goText(structName: structName)))
      return nil
    }
  }
}

/// Finds the user of a request. Installed by the part that knows tokens and user rows.
package protocol RequestAuthenticator: AnyObject {
  /// Sets ``HTTPExchange/user`` and calls `next`, or answers the refusal itself. `role`: the least role, nil for any.
  func authenticate(_ exchange: HTTPExchange, role: UserRole?, next: @escaping (AuthenticatedUser) -> Void)
}
