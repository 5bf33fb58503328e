import SimulationRuntime
import StreamSpaceProtocol

/// Tasks: containers of services on the nodes.
extension Swarm {
  /// Where a task runs: what an agent replica that is a task needs to know of itself.
  package struct TaskPlacement: Sendable, Hashable {
    package var taskID: String
    package var containerID: String
    /// Host of the engine.
    package var host: String

    /// The host name inside the container: the first 12 digits of its id (spec/03 §6).
    package var hostname: String { String(containerID.prefix(12)) }
  }

  /// Makes a service with its tasks running, at once and without latency, one after the other on the least loaded
  /// nodes. Observers see the usual events, from ``EngineEvent/Writer/seed``.
  package func place(_ specification: ServiceSpecification) throws(DockerFailure) -> [TaskPlacement] {
    guard let engine = nodes.first(where: \.isManager)?.engine else { throw .notAManager }
    let service = try add(specification, at: engine.time)
    var placements: [TaskPlacement] = []
    for slot in stride(from: 1, through: specification.replicas, by: 1) {
      guard let task = makeTask(of: service, slot: slot) else { continue }
      try startContainer(of: task, by: .seed)
      placements.append(
        TaskPlacement(taskID: task.id, containerID: task.containerID, host: task.node.engine.host))
    }
    return placements
  }

  /// The running tasks of a service, in order of their slots.
  package func placements(of serviceName: String) -> [TaskPlacement] {
    tasks.filter { $0.service.specification.name == serviceName && $0.state == "running" }
      .sorted { $0.slot < $1.slot }
      .map { TaskPlacement(taskID: $0.id, containerID: $0.containerID, host: $0.node.engine.host) }
  }

  /// Makes and ends tasks until there is one for each slot. Slots that are to be filled anew (`isReplacing`) lose
  /// theirs first.
  func reconcile(_ service: Service, isReplacing: Bool = false) {
    for task in tasks(of: service) where isReplacing || task.slot > service.specification.replicas { end(task) }
    for slot in stride(from: 1, through: service.specification.replicas, by: 1) {
      guard !tasks(of: service).contains(where: { $0.slot == slot }), let task = makeTask(of: service, slot: slot)
      else { continue }
      let engine = task.node.engine
      // The managers plan this; whether the node's daemon is there to do it shows when it is due.
      engine.afterwards(engine.steps.create.draw() + engine.steps.start.draw()) { [weak self] in
        guard let self, task.desiredState == "running" else { return }
        if !engine.isUp || (try? startContainer(of: task, by: .swarm)) == nil { reject(task) }
      }
    }
  }

  /// The tasks of a service that are to run.
  private func tasks(of service: Service) -> [ServiceTask] {
    tasks.filter { $0.service === service && $0.desiredState == "running" }
  }

  private func makeTask(of service: Service, slot: Int) -> ServiceTask? {
    func load(_ node: Node) -> Int { tasks.filter { $0.desiredState == "running" && $0.node.id == node.id }.count }
    let working = nodes.filter { $0.engine.isUp }
    // Before the daemons are started all nodes count: a deployment is put in place first.
    guard let node = (working.isEmpty ? nodes : working).min(by: { load($0) < load($1) }) else { return nil }
    let task = ServiceTask(id: freshID(), service: service, slot: slot, node: node)
    tasks.append(task)
    advance()
    return task
  }

  private func startContainer(of task: ServiceTask, by writer: EngineEvent.Writer) throws(DockerFailure) {
    let engine = task.node.engine
    let service = task.service
    var labels = service.specification.containerLabels
    labels[SwarmLabel.task] = ""
    labels[SwarmLabel.taskID] = task.id
    labels[SwarmLabel.taskName] = task.name
    labels[SwarmLabel.serviceID] = service.id
    labels[SwarmLabel.serviceName] = service.specification.name
    labels[SwarmLabel.nodeID] = task.node.id
    let command = service.specification.command
    let container = try engine.create(
      task.name,
      ContainerSpecification(
        image: service.specification.image, command: command.isEmpty ? nil : command, labels: labels),
      by: writer)
    try engine.run(container, by: writer)
    task.containerID = container.id
    task.state = "running"
    advance()
  }

  /// Ends a task with its container.
  func end(_ task: ServiceTask) {
    task.desiredState = "shutdown"
    task.state = "shutdown"
    advance()
    let engine = task.node.engine
    guard let container = engine.containers.all.first(where: { $0.id == task.containerID }) else { return }
    if container.state.isRunning { engine.killNow(container, by: .swarm) }
    if engine.containers.holds(container) { engine.destroy(container, by: .swarm) }
  }

  /// A container has ended by itself: if it was a task's, another task takes its slot.
  func containerExited(_ container: Container, on engine: DockerEngine) {
    guard
      let task = tasks.first(where: { $0.containerID == container.id && $0.desiredState == "running" })
    else { return }
    task.state = container.state.exitCode == 0 ? "complete" : "failed"
    task.desiredState = "shutdown"
    replace(task)
  }

  private func reject(_ task: ServiceTask) {
    task.state = "rejected"
    task.desiredState = "shutdown"
    replace(task)
  }

  private func replace(_ task: ServiceTask) {
    advance()
    let engine = task.node.engine
    // The managers do this, whether the node's daemon lives or not.
    engine.afterwards(engine.steps.taskReplacement.draw()) { [weak self] in
      guard let self, services.contains(where: { $0 === task.service }) else { return }
      reconcile(task.service)
    }
  }

  /// All tasks, oldest first.
  func list(_ filters: DockerFilters) throws(DockerFailure) -> [TaskInspection] {
    try filters.check(["desired-state", "id", "name", "node", "service"])
    func any(_ key: String, _ holds: (String) -> Bool) -> Bool {
      filters[key].isEmpty || filters[key].contains(where: holds)
    }
    return tasks.filter { task in
      any("id") { task.id.hasPrefix($0) } && any("name") { task.name.hasPrefix($0) }
        && any("node") { task.node.id == $0 } && any("desired-state") { task.desiredState == $0 }
        && any("service") { task.service.id == $0 || task.service.specification.name == $0 }
    }.map(\.inspection)
  }
}
