import StreamSpaceProtocol

/// One workload as it stands: what I-SESS-TRUTH and I-NO-ORPHAN compare with the rows of the control plane.
package struct WorkloadSnapshot: Sendable, Hashable {
  package var workload: KubernetesEvent.Workload
  package var namespace: String
  /// Wished instances.
  package var replicas: Int
  package var isBeingDeleted: Bool
  /// Pods, oldest first, those that are being deleted included.
  package var pods: [PodState]

  /// One pod of a workload.
  package struct PodState: Sendable, Hashable {
    package var name: String
    package var isReady: Bool
    package var isBeingDeleted: Bool
  }

  /// Pods that serve: ready, and not being deleted.
  package var readyPods: [PodState] { pods.filter { $0.isReady && !$0.isBeingDeleted } }
}

extension KubernetesCluster {
  /// All workloads, ordered by namespace and name.
  package var workloads: [WorkloadSnapshot] {
    store.list(.deployment).compactMap(\.deployment).map { deployment in
      WorkloadSnapshot(
        workload: KubernetesEvent.Workload(deployment.metadata), namespace: deployment.metadata.namespace,
        replicas: deployment.replicas, isBeingDeleted: deployment.metadata.isBeingDeleted,
        pods: pods(of: deployment.metadata.uid).map {
          WorkloadSnapshot.PodState(
            name: $0.metadata.name, isReady: $0.isUsable, isBeingDeleted: $0.metadata.isBeingDeleted)
        })
    }
  }

  /// All objects of a kind with the session and agent they belong to, ordered by namespace and name.
  package func belongings(_ kind: KubernetesKind) -> [(ObjectReference, KubernetesEvent.Workload)] {
    store.list(kind).map { ($0.reference, KubernetesEvent.Workload($0.metadata)) }
  }
}
