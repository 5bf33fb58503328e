import SimulationRuntime
import StreamSpaceProtocol

/// The daemon: the engine's front on the network. Takes `Frame<DockerRequest>` as the first message of a call and answers
/// with `Frame<DockerResponse>`; a request for events becomes a socket that carries `Frame<DockerEvent>`.
///
/// A write takes effect at the end of its server time; a caller that leaves before that does not take it back. A pull is
/// the exception: it is broken off when the last of its callers has left.
package final class DockerAPI: Program {
  /// Port of the daemon without TLS.
  package static let port = 2375
  /// Name of the host of the first engine.
  package static let host = "docker-1"

  private unowned let incarnation: Incarnation
  private let engine: DockerEngine
  /// Calls that are not answered yet.
  private var open: [IncomingCall] = []

  private static let commit = EventLabel("docker.commit")

  package init(_ incarnation: Incarnation, engine: DockerEngine) {
    self.incarnation = incarnation
    self.engine = engine
  }

  package func start() {
    engine.daemonStarted(incarnation, front: self)
    incarnation.simulation.network.listen(incarnation, port: Self.port) { [weak self] call in self?.receive(call) }
  }

  package func terminate() {
    engine.daemonStopped()
    incarnation.exit("terminated")
  }

  /// Cuts every call that waits for its answer.
  func dropCalls() {
    let calls = open
    open = []
    for call in calls { call.drop() }
  }

  private func receive(_ call: IncomingCall) {
    guard let request = (call.hello as? Frame<DockerRequest>)?.value else { return call.drop() }
    var delay = engine.steps.serverTime(of: request.call)
    var refusal: DockerFailure?
    if !engine.faults.isEmpty {
      if isRefusing || isRestarting { return call.drop() }
      if engine.faults.strikes(.down(.silent)) { return }
      if isInError(request.call) {
        refusal = .serverError
        // A refusal costs no work.
        delay = engine.steps.ping.draw()
      }
      delay = delay + (engine.faults.first { if case .slow(let span) = $0 { span } else { nil } } ?? .zero)
    }
    open.append(call)
    let life = engine.daemonLife
    incarnation.after(delay, Self.commit) { [weak self] in
      guard let self, engine.daemonLife == life else { return }
      finish(call, request, refusal)
    }
  }

  private func finish(_ call: IncomingCall, _ request: DockerRequest, _ refusal: DockerFailure?) {
    // An outage that began meanwhile swallows what was under way.
    if !engine.faults.isEmpty, engine.faults.strikes(.down(.silent)) { return }
    if let refusal { return answer(call, .failure(refusal)) }
    if case .events(let filters) = request.operation { return stream(call, request, filters) }
    engine.perform(
      request, isWaiting: { [weak call] in call?.isPending == true },
      reply: { [weak self] response in self?.reply(call, request, response) })
  }

  private func reply(_ call: IncomingCall, _ request: DockerRequest, _ response: DockerResponse) {
    if !engine.faults.isEmpty {
      if engine.faults.strikes(.down(.silent)) { return }
      if request.isWrite, answerIsLost(request.call) {
        forget(call)
        return call.drop()
      }
    }
    answer(call, response)
  }

  private func answer(_ call: IncomingCall, _ response: DockerResponse) {
    forget(call)
    call.reply(Frame(response, byteCount: response.estimatedByteCount))
  }

  private func stream(_ call: IncomingCall, _ request: DockerRequest, _ filters: DockerFilters) {
    forget(call)
    guard let socket = call.accept() else { return }
    let connection = socket.connection
    socket.onClose = { [weak engine] _ in engine?.streams.remove(connection) }
    engine.streams.add(socket, filters)
  }

  private func forget(_ call: IncomingCall) { open.removeAll { $0 === call } }

  private var isRefusing: Bool { engine.faults.strikes(.down(.refusing)) }
  private var isRestarting: Bool { engine.faults.strikes(.daemonRestart) }

  private func isInError(_ call: DockerCall) -> Bool {
    engine.faults.strikes { fault in
      guard case .apiErrors(let faulty, let ratio) = fault, faulty == nil || faulty == call else { return nil }
      return ratio
    }
  }

  private func answerIsLost(_ call: DockerCall) -> Bool {
    engine.faults.strikes { fault in
      guard case .answerLost(let lost, let ratio) = fault, lost == nil || lost == call else { return nil }
      return ratio
    }
  }
}
