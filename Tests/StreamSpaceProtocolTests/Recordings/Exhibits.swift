import StreamSpaceProtocol

/// Finds every HTTP body, WebSocket frame and Redis value of a transcript and the model for it.
enum Exhibits {
  /// All exhibits of all transcripts.
  static func all() -> [Exhibit] {
    Recording.all.flatMap(of)
  }

  static func of(_ recording: Recording) -> [Exhibit] {
    recording.events.flatMap { event -> [Exhibit] in
      let place = "\(recording.name) at \(event["t"].map { JSONWriter.text(of: $0) } ?? "?") s"
      switch event["kind"]?.text {
      case "http": return http(event, place)
      case "ws_refused": return refused(event, place)
      case "ws_send", "ws_recv": return frame(event, place)
      case "fakeapi_http": return fakeHTTP(event, place)
      case "fakeapi_send": return fakeFrames(event, place, fromServer: true)
      case "fakeapi_recv": return fakeFrames(event, place, fromServer: false)
      case "redis": return redis(event["cmd"]?.text ?? "", place)
      case "redis_query": return redisQuery(event["cmd"]?.text ?? "", place)
      default: return []
      }
    }
  }

  // MARK: HTTP

  private static func http(_ event: JSONValue, _ place: String) -> [Exhibit] {
    guard let line = event["request"]?["line"]?.text, let status = event["response"]?["status"]?.integer else {
      return []
    }
    let route = RecordedRoute(line)
    var exhibits: [Exhibit] = []
    if let body = event["request"]?["body"], body != .null {
      exhibits.append(
        Exhibit(
          label: "request \(route.label)" + (isCreateWithoutUser(route, body) ? " without user" : ""), place: place,
          document: body, fidelity: .fieldForField, roundTrip: route.request))
    }
    if let body = event["response"]?["body"], body != .null {
      exhibits.append(
        Exhibit(
          label: "answer \(route.label) \(status)", place: place, document: body, fidelity: .exact,
          roundTrip: { try route.answer(Int(status), $0) }))
    }
    return exhibits
  }

  private static func isCreateWithoutUser(_ route: RecordedRoute, _ body: JSONValue) -> Bool {
    route.label == "POST /api/v1/sessions" && body["user"] == nil
  }

  private static func refused(_ event: JSONValue, _ place: String) -> [Exhibit] {
    guard let path = event["path"]?.text, let status = event["status"]?.integer, let body = event["body"] else {
      return []
    }
    let route = RecordedRoute("GET \(path)")
    return [
      Exhibit(
        label: "answer \(route.label) \(status)", place: place, document: body, fidelity: .exact,
        roundTrip: { try route.answer(Int(status), $0) })
    ]
  }

  private static func fakeHTTP(_ event: JSONValue, _ place: String) -> [Exhibit] {
    guard let line = event["request"]?.text, let body = event["body"], let reply = event["reply"] else { return [] }
    let route = RecordedRoute(line)
    let status = event["status"]?.integer ?? 0
    return [
      Exhibit(
        label: "agent request \(route.label)", place: place, document: body, fidelity: .exact,
        roundTrip: route.request),
      Exhibit(
        label: "fake answer \(route.label) \(status)", place: place, document: reply, fidelity: .fieldForField,
        roundTrip: { try route.answer(Int(status), $0) }),
    ]
  }

  // MARK: Frames

  private static func frame(_ event: JSONValue, _ place: String) -> [Exhibit] {
    let fromServer = event["kind"]?.text == "ws_recv"
    let origin = fromServer ? "server" : "client"
    switch event["op"]?.text {
    case "text": break
    case let operation?:
      return [control(operation, event, place, origin)].compactMap { $0 }
    case nil: return []
    }
    if let raw = event["raw"]?.text { return [text(raw, event, place, origin)] }
    guard let data = event["data"] else { return [] }
    return [document(data, place, origin, fromServer: fromServer)]
  }

