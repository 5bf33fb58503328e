import SimulationRuntime
import StreamSpaceProtocol

/// The lock as labels of the agent's own swarm service (C29, spec/04 §4.5): holder, term, counter and a time for people.
///
/// An update names the version it was made from. The version belongs to the whole cluster, so an update that somebody else
/// made of anything refuses ours: then the service is read again, and only the labels decide.
final class SwarmLock: LockBackend {
  /// Limit of one call.
  static let callLimit = TimeSpan.seconds(4)
  /// Times a write is repeated because the service changed beside the labels.
  static let retries = 8

  /// Which task of which service this replica is.
  private struct Place {
    let taskID: String
    let serviceID: String
  }

  private enum Failure: Error {
    /// May be better next time.
    case passing(String)
    /// This process can never use the lock.
    case lasting(String)
  }

  private unowned let incarnation: Incarnation
  private let endpoint: Endpoint
  private let agentID: String
  /// Host name of the agent's container; the identity in the election. The labels hold the task id instead.
  private let hostName: String
  private let behaviour: LockElectionBehaviour
  private var place: Place?
  private var isClosed = false

  init(
    _ incarnation: Incarnation, endpoint: Endpoint, agentID: String, hostName: String,
    behaviour: LockElectionBehaviour
  ) {
    self.incarnation = incarnation
    self.endpoint = endpoint
    self.agentID = agentID
    self.hostName = hostName
    self.behaviour = behaviour
  }

  var agesRecords: Bool { true }
  var keepsWrites: Bool { true }
  var mayBeUnshared: Bool { false }
  func permits(_ record: LockRecord) -> Bool { true }
  func letGo() {}
  func close() { isClosed = true }

  // MARK: Reading

  func read(_ completion: @escaping (LockReadOutcome) -> Void) {
    inspect { [weak self] result in
      guard let self else { return }
      switch result {
      case .success(let service): completion(.found(LockReading(text: self.text(of: service))))
      case .failure(.passing(let reason)): completion(.failed(reason))
      case .failure(.lasting(let reason)): completion(.unusable(reason))
      }
    }
  }

  private func inspect(_ completion: @escaping (Result<ServiceInspection, Failure>) -> Void) {
    guard let place else {
      return findPlace { [weak self] failure in
        if let failure { completion(.failure(failure)) } else { self?.inspect(completion) }
      }
    }
    call(.inspectService(place.serviceID)) { result in
      completion(
        result.flatMap { answer in
          if case .service(let service) = answer { return .success(service) }
          return .failure(.passing("failed to inspect service"))
        })
    }
  }

  /// The record in the labels as one text. The own task stands there under its id, here under the election's name for it.
  private func text(of service: ServiceInspection) -> String? {
    let labels = service.specification.labels
    guard let holder = labels[SwarmLabel.leader(of: agentID)] else { return nil }
    let name = holder == place?.taskID ? hostName : holder
    return [
      name, labels[SwarmLabel.leaderTerm(of: agentID)] ?? "", labels[SwarmLabel.leaderCounter(of: agentID)] ?? "",
      labels[SwarmLabel.leaderTimestamp(of: agentID)] ?? "",
    ].joined(separator: " ")
  }

  // MARK: Writing

  func write(_ write: LockWrite, _ completion: @escaping (LockWriteOutcome, Int) -> Void) {
    attempt(write, 0) { completion($0, 0) }
  }

  private func attempt(_ write: LockWrite, _ number: Int, _ completion: @escaping (LockWriteOutcome) -> Void) {
    inspect { [weak self] result in
      guard let self, let place = self.place, case .success(let service) = result else {
        if case .failure(.passing(let reason)) = result { completion(.failed(reason)) }
        if case .failure(.lasting(let reason)) = result { completion(.failed(reason)) }
        return
      }
      switch write.over {
      case .anything: break
      case .absent where self.text(of: service) == nil: break
      case .text(let text) where self.text(of: service) == text: break
      case .absent, .text: return completion(.conflict)
      }
      var specification = service.specification
      self.put(write.record, into: &specification.labels, place)
      self.send(.updateService(place.serviceID, version: service.version, specification)) { [weak self] answer in
        self?.updated(answer, write, number, completion)
      }
    }
  }

