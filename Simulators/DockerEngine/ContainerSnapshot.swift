import SimulationRuntime
import StreamSpaceProtocol

/// One container as it stands: what I-SESS-TRUTH, I-NO-ORPHAN and I-CAP compare with the rows of the control plane.
package struct ContainerSnapshot: Sendable, Hashable {
  package var workload: EngineEvent.Workload
  package var labels: Labels
  package var status: ContainerStatus
  /// Its process is there and not paused: it serves. False also when the process has ended and no daemon was there to
  /// see it, while ``status`` still says running.
  package var isReady: Bool
  /// A removal is under way.
  package var isBeingRemoved: Bool
  package var image: String
  /// Limit in bytes; 0: none.
  package var memory: Int64
  /// 0: none.
  package var nanoCPUs: Int64
  package var restartCount: Int
  package var exitCode: Int
  /// Address in its first network; empty while it does not run.
  package var address: String
  /// Published ports.
  package var ports: [PortBinding]
}

/// All that an agent id has on one engine.
package struct AgentInventory: Sendable, Hashable {
  package var containers: [ContainerSnapshot]
  /// Volumes with its label, oldest first.
  package var volumes: [EngineEvent.Workload]

  /// Sessions with a container that serves, in order of their ids.
  package var readySessions: [String] { containers.filter(\.isReady).map(\.workload.session).sorted() }
}

extension DockerEngine {
  /// Every container that belongs to a session, oldest first.
  package var sessionContainers: [ContainerSnapshot] { snapshots { !$0.session.isEmpty } }

  /// The containers of one session, oldest first; there should be at most one.
  package func containers(ofSession session: String) -> [ContainerSnapshot] { snapshots { $0.session == session } }

  /// What an agent id has here.
  package func inventory(agent: String) -> AgentInventory {
    AgentInventory(
      containers: snapshots { $0.specification.labels[DockerLabel.agent] == agent },
      volumes: volumes.all.filter { $0.labels[DockerLabel.agent] == agent }.map(volumeWorkload))
  }

  /// Every volume, oldest first.
  package var allVolumes: [EngineEvent.Workload] { volumes.all.map(volumeWorkload) }

  /// Every network that is not the engine's own, oldest first.
  package var ownNetworks: [EngineEvent.Workload] {
    networks.all.filter { !$0.isPredefined }.map {
      EngineEvent.Workload($0.specification.labels, name: $0.name, id: $0.id, host: host)
    }
  }

  private func volumeWorkload(_ volume: VolumeInspection) -> EngineEvent.Workload {
    EngineEvent.Workload(volume.labels, name: volume.name, id: volume.name, host: host)
  }

  private func snapshots(_ isWanted: (Container) -> Bool) -> [ContainerSnapshot] {
    containers.all.filter(isWanted).map { container in
      ContainerSnapshot(
        workload: workload(container), labels: container.specification.labels, status: container.state.status,
        isReady: container.state.status == .running && container.unseenExit == nil,
        isBeingRemoved: container.isRemoving, image: container.specification.image,
        memory: container.specification.host.memory, nanoCPUs: container.specification.host.nanoCPUs,
        restartCount: container.restartCount, exitCode: container.state.exitCode,
        address: container.endpoints.first?.address ?? "", ports: container.ports)
    }
  }
}
