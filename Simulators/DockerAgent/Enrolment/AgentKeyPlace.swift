import SimulationRuntime
import StreamSpaceProtocol

/// Where an issued key is kept so that restarted replicas and successors find it (spec/00, Enrolment).
package enum AgentKeyPlace {
  /// Beside the lock file, on a volume that all replicas mount; nil stands for the usual path of the lock.
  case file(any HostFileSystem, lockPath: String? = nil)
  /// `streamspace:agent:key:{agentId}`.
  case redis(Endpoint, database: Int)

  /// The place that goes with a lock: nil for a swarm, whose labels are no place for a secret.
  init?(besides lock: LockStore) {
    switch lock {
    case .file(let files, let path): self = .file(files, lockPath: path)
    case .redis(let endpoint, let database): self = .redis(endpoint, database: database)
    case .swarm: return nil
    }
  }

  func store(_ incarnation: Incarnation, agentID: String) -> any AgentKeyStore {
    switch self {
    case .file(let files, let path):
      FileKeyStore(files, besides: path ?? FileLock.defaultPath(agentID: agentID))
    case .redis(let endpoint, let database):
      RedisKeyStore(incarnation, endpoint: endpoint, database: database, agentID: agentID)
    }
  }
}

/// The key in a file: written under another name, then given its own, so that no reader sees half of it.
final class FileKeyStore: AgentKeyStore {
  private let files: any HostFileSystem
  private let path: String

  /// `lockPath` `…/docker-agent-{id}.lock` leads to `…/docker-agent-{id}.key`.
  init(_ files: any HostFileSystem, besides lockPath: String) {
    self.files = files
    path = (lockPath.hasSuffix(".lock") ? String(lockPath.dropLast(5)) : lockPath) + ".key"
  }

  func read(_ completion: @escaping (String?) -> Void) {
    completion(try? key())
  }

  private func key() throws(HostFileError) -> String? {
    guard try files.inode(at: path) != nil else { return nil }
    let file = try files.open(path, .reading)
    defer { try? files.close(file) }
    return String(decoding: try files.read(file), as: UTF8.self)
  }

  func write(_ key: String, _ completion: @escaping (Bool) -> Void) {
    completion((try? store(key)) != nil)
  }

  private func store(_ key: String) throws(HostFileError) {
    let newPath = path + ".new"
    let file = try files.open(newPath, .creating)
    defer { try? files.close(file) }
    try files.write(Array(key.utf8), to: file)
    try files.rename(newPath, to: path)
  }
}

/// The key in Redis.
final class RedisKeyStore: AgentKeyStore {
  private let incarnation: Incarnation
  private let endpoint: Endpoint
  private let database: Int
  private let key: String

  init(_ incarnation: Incarnation, endpoint: Endpoint, database: Int, agentID: String) {
    self.incarnation = incarnation
    self.endpoint = endpoint
    self.database = database
    key = RouteKeys.agentKey(agent: agentID)
  }

  func read(_ completion: @escaping (String?) -> Void) {
    call(["GET", key]) { completion($0?.text) }
  }

  func write(_ key: String, _ completion: @escaping (Bool) -> Void) {
    call(["SET", self.key, key]) { completion($0 != nil) }
  }

  /// One call over a connection of its own: a key is read or written once in a life.
  private func call(_ command: [String], _ completion: @escaping (RESPValue?) -> Void) {
    let connection = RedisConnection(incarnation, endpoint: endpoint, database: database)
    connection.call(command) { result in
      completion(try? result.get())
      connection.close()
    }
  }
}
