import SimulationRuntime
import StreamSpaceProtocol

/// The way from the gateway to the simulated daemon: each question is a call of its own on the simulated network.
final class DaemonLine {
  unowned let incarnation: Incarnation
  private let endpoint: Endpoint

  init(_ incarnation: Incarnation, to endpoint: Endpoint) {
    self.incarnation = incarnation
    self.endpoint = endpoint
  }

  /// Opens a call; nil stands for no answer: refused, or cut.
  @discardableResult
  func open(_ request: DockerRequest, _ then: @escaping (DockerResponse?) -> Void) -> OutgoingCall {
    connect(request) { outcome in
      guard case .reply(let payload) = outcome else { return then(nil) }
      then((payload as? Frame<DockerResponse>)?.value)
    }
  }

  func connect(_ request: DockerRequest, _ then: @escaping (CallOutcome) -> Void) -> OutgoingCall {
    incarnation.simulation.network.open(
      from: incarnation, to: endpoint, hello: Frame(request, byteCount: request.estimatedByteCount), then)
  }

  /// Asks in the name of a client. Without an answer its connection breaks; when it leaves the call is given up.
  func ask(
    _ operation: DockerRequest.Operation, for exchange: DockerExchange, _ then: @escaping (DockerResponse) -> Void
  ) {
    ask(exchange.inner(operation), for: exchange, then)
  }

  func ask(
    _ request: DockerRequest, for exchange: DockerExchange, _ then: @escaping (DockerResponse) -> Void
  ) {
    exchange.keep(
      open(request) { response in
        guard let response else { return exchange.drop() }
        then(response)
      })
  }

  /// The same; a failure is the client's answer.
  func need(
    _ operation: DockerRequest.Operation, for exchange: DockerExchange, _ then: @escaping (DockerResponse) -> Void
  ) {
    ask(operation, for: exchange) { response in
      if case .failure(let failure) = response { return exchange.refuse(failure) }
      then(response)
    }
  }

  /// The container a path names; when there is none that is the client's answer.
  func container(
    _ name: String, for exchange: DockerExchange, _ then: @escaping (ContainerInspection) -> Void
  ) {
    need(.inspectContainer(name), for: exchange) { response in
      guard case .container(let container) = response else { return exchange.refuse(.serverError) }
      then(container)
    }
  }
}
