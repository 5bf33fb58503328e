import SimulationRuntime
import StreamSpaceProtocol

/// `LEADER_ELECTION_BACKEND` (spec/03 §1.1): where the replicas of an agent keep their lock.
package enum LockStore {
  /// `LOCK_FILE_PATH` on a volume that all replicas mount; nil stands for the usual path.
  case file(any HostFileSystem, path: String? = nil)
  /// `REDIS_URL`.
  case redis(Endpoint, database: Int)
  /// The daemon of a swarm manager; the agent is a task of the service whose labels are the lock.
  case swarm(Endpoint)

  /// `file`, `redis` or `swarm`, as the flag has it.
  package var name: String {
    switch self {
    case .file: "file"
    case .redis: "redis"
    case .swarm: "swarm"
    }
  }

  /// The lock for one replica. `instanceID` is unique among the replicas that live at one time.
  func backend(
    _ incarnation: Incarnation, agentID: String, instanceID: String, behaviour: LockElectionBehaviour
  ) -> any LockBackend {
    switch self {
    case .file(let files, let path):
      FileLock(
        files: files, path: path ?? FileLock.defaultPath(agentID: agentID), identity: instanceID, behaviour: behaviour)
    case .redis(let endpoint, let database):
      RedisLock(RedisConnection(incarnation, endpoint: endpoint, database: database), agentID: agentID)
    case .swarm(let endpoint):
      SwarmLock(incarnation, endpoint: endpoint, agentID: agentID, hostName: instanceID, behaviour: behaviour)
    }
  }
}
