#if Live
  import Foundation
  import SocketBridges
  import StreamSpaceProtocol

  /// Requests to the control plane, as far as probes need them.
  struct WebProbe: Sendable {
    let address: ServerAddress
    let limit: Duration

    /// A whole answer.
    struct Answer: Sendable {
      var status: Int
      var body: JSONValue?

      /// What the body says of an error; its status if it says nothing.
      var words: String {
        body?["message"]?.text ?? body?["error"]?.text ?? "status \(status)"
      }
    }

    func send(
      _ method: HTTPMethod, _ target: String, token: String? = nil, body: JSONValue? = nil
    ) async throws(ConnectionTrouble) -> Answer {
      var headers = StreamSpaceProtocol.HTTPHeaders()
      if let token { headers["Authorization"] = "Bearer \(token)" }
      let bytes = body.map { HTTPBody.bytes(JSONWriter.bytes(of: $0)) } ?? .empty
      let base = BaseURL(host: address.host, port: address.port, prefix: address.path)
      do {
        let response = try await HTTPClient.send(
          HTTPRequest(method, target: target, headers: headers, body: bytes), to: base, timeout: limit)
        return Answer(status: response.status.rawValue, body: try? JSONParser.parse(response.body.bytes))
      } catch let trouble as ConnectionTrouble {
        throw trouble
      } catch {
        throw .malformed("\(error)")
      }
    }

    /// The token and role of a login, or why there is none: 401 is a wrong user or password.
    func login(_ login: EnvironmentFile.Login) async throws(ConnectionTrouble) -> Result<Session, Refusal> {
      let answer = try await send(
        .post, "/api/v1/auth/login",
        body: ["username": .string(login.username), "password": .string(login.password.value)])
      guard answer.status == 200, let token = answer.body?["token"]?.text else {
        return .failure(Refusal(status: answer.status, words: answer.words))
      }
      return .success(Session(token: token, role: answer.body?["user"]?["role"]?.text ?? ""))
    }

    struct Session: Sendable {
      var token: String
      var role: String

      /// The id of the login session: the claim `jti` (spec/02 §2.2).
      var id: String? {
        let parts = token.split(separator: ".")
        guard parts.count == 3 else { return nil }
        var text = String(parts[1]).replacing("-", with: "+").replacing("_", with: "/")
        while text.count % 4 != 0 { text += "=" }
        guard let bytes = Data(base64Encoded: text), let claims = try? JSONParser.parse(Array(bytes)) else {
          return nil
        }
        return claims["jti"]?.text
      }
    }

    struct Refusal: Error, Sendable {
      var status: Int
      var words: String
    }
  }
#endif
