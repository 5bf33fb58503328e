import Kubernetes
import SimulationRuntime
import StreamSpaceProtocol
import TestEnvironment

/// What an engineer would look up on the platforms: locks, objects, limits, stored keys.
extension SimulatedCaseEnvironment {
  func lock(of agent: String) async throws -> LeaderLock? {
    guard case .lease = try deployment.agent(agent).topology.election else { return nil }
    let reference = ObjectReference(.lease, namespace: Deployment.namespace, name: Lease.agentLeaseName(agent))
    guard case .lease(let lease)? = deployment.cluster.store.object(reference) else { return nil }
    return LeaderLock(holder: lease.spec.holder, term: lease.spec.transitions)
  }

  func actors(of agent: String) async throws -> [String] { deployment.actors(of: try deployment.agent(agent)) }

  func inventory(of agent: String) async throws -> [PlatformObject] {
    let kinds: [(KubernetesKind, String)] = [
      (.deployment, "deployment"), (.pod, "pod"), (.persistentVolumeClaim, "pvc"), (.secret, "secret"),
      (.service, "service"), (.session, "session"),
    ]
    return kinds.flatMap { kind, name in
      deployment.cluster.belongings(kind).filter { $0.1.agent == agent }.map { reference, workload in
        PlatformObject(
          kind: name, name: reference.name, session: workload.session.isEmpty ? nil : workload.session,
          command: workload.command.isEmpty ? nil : workload.command, state: state(of: reference))
      }
    }.sorted { ($0.kind, $0.name) < ($1.kind, $1.name) }
  }

  private func state(of reference: ObjectReference) -> String {
    guard case .pod(let pod)? = deployment.cluster.store.object(reference) else { return "" }
    return pod.metadata.isBeingDeleted ? "terminating" : pod.phase.rawValue.lowercased()
  }

  func limits(session: String) async throws -> WorkloadLimits? {
    let reference = ObjectReference(.deployment, namespace: Deployment.namespace, name: session)
    guard case .deployment(let workload)? = deployment.cluster.store.object(reference) else { return nil }
    guard let cpu = try? ResourceQuantity(workload.template.cpu),
      let memory = try? ResourceQuantity(workload.template.memory)
    else { return nil }
    return WorkloadLimits(milliCPU: cpu.milli, memoryBytes: memory.units)
  }

  func storedKey(of agent: String) async throws -> String? {
    let reference = ObjectReference(.secret, namespace: Deployment.namespace, name: Secret.agentKeyName(agent))
    guard case .secret(let secret)? = deployment.cluster.store.object(reference) else { return nil }
    return secret.data[Secret.agentKeyField]
  }
}
