import SimulationRuntime
import SocketBridges
import StreamSpaceProtocol

/// Calls whose answer goes on: events, logs, attach, and wait, whose head comes before its answer.
extension DockerService {
  /// False: another kind of call.
  func takeStream(_ call: DockerExchange) throws(DockerFailure) -> Bool {
    let path = call.path
    let verb = path.count == 3 && path[0] == "containers" ? path[2] : ""
    switch (call.request.method, verb) {
    case (.get, "") where path == ["events"]: try openEvents(call)
    case (.get, "logs"): try openLogs(call, of: path[1])
    case (.post, "attach"): attach(call, to: path[1])
    case (.post, "wait"): wait(call, for: path[1])
    case (.post, "resize"): daemon.container(path[1], for: call) { _ in call.answer(HTTPResponse(.ok)) }
    default: return false
    }
    return true
  }

  // MARK: Events

  private func openEvents(_ call: DockerExchange) throws(DockerFailure) {
    let filters = try DockerFilters(parameter: call.request.query["filters"])
    let span = try DockerEventFeed.Span(call.request.query)
    // The daemon's faults show here: a client must not be told that all is quiet by a daemon that is away.
    daemon.need(.ping, for: call) { [self] _ in
      events.whenConnected { [self] in
        guard call.socket.isPending else { return }
        _ = DockerEventFeed(
          call.stream(), filters, span, from: events, now: now, in: daemon.incarnation)
      }
    }
  }

  // MARK: Logs and attach

  /// Containers of the simulation write nothing: the log is empty, and `follow` ends with the container.
  private func openLogs(_ call: DockerExchange, of name: String) throws(DockerFailure) {
    guard call.flag("stdout") || call.flag("stderr") else {
      throw DockerFailure(400, "Bad parameters: you must choose at least one stream")
    }
    daemon.container(name, for: call) { [self] container in
      let sink = call.stream(HTTPHeaders())
      guard call.flag("follow"), container.state.isRunning else { return sink.finish() }
      keepOpen(sink, untilEndOf: container)
    }
  }

  /// Empty streams both ways until the container ends; what the client types is thrown away.
  private func attach(_ call: DockerExchange, to name: String) {
    daemon.ask(.inspectContainer(name), for: call) { [self] response in
      switch response {
      case .container(let container) where container.state.isPaused:
        Self.refuseStream(call, DockerFailure(409, "container \(name) is paused, unpause the container before attach"))
      case .container(let container):
        let sink: any ByteSink
        if call.request.headers[HTTPHeaderName.upgrade] != nil {
          let stream = call.socket.upgrade([
            HTTPHeaderName.contentType: DockerExchange.rawStream, "Connection": "Upgrade",
            HTTPHeaderName.upgrade: "tcp",
          ])
          stream.onReceive = { _ in }
          sink = stream
        } else {
          sink = call.stream([HTTPHeaderName.contentType: DockerExchange.rawStream])
        }
        guard call.flag("stream") else { return sink.finish() }
        keepOpen(sink, untilEndOf: container)
      case .failure(let failure): Self.refuseStream(call, failure)
      default: call.drop()
      }
    }
  }

  /// What the daemon has taken over as a stream it refuses in plain text.
  private static func refuseStream(_ call: DockerExchange, _ failure: DockerFailure) {
    call.socket.respond(
      failure.status, [HTTPHeaderName.contentType: DockerExchange.rawStream], Array("\(failure.message)\n".utf8))
  }

  private func keepOpen(_ sink: any ByteSink, untilEndOf container: ContainerInspection) {
    guard let listener = events.awaitEnd(of: container, { sink.finish() }) else { return }
    sink.onClose = { [events] in events.remove(listener) }
  }

  // MARK: Wait

  private static let waitHead = EventLabel("docker.gateway.wait")
  /// Longer than the daemon's way into a wait: what it refuses it has refused by then.
  private static let waitPatience = TimeSpan.milliseconds(5)

  /// `docker run` starts the container only when it has the head of this answer, so that it cannot miss the end.
  private func wait(_ call: DockerExchange, for name: String) {
    daemon.container(name, for: call) { [self] container in
      let condition = ContainerWaitCondition(rawValue: call.request.query["condition"] ?? "") ?? .notRunning
      var sink: (any ByteSink)?
      var isAnswered = false
      let waiting = daemon.open(call.inner(.waitContainer(container.id, condition))) { response in
        isAnswered = true
        guard let sink else {
          guard let response else { return call.drop() }
          if case .failure(let failure) = response { return call.refuse(failure) }
          return call.answer(response.http)
        }
        guard let response else { return sink.abort() }
        if case .failure(let failure) = response {
          sink.send(Self.line(["StatusCode": 0, "Error": ["Message": .string(failure.message)]]))
        } else {
          sink.send(response.http.body.bytes + [0x0a])
        }
        sink.finish()
      }
      call.keep(waiting)
      daemon.incarnation.after(Self.waitPatience, Self.waitHead) {
        guard !isAnswered, call.socket.isPending else { return }
        let opened = call.stream()
        opened.onClose = { waiting.cancel() }
        sink = opened
      }
    }
  }

  private static func line(_ document: JSONValue) -> [UInt8] { JSONWriter.bytes(of: document) + [0x0a] }
}
