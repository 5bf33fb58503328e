extension DockerResponse {
  /// The answer as HTTP: status and JSON body. A stream of events is not an answer but a socket.
  package var http: HTTPResponse {
    switch self {
    case .ping(let ping):
      HTTPResponse(
        .ok,
        headers: [
          DockerHeader.apiVersion: ping.apiVersion.text, DockerHeader.osType: ping.osType,
          HTTPHeaderName.contentType: "text/plain; charset=utf-8",
        ], body: .text("OK"))
    case .done, .unchanged: HTTPResponse(HTTPStatus(rawValue: code))
    case .networkChanged, .serviceRemoved: HTTPResponse(.ok)
    case .pulled(let lines):
      HTTPResponse(
        .ok, headers: [HTTPHeaderName.contentType: "application/json"],
        body: .bytes(lines.flatMap { $0.encoded + [0x0d, 0x0a] }))
    case .failure(let failure): failure.http
    default: Self.json(code, body)
    }
  }

  private static func json(_ code: Int, _ body: JSONValue) -> HTTPResponse {
    HTTPResponse(
      HTTPStatus(rawValue: code), headers: [HTTPHeaderName.contentType: "application/json"], body: .typed(body))
  }

  private var body: JSONValue {
    switch self {
    case .version(let version): version.json
    case .info(let info): info.json
    case .containerCreated(let id, let warnings): ["Id": .string(id), "Warnings": warnings.json]
    case .exited(let code): ["Error": .null, "StatusCode": .int(Int64(code))]
    case .container(let inspection): inspection.json
    case .containers(let all): all.json
    case .image(let image): image.json
    case .images(let all): all.json
    case .networkCreated(let id, let warning): ["Id": .string(id), "Warning": .string(warning)]
    case .network(let network): network.json
    case .networks(let all): all.json
    case .volume(_, let volume): volume.json
    case .volumes(let all): ["Volumes": all.json, "Warnings": .null]
    case .serviceCreated(let id): ["ID": .string(id)]
    case .service(let service): service.json
    case .services(let all): all.json
    case .serviceUpdated(let warnings): ["Warnings": DockerJSON.nullable(warnings)]
    case .tasks(let all): all.json
    case .ping, .done, .unchanged, .networkChanged, .serviceRemoved, .pulled, .failure: .null
    }
  }

  /// Reads the answer to a call. A body that is no JSON, where the status tells of a failure, becomes its message, as
  /// the engine's plain texts do.
  package init(http response: HTTPResponse, to call: DockerCall) throws(WireError) {
    let status = response.status.rawValue
    if status == 304 {
      self = .unchanged
      return
    }
    guard response.status.isSuccess else {
      self = .failure(DockerFailure(http: response))
      return
    }
    self = try Self.success(response, status, call)
  }

  private static func success(
    _ response: HTTPResponse, _ status: Int, _ call: DockerCall
  ) throws(WireError) -> DockerResponse {
    switch call {
    case .ping:
      return .ping(
        DockerPing(
          apiVersion: response.headers[DockerHeader.apiVersion].flatMap { DockerAPIVersion($0) }
            ?? DockerAPIVersion(1, 24),
          osType: response.headers[DockerHeader.osType] ?? ""))
    case .version: return .version(try response.body.decode())
    case .info: return .info(try response.body.decode())
    case .containerCreate:
      let reader = try JSONReader(response.body.json())
      return .containerCreated(id: try reader.text("Id"), warnings: try reader.optionalTexts("Warnings") ?? [])
    case .containerStart, .containerStop, .containerKill, .containerRestart, .containerPause, .containerUnpause,
      .containerRename, .containerRemove, .networkRemove, .volumeRemove:
      return .done
    case .containerWait: return .exited(code: try JSONReader(response.body.json()).integer("StatusCode"))
    case .containerInspect: return .container(try response.body.decode())
    case .containerList: return .containers(try list(response))
    case .imageInspect: return .image(try response.body.decode())
    case .imageList: return .images(try list(response))
    case .imagePull, .events: return .pulled(try lines(response))
    case .networkCreate:
      let reader = try JSONReader(response.body.json())
      return .networkCreated(id: try reader.text("Id"), warning: try reader.text("Warning", default: ""))
    case .networkInspect: return .network(try response.body.decode())
    case .networkList: return .networks(try list(response))
    case .networkConnect, .networkDisconnect: return .networkChanged
    case .volumeCreate, .volumeInspect: return .volume(code: status, try response.body.decode())
    case .volumeList: return .volumes(try JSONReader(response.body.json()).optionalList("Volumes") ?? [])
    case .serviceCreate: return .serviceCreated(id: try JSONReader(response.body.json()).text("ID"))
    case .serviceInspect: return .service(try response.body.decode())
    case .serviceList: return .services(try list(response))
    case .serviceUpdate:
      return .serviceUpdated(warnings: try JSONReader(response.body.json()).optionalTexts("Warnings") ?? [])
    case .serviceRemove: return .serviceRemoved
    case .taskList: return .tasks(try list(response))
    }
  }

  private static func list<Model: WireDecodable>(_ response: HTTPResponse) throws(WireError) -> [Model] {
    var wrapper = JSONObject(reserving: 1)
    wrapper.add("list", try response.body.json())
    return try JSONReader(.object(wrapper)).optionalList("list") ?? []
  }

  private static func lines(_ response: HTTPResponse) throws(WireError) -> [PullProgress] {
    var lines: [PullProgress] = []
    for line in response.body.bytes.split(whereSeparator: { $0 == 0x0a || $0 == 0x0d }) {
      lines.append(try PullProgress(decoding: Array(line)))
    }
    return lines
  }
}

extension DockerFailure {
  /// Status and `{"message":..}`; the refusal of an old version is plain text (spec/04 §4.5).
  package var http: HTTPResponse {
    if message.contains("is too old. Minimum supported API version") {
      return HTTPResponse(
        HTTPStatus(rawValue: status), headers: [HTTPHeaderName.contentType: "text/plain; charset=utf-8"],
        body: .text("\(message)\n"))
    }
    return HTTPResponse(
      HTTPStatus(rawValue: status), headers: [HTTPHeaderName.contentType: "application/json"],
      body: .typed(["message": .string(message)] as JSONValue))
  }

  /// Reads a failure: `{"message":..}`, or plain text.
  package init(http response: HTTPResponse) {
    let bytes = response.body.bytes
    let parsed: JSONValue?
    do throws(WireError) { parsed = try JSONParser.parse(bytes) } catch { parsed = nil }
    var text = parsed?["message"]?.text ?? String(decoding: bytes, as: UTF8.self)
    while text.last?.isNewline == true { text.removeLast() }
    self.init(response.status.rawValue, text)
  }
}
