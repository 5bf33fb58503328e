import SimulationRuntime
import StreamSpaceProtocol

@testable import DockerAgent

/// As much of a swarm as the lock uses: one manager, one service, one task for each replica (spec/04 §4.5).
final class ScriptedSwarm {
  static let endpoint = Endpoint(host: "manager", port: 2_375)
  static let serviceID = "svc0000000000000000000001"

  var isManager = true
  /// Whether containers carry the labels of their tasks.
  var hasTaskLabels = true
  /// Answers to updates from now on: refused as out of sequence as often as this says.
  var conflicts = 0
  /// Updates that are carried out without an answer.
  var lostAnswers = 0
  private(set) var updates = 0
  private(set) var refusedUpdates = 0
  private var version: Int64 = 10
  private var labels: Labels = ["com.docker.stack.namespace": "streamspace"]
  private var tasks: [(host: String, id: String)] = []

  func addTask(of host: String) { tasks.append((host, "task\(String(repeating: "0", count: 20))\(tasks.count + 1)")) }

  /// An operator or another part of the cluster changes something: the version goes on.
  func changeSomething() { version += 2 }

  func removeLabels(of agentID: String) {
    for label in [
      SwarmLabel.leader(of: agentID), SwarmLabel.leaderTerm(of: agentID), SwarmLabel.leaderCounter(of: agentID),
      SwarmLabel.leaderTimestamp(of: agentID),
    ] { labels[label] = nil }
    version += 1
  }

  /// The labels of the lock as one record, the task named after its replica.
  func recordText(of agentID: String) -> String? {
    guard let holder = labels[SwarmLabel.leader(of: agentID)] else { return nil }
    let name = tasks.first { $0.id == holder }?.host ?? holder
    return [
      name, labels[SwarmLabel.leaderTerm(of: agentID)] ?? "", labels[SwarmLabel.leaderCounter(of: agentID)] ?? "",
      labels[SwarmLabel.leaderTimestamp(of: agentID)] ?? "",
    ].joined(separator: " ")
  }

  fileprivate func answer(_ operation: DockerRequest.Operation) -> DockerResponse? {
    switch operation {
    case .info:
      .info(
        DaemonInfo(
          name: "manager", containers: 3, running: 3, paused: 0, stopped: 0, images: 1, processors: 2, memory: 1 << 32,
          swarm: .init(nodeID: "node1", localNodeState: "active", isManager: isManager)))
    case .inspectContainer(let host): container(of: host)
    case .listTasks(let filters):
      .tasks(
        tasks.filter { filters["id"].contains($0.id) }.map {
          TaskInspection(
            id: $0.id, serviceID: Self.serviceID, nodeID: "node1", slot: 1, state: "running", desiredState: "running",
            containerID: $0.host)
        })
    case .inspectService(Self.serviceID): .service(service)
    case .updateService(Self.serviceID, let version, let specification): update(version, specification)
    default: .failure(.pageNotFound)
    }
  }

  private var service: ServiceInspection {
    ServiceInspection(
      id: Self.serviceID, version: version, createdAt: Timestamp(nanosecondsSince1970: 0),
      updatedAt: Timestamp(nanosecondsSince1970: 0),
      specification: ServiceSpecification(name: "agent", labels: labels, image: "agent:1", replicas: tasks.count))
  }

  private func container(of host: String) -> DockerResponse {
    guard let task = tasks.first(where: { $0.host == host }) else {
      return .failure(DockerFailure(404, "No such container: \(host)"))
    }
    var labels: Labels = [SwarmLabel.serviceID: Self.serviceID, SwarmLabel.serviceName: "agent"]
    if hasTaskLabels { labels[SwarmLabel.taskID] = task.id }
    return .container(
      ContainerInspection(
        id: host, name: host, createdAt: Timestamp(nanosecondsSince1970: 0), state: ContainerState(),
        imageID: "sha256:0", specification: ContainerSpecification(image: "agent:1", labels: labels)))
  }

  private func update(_ written: Int64?, _ specification: ServiceSpecification) -> DockerResponse? {
    if conflicts > 0 {
      conflicts -= 1
      version += 2
    }
    guard written == version else {
      refusedUpdates += 1
      return .failure(.updateOutOfSequence)
    }
    updates += 1
    version += 1
    labels = specification.labels
    guard lostAnswers == 0 else {
      lostAnswers -= 1
      return nil
    }
    return .serviceUpdated(warnings: [])
  }

  /// The process that listens.
  final class Daemon: Program {
    private let incarnation: Incarnation
    private let swarm: ScriptedSwarm

    init(_ incarnation: Incarnation, _ swarm: ScriptedSwarm) {
      self.incarnation = incarnation
      self.swarm = swarm
    }

    func start() {
      incarnation.simulation.network.listen(incarnation, port: ScriptedSwarm.endpoint.port) { [unowned self] call in
        guard let request = (call.hello as? Frame<DockerRequest>)?.value, let response = swarm.answer(request.operation)
        else { return call.drop() }
        call.reply(Frame(response, byteCount: response.estimatedByteCount))
      }
    }

    func terminate() { incarnation.exit("terminated") }
  }
}
