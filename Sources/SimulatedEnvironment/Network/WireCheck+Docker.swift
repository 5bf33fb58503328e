import StreamSpaceProtocol

/// Calls of the Docker API as HTTP: what the daemon reads must be what the agent asked, and the other way round.
extension WireCheck {
  func throughBytes(_ request: DockerRequest) -> DockerRequest {
    do throws(DockerFailure) {
      var sent = request.http
      sent.body = sent.body.asBytes
      let read = try DockerRequest(http: sent)
      let back = read.http
      let isSame =
        sent.method == back.method && sent.target == back.target && sent.headers == back.headers
        && sent.body.bytes == back.body.bytes
      if !isSame { note("\(text(of: sent)) became \(text(of: back))") }
      return read
    } catch {
      note("\(request.line) could not be read: \(error)")
      return request
    }
  }

  func throughBytes(_ response: DockerResponse) -> DockerResponse {
    do throws(WireError) {
      var sent = response.http
      sent.body = sent.body.asBytes
      let read = try DockerResponse(http: sent, to: response.someCall)
      let back = read.http
      let isSame =
        sent.status == back.status && sent.headers == back.headers && sent.body.bytes == back.body.bytes
      if !isSame { note("\(text(of: sent)) became \(text(of: back))") }
      return read
    } catch {
      note("an answer \(response.code) of a Docker engine could not be read: \(error)")
      return response
    }
  }

  private func text(of request: HTTPRequest) -> String {
    "\(request.method.rawValue) \(request.target) \(request.headers) \(String(decoding: request.body.bytes, as: UTF8.self))"
  }

  private func text(of response: HTTPResponse) -> String {
    "\(response.status) \(response.headers) \(String(decoding: response.body.bytes, as: UTF8.self))"
  }
}

extension DockerResponse {
  /// A call that is answered so: what a reader must know to read the bytes.
  fileprivate var someCall: DockerCall {
    switch self {
    case .ping, .failure, .unchanged: .ping
    case .version: .version
    case .info: .info
    case .containerCreated: .containerCreate
    case .done: .containerStart
    case .exited: .containerWait
    case .container: .containerInspect
    case .containers: .containerList
    case .image: .imageInspect
    case .images: .imageList
    case .pulled: .imagePull
    case .networkCreated: .networkCreate
    case .network: .networkInspect
    case .networks: .networkList
    case .networkChanged: .networkConnect
    case .volume: .volumeInspect
    case .volumes: .volumeList
    case .serviceCreated: .serviceCreate
    case .service: .serviceInspect
    case .services: .serviceList
    case .serviceUpdated: .serviceUpdate
    case .serviceRemoved: .serviceRemove
    case .tasks: .taskList
    }
  }
}