  /// A JSON document on the socket of an agent or of the browser feed.
  private static func document(
    _ data: JSONValue, _ place: String, _ origin: String, fromServer: Bool
  ) -> Exhibit {
    let type = data["type"]?.text ?? "?"
    if type == "sessions_update" {
      return Exhibit(
        label: "feed \(type)", place: place, document: data, fidelity: .exact,
        roundTrip: { try SessionFeed(json: $0).json })
    }
    if fromServer {
      return Exhibit(
        label: "\(origin) frame \(type)", place: place, document: data, fidelity: .exact,
        roundTrip: { try ServerEnvelope.decode(JSONWriter.bytes(of: $0)).json })
    }
    return Exhibit(
      label: "\(origin) frame \(type)\(variant(of: data))", place: place, document: data, fidelity: .fieldForField,
      roundTrip: { try AgentEnvelope.decode(JSONWriter.bytes(of: $0)).json })
  }

  /// Tells apart frames of one type that the captures' client made wrong on purpose.
  private static func variant(of data: JSONValue) -> String {
    if data["timestamp"]?.integer != nil { return " with a numeric timestamp" }
    if data["payload"] == nil { return " without payload" }
    return data["payload"]?.members?.isEmpty == true ? " with an empty payload" : ""
  }

  /// Text the recorder could not read as one JSON document: base64 on a viewer's socket, or several documents joined with
  /// newlines on an agent's (spec/01 §1.5).
  private static func text(_ raw: String, _ event: JSONValue, _ place: String, _ origin: String) -> Exhibit {
    let isAgent = event["conn"]?.text?.hasPrefix("k8s") == true
    if isAgent {
      let label = raw.contains("\n{") ? "\(origin) frame of joined documents" : "\(origin) text that is no document"
      return Exhibit(
        label: label, place: place, document: .string(raw), fidelity: .exact,
        roundTrip: { value in
          let envelopes = try WebSocketMessage.text(value.text ?? "").decodeEach(as: ServerEnvelope.self)
            .map { try $0.get() }
          return .string(String(decoding: WebSocketMessage.documents(envelopes).bytes, as: UTF8.self))
        })
    }
    let isBase64 = Base64.decode(raw) != nil
    return Exhibit(
      label: isBase64 ? "viewer text" : "viewer text that is no base64", place: place, document: .string(raw),
      fidelity: .exact,
      roundTrip: { value in
        guard let text = value.text, let bytes = VNCChunk(text: text).bytes else {
          throw WireError.invalid(path: "", reason: "not base64")
        }
        return .string(VNCChunk(bytes: bytes).text)
      })
  }

  private static func control(
    _ operation: String, _ event: JSONValue, _ place: String, _ origin: String
  ) -> Exhibit? {
    guard operation == "close", let code = event["code"]?.integer else { return nil }
    return Exhibit(
      label: "\(origin) close", place: place, document: .int(code), fidelity: .exact,
      roundTrip: { value in
        guard let code = value.integer.flatMap(UInt16.init(exactly:)) else {
          throw WireError.invalid(path: "code", reason: "not a close code")
        }
        return .int(Int64(WebSocketCloseCode(rawValue: code).rawValue))
      })
  }

  private static func fakeFrames(_ event: JSONValue, _ place: String, fromServer: Bool) -> [Exhibit] {
    let documents: [JSONValue]
    if let raw = event["raw"]?.text {
      documents = raw.split(separator: "\n").compactMap { try? JSONParser.parse(String($0)) }
    } else {
      documents = [event["data"]].compactMap { $0 }
    }
    return documents.map { data in
      let type = data["type"]?.text ?? "?"
      if fromServer {
        // The fake wrote integers to the Docker agent and texts to the Kubernetes agent.
        let rule: EnvelopeTimestamp.Rule = data["timestamp"]?.integer == nil ? .dateString : .integer
        return Exhibit(
          label: "fake server frame \(type)", place: place, document: data, fidelity: .fieldForField,
          roundTrip: { try ServerEnvelope.decode(JSONWriter.bytes(of: $0), rule: rule).json })
      }
      return Exhibit(
        label: "agent frame \(type)", place: place, document: data,
        fidelity: .exact, roundTrip: { try AgentEnvelope(decoding: JSONWriter.bytes(of: $0)).json })
    }
  }
}