  private func updated(
    _ answer: Answer, _ write: LockWrite, _ number: Int, _ completion: @escaping (LockWriteOutcome) -> Void
  ) {
    switch answer {
    case .answered(.serviceUpdated): completion(.stored)
    case .answered(.failure(let failure)) where failure.message == DockerFailure.updateOutOfSequence.message:
      switch behaviour.versionConflict {
      case .retried where number < Self.retries: attempt(write, number + 1, completion)
      case .retried: completion(.failed(failure.clientText))
      case .deposes: completion(.deposed("failed to renew lease: \(failure.clientText)"))
      }
    case .answered(.failure(let failure)): completion(.failed(failure.clientText))
    case .answered: completion(.failed("unexpected answer"))
    case .unreachable(let reason): completion(.failed(reason))
    }
  }

  private func put(_ record: LockRecord, into labels: inout Labels, _ place: Place) {
    let words = record.text.split(separator: " ").map(String.init)
    labels[SwarmLabel.leader(of: agentID)] = record.holder == .replica(hostName) ? place.taskID : words[0]
    labels[SwarmLabel.leaderTerm(of: agentID)] = words[1]
    labels[SwarmLabel.leaderCounter(of: agentID)] = words[2]
    labels[SwarmLabel.leaderTimestamp(of: agentID)] = words[3]
  }

  // MARK: The place in the swarm

  /// A manager, the labels of the own container, and a task of that id (spec/03 §6); nil when all is found.
  private func findPlace(_ completion: @escaping (Failure?) -> Void) {
    call(.info) { [weak self] result in
      guard let self else { return }
      switch result {
      case .failure(let failure): completion(failure)
      case .success(.info(let info)) where info.swarm.isManager: self.readOwnContainer(completion)
      case .success: completion(.lasting("not running in Docker Swarm mode or not a manager node"))
      }
    }
  }

  private func readOwnContainer(_ completion: @escaping (Failure?) -> Void) {
    call(.inspectContainer(hostName)) { [weak self] result in
      guard let self else { return }
      switch result {
      case .failure(let failure): completion(failure)
      case .success(.container(let container)): self.verify(container, completion)
      case .success: completion(.passing("failed to inspect container \(self.hostName)"))
      }
    }
  }

  private func verify(_ container: ContainerInspection, _ completion: @escaping (Failure?) -> Void) {
    guard let serviceID = container.labels[SwarmLabel.serviceID] else {
      return completion(.lasting("container \(hostName) missing \(SwarmLabel.serviceID) label"))
    }
    let label = behaviour.swarmIdentity == .labels ? container.labels[SwarmLabel.taskID] : hostName
    guard let taskID = label else {
      return completion(
        .lasting("container \(hostName) is not a Swarm task (missing \(SwarmLabel.taskID) label)"))
    }
    call(.listTasks(DockerFilters.none.and("id", taskID))) { [weak self] result in
      guard let self else { return }
      switch result {
      case .failure(let failure): completion(failure)
      case .success(.tasks(let tasks)) where tasks.contains { $0.id == taskID }:
        self.place = Place(taskID: taskID, serviceID: serviceID)
        completion(nil)
      case .success(.tasks): completion(.lasting("task \(taskID) not found in Swarm"))
      case .success: completion(.passing("failed to verify task \(taskID)"))
      }
    }
  }

  // MARK: Calls

  private enum Answer {
    case answered(DockerResponse)
    case unreachable(String)
  }

  /// A call whose refusal is a failure.
  private func call(
    _ operation: DockerRequest.Operation, _ completion: @escaping (Result<DockerResponse, Failure>) -> Void
  ) {
    send(operation) { answer in
      switch answer {
      case .answered(.failure(let failure)):
        let isLasting = failure.isNotFound || failure.message == DockerFailure.notAManager.message
        completion(.failure(isLasting ? .lasting(failure.clientText) : .passing(failure.clientText)))
      case .answered(let response): completion(.success(response))
      case .unreachable(let reason): completion(.failure(.passing(reason)))
      }
    }
  }

  private func send(_ operation: DockerRequest.Operation, _ completion: @escaping (Answer) -> Void) {
    guard !isClosed else { return completion(.unreachable("closed")) }
    let request = DockerRequest(operation, caller: hostName)
    incarnation.simulation.network.open(
      from: incarnation, to: endpoint, hello: Frame(request, byteCount: request.estimatedByteCount),
      timeout: Self.callLimit
    ) { outcome in
      switch outcome {
      case .reply(let payload):
        guard let response = (payload as? Frame<DockerResponse>)?.value else {
          return completion(.unreachable("unexpected answer"))
        }
        completion(.answered(response))
      case .connected(let socket):
        socket.reset()
        completion(.unreachable("unexpected upgrade"))
      case .refused: completion(.unreachable("connection refused"))
      case .reset: completion(.unreachable("EOF"))
      case .timedOut: completion(.unreachable("context deadline exceeded"))
      }
    }
  }
}
