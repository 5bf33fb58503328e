import DockerEngine
import SimulationRuntime
import SocketBridges
import StreamSpaceProtocol

/// The Docker Engine API on real sockets: each request becomes a call to the simulated daemon, its answer is written as
/// the daemon of spec/04 §4.5 writes it. What the simulated engine does not do is refused with 501 and one line.
package final class DockerService: HTTPService {
  /// Makes the engine the one manager of a swarm, and undoes it.
  package struct SwarmControl {
    var begin: () -> Void
    var end: () -> Void

    package init(begin: @escaping () -> Void, end: @escaping () -> Void) {
      self.begin = begin
      self.end = end
    }
  }

  let daemon: DaemonLine
  let events: DockerEventHub
  let swarm: SwarmControl?
  let details: DockerDetails
  let removals: AutomaticRemovals
  private let clockAtStart: Int64

  /// `incarnation` is the process that stands for the clients inside; `endpoint` is the daemon's; `clockAtStart` the
  /// engine's (``EngineConfiguration/clockAtStart``).
  package init(
    _ incarnation: Incarnation, daemon endpoint: Endpoint, clockAtStart: Int64, swarm: SwarmControl? = nil
  ) {
    daemon = DaemonLine(incarnation, to: endpoint)
    events = DockerEventHub(daemon)
    removals = AutomaticRemovals(daemon)
    details = DockerDetails(made: Timestamp(nanosecondsSince1970: clockAtStart))
    self.swarm = swarm
    self.clockAtStart = clockAtStart
    events.observer = { [removals] event in removals.see(event) }
    events.onConnect = { [removals] in removals.catchUp() }
    events.start()
  }

  /// The engine's clock, in nanoseconds since 1970.
  var now: Int64 { clockAtStart + daemon.incarnation.simulation.now.nanoseconds }

  package func receive(_ exchange: any SocketExchange) {
    guard let call = DockerExchange(exchange) else { return DockerExchange.refuse(exchange, .pageNotFound) }
    do throws(DockerFailure) {
      try call.checkVersion()
      if try takeStream(call) { return }
      if try takeSwarm(call) { return }
      if try takePrune(call) { return }
      try takePlain(call)
    } catch {
      call.refuse(error)
    }
  }

  // MARK: Calls with one answer

  private func takePlain(_ call: DockerExchange) throws(DockerFailure) {
    try DockerBodies.check(call)
    let isRemovedAtEnd = try DockerBodies.adapt(call)
    var request: DockerRequest
    do throws(DockerFailure) {
      request = try DockerRequest(http: call.request)
    } catch {
      guard error == .pageNotFound else { throw error }
      return try refuseUnmodelled(call)
    }
    let limit = call.request.query["limit"].flatMap { Int($0) } ?? 0
    if limit > 0, case .listContainers(_, let filters) = request.operation {
      request.operation = .listContainers(all: true, filters)
    }
    daemon.ask(request, for: call) { [self] response in
      switch response {
      case .containerCreated(let id, _) where isRemovedAtEnd: removals.add(id)
      case .failure: if case .startContainer(let name) = request.operation { removals.startFailed(name) }
      default: break
      }
      answer(call, request, limit > 0 ? response.limited(to: limit) : response)
    }
  }

  private func answer(_ call: DockerExchange, _ request: DockerRequest, _ response: DockerResponse) {
    switch response {
    case .failure(let failure): call.refuse(failure)
    case .ping:
      var answer = response.http
      answer.headers["Cache-Control"] = "no-cache, no-store, must-revalidate"
      answer.headers["Pragma"] = "no-cache"
      call.answer(answer)
    case .containerCreated(let id, let warnings):
      call.answer(["Id": .string(id), "Warnings": (warnings + DockerBodies.warnings(call)).json], code: 201)
    case .container(let container):
      call.answer(
        details.of(container, isRemovedAtEnd: removals.holds(container.id), withSize: call.flag("size")))
    case .containers(let all):
      call.answer(.array(all.map { details.of($0, withSize: call.flag("size")) }))
    case .images(let all): listImages(call, all)
    case .image(let image): call.answer(details.of(image))
    case .network(let network): call.answer(details.of(network))
    case .networks(let all): call.answer(.array(all.map(details.of)))
    case .version(let version): call.answer(details.of(version))
    case .info(let info): call.answer(details.of(info, now: Timestamp(nanosecondsSince1970: now)))
    case .services(let all): listServices(call, all)
    case .tasks(let all): listTasks(call, all) { .array($0) }
    default: call.answer(response.http)
    }
  }

  private func listImages(_ call: DockerExchange, _ all: [ImageInspection]) {
    do throws(DockerFailure) {
      let filters = try DockerFilters(parameter: call.request.query["filters"])
      for entry in filters.entries where !["reference", "dangling"].contains(entry.key) {
        throw .invalidFilter(entry.key)
      }
      let wanted = filters["reference"]
      let shown = all.filter { image in
        !filters["dangling"].contains { $0 == "true" || $0 == "1" }
          && (wanted.isEmpty
            || image.tags.contains { tag in
              wanted.contains { $0 == tag || $0 == ImageReference(tag).name || ImageReference($0).text == tag }
            })
      }
      call.answer(.array(shown.map(details.summary)))
    } catch {
      call.refuse(error)
    }
  }

  // MARK: What is not modelled

  private func refuseUnmodelled(_ call: DockerExchange) throws(DockerFailure) {
    guard let subject = UnmodelledCalls.subject(call.request, call.path) else { throw .pageNotFound }
    switch subject {
    case .none: throw UnmodelledCalls.failure(call.request.method, call.path)
    case .answer(let document): call.answer(document)
    case .missing(let failure): throw failure
    case .container(let name, let needsRun):
      daemon.container(name, for: call) { container in
        if needsRun, !container.state.isRunning { return call.refuse(.notRunning(container.id)) }
        call.refuse(UnmodelledCalls.failure(call.request.method, call.path))
      }
    case .image(let reference):
      daemon.ask(.inspectImage(reference), for: call) { response in
        if case .failure = response { return call.refuse(.noSuchImage(ImageReference(reference).text)) }
        call.refuse(UnmodelledCalls.failure(call.request.method, call.path))
      }
    }
  }
}

extension DockerResponse {
  /// The newest `count` containers of a list.
  fileprivate func limited(to count: Int) -> DockerResponse {
    guard case .containers(let all) = self else { return self }
    return .containers(Array(all.prefix(count)))
  }
}
