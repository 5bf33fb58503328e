import DockerEngine
import HostFiles
import Kubernetes
import Redis
import SimulationRuntime
import StreamSpaceProtocol
import TestEnvironment

/// What an engineer would look up on the platforms: locks, objects, limits, stored keys.
extension SimulatedCaseEnvironment {
  package func lock(of agent: String) async throws -> LeaderLock? {
    switch try deployment.agent(agent).topology.election {
    case nil: return nil
    case .lease:
      let reference = ObjectReference(.lease, namespace: Deployment.namespace, name: Lease.agentLeaseName(agent))
      guard case .lease(let lease)? = deployment.cluster.store.object(reference) else { return nil }
      return LeaderLock(
        holder: deployment.recorder.processName(lease.spec.holder), term: lease.spec.transitions)
    case .file:
      let records = deployment.docker.places(of: agent)?.volumes.compactMap { volume in
        volume.content(of: DockerPlatform.lockPath(agent)).map { String(decoding: $0, as: UTF8.self) }
      }
      return records?.compactMap { named($0, agent) }.first
    case .redis:
      let key = RouteKeys.leader(agent: agent)
      return named(deployment.redis?.value(of: key, database: DockerPlatform.redisDatabase), agent)
    case .swarm:
      let engine = try deployment.docker.machine(of: deployment.agent(agent).topology).engine
      let version = engine.swarm?.version(ofService: DockerPlatform.serviceName(agent)) ?? 0
      return deployment.recorder.locks[agent].map {
        LeaderLock(holder: $0.holder, term: $0.term, writes: Int(version))
      }
    }
  }

  private func named(_ record: String?, _ agent: String) -> LeaderLock? {
    ObservationRecorder.lock(text: record).map {
      LeaderLock(
        holder: deployment.recorder.processName($0.holder), term: $0.term,
        writes: deployment.recorder.lockWrites[agent] ?? 0)
    }
  }

  package func actors(of agent: String) async throws -> [String] { deployment.actors(of: try deployment.agent(agent)) }

  package func inventory(of agent: String) async throws -> [PlatformObject] {
    (clusterObjects(of: agent) + dockerObjects(of: agent)).sorted { ($0.kind, $0.name) < ($1.kind, $1.name) }
  }

  private func clusterObjects(of agent: String) -> [PlatformObject] {
    let kinds: [(KubernetesKind, String)] = [
      (.deployment, "deployment"), (.pod, "pod"), (.persistentVolumeClaim, "pvc"), (.secret, "secret"),
      (.service, "service"), (.session, "session"),
    ]
    return kinds.flatMap { kind, name in
      deployment.cluster.belongings(kind).filter { $0.1.agent == agent }.map { reference, workload in
        let object = deployment.cluster.store.object(reference)
        return PlatformObject(
          kind: name, name: reference.name, session: workload.session.isEmpty ? nil : workload.session,
          command: workload.command.isEmpty ? nil : workload.command, state: Self.state(of: object),
          labels: Self.dictionary(object?.metadata.labels ?? Labels()))
      }
    }
  }

  private static func state(of object: KubernetesObject?) -> String {
    guard case .pod(let pod)? = object else { return "" }
    return pod.metadata.isBeingDeleted ? "terminating" : pod.phase.rawValue.lowercased()
  }

  private static func dictionary(_ labels: Labels) -> [String: String] {
    Dictionary(labels.pairs.map { ($0.key, $0.value) }) { _, last in last }
  }

  /// Containers and volumes by their labels; the networks of its engine, which belong to all agents alike.
  private func dockerObjects(of agent: String) -> [PlatformObject] {
    guard let known = try? deployment.agent(agent), known.topology.platform == .docker,
      let engine = try? deployment.docker.machine(of: known.topology).engine
    else { return [] }
    let inventory = engine.inventory(agent: agent)
    let containers = inventory.containers.map { container in
      PlatformObject(
        kind: "container", name: container.workload.name, session: container.workload.session,
        command: container.workload.command, state: container.status.rawValue,
        labels: Self.dictionary(container.labels))
    }
    func object(_ kind: String, _ workload: EngineEvent.Workload) -> PlatformObject {
      PlatformObject(
        kind: kind, name: workload.name, session: workload.session.isEmpty ? nil : workload.session,
        command: workload.command.isEmpty ? nil : workload.command)
    }
    return containers + inventory.volumes.map { object("volume", $0) }
      + engine.ownNetworks.map { object("network", $0) }
  }

  package func limits(session: String) async throws -> WorkloadLimits? {
    if let machine = deployment.docker.machine(ofSession: session) {
      return machine.engine.containers(ofSession: session).first.map {
        // NanoCpus are billionths of a processor.
        WorkloadLimits(
          milliCPU: $0.nanoCPUs / 1_000_000, memoryBytes: $0.memory, image: $0.image,
          ports: $0.ports.map { Int($0.containerPort.prefix { $0 != "/" }) ?? 0 })
      }
    }
    let reference = ObjectReference(.deployment, namespace: Deployment.namespace, name: session)
    guard case .deployment(let workload)? = deployment.cluster.store.object(reference),
      let cpu = try? ResourceQuantity(workload.template.cpu),
      let memory = try? ResourceQuantity(workload.template.memory)
    else { return nil }
    return WorkloadLimits(
      milliCPU: cpu.milli, memoryBytes: memory.units, image: workload.template.image,
      ports: workload.template.ports.map(\.containerPort))
  }

  package func storedKey(of agent: String) async throws -> String? {
    let known = try deployment.agent(agent)
    switch known.topology.platform {
    case .kubernetes:
      let reference = ObjectReference(.secret, namespace: Deployment.namespace, name: Secret.agentKeyName(agent))
      guard case .secret(let secret)? = deployment.cluster.store.object(reference) else { return nil }
      return secret.data[Secret.agentKeyField]
    case .docker:
      let path = DockerPlatform.keyPath(agent)
      if let bytes = deployment.docker.places(of: agent)?.volumes.compactMap({ $0.content(of: path) }).first {
        return String(decoding: bytes, as: UTF8.self)
      }
      return deployment.redis?.value(of: RouteKeys.agentKey(agent: agent), database: DockerPlatform.redisDatabase)
    }
  }
}
