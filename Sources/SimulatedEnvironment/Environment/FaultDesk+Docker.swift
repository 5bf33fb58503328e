import DockerEngine
import HostFiles
import SimulationRuntime
import StreamSpaceProtocol
import TestEnvironment

/// Faults of Docker daemons, of their containers and of the locks of Docker agents.
extension FaultDesk {
  func docker(_ host: String, _ trouble: DockerTrouble) throws -> (String, (() -> Void)?) {
    guard let machine = deployment.docker.machine(host) else { throw EnvironmentError("this topology has no \(host)") }
    let fault: DockerFault =
      switch trouble {
      case .down: .down(.refusing)
      case .restart: .daemonRestart
      case .createFails: .createFails
      case .startFails: .startFails
      case .slow(let span): .slow(TimeSpan(span))
      case .answersLost(let percent): .answerLost(nil, .init(percent, in: 100))
      case .errors(let percent): .apiErrors(nil, .init(percent, in: 100))
      }
    let (name, end) = docker(machine.engine, fault)
    guard trouble == .restart else { return (name, end) }
    // It starts again at once.
    end()
    return (name, nil)
  }

  func docker(_ engine: DockerEngine, _ fault: DockerFault) -> (String, () -> Void) {
    let record = engine.begin(fault)
    return (record.name, { engine.end(record) })
  }

  /// A container is hurt by something outside StreamSpace.
  func container(
    _ session: String, _ trouble: WorkloadTrouble, on engine: DockerEngine
  ) throws -> (String, (() -> Void)?) {
    switch trouble {
    case .exits(let code): return (engine.begin(.exit(session: session, code: code)).name, nil)
    case .outOfMemory: return (engine.begin(.outOfMemory(session: session)).name, nil)
    case .evicted: throw EnvironmentError("Docker evicts nothing")
    case .removed:
      let record = simulation.faults.begin("workload(\(session) removed)", at: simulation.now)
      for container in engine.containers(ofSession: session) {
        record.touch(at: simulation.now)
        engine.perform(
          DockerRequest(.removeContainer(container.workload.id, force: true, volumes: false), caller: "operator")
        ) { _ in }
      }
      simulation.faults.end(record, at: simulation.now)
      return (record.name, nil)
    }
  }

  // MARK: Locks

  func unlinkLock(of agent: DeployedAgent) throws -> (String, (() -> Void)?) {
    guard case .file = agent.topology.election, let places = deployment.docker.places(of: agent.id) else {
      throw EnvironmentError("\(agent.id) has no lock file")
    }
    let records = places.volumes.map { $0.begin(.unlinked(path: DockerPlatform.lockPath(agent.id))) }
    return (records[0].name, nil)
  }

  /// An operator labels the service with something of his own.
  func updateService(of agent: DeployedAgent) throws -> (String, (() -> Void)?) {
    guard agent.topology.election == .swarm else { throw EnvironmentError("\(agent.id) is no swarm service") }
    let engine = try deployment.docker.machine(of: agent.topology).engine
    let name = DockerPlatform.serviceName(agent.id)
    let simulation = simulation
    let record = simulation.faults.begin("service-update(\(agent.id))", at: simulation.now)
    engine.perform(DockerRequest(.inspectService(name), caller: "operator")) { answer in
      guard case .service(let service) = answer else { return }
      var specification = service.specification
      specification.labels["operator.note"] = "\(service.version)"
      let update = DockerRequest(.updateService(name, version: service.version, specification), caller: "operator")
      engine.perform(update) { answer in
        if case .serviceUpdated = answer { record.touch(at: simulation.now) }
      }
    }
    simulation.faults.end(record, at: simulation.now)
    return (record.name, nil)
  }
}
