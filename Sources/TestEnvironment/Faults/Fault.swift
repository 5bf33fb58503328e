/// A fault (spec/05 §2).
public enum Fault: Sendable, Equatable {
  case cut(Component, Component)
  case cutOneWay(from: Component, to: Component)
  /// The first end is gone, the second has not noticed.
  case halfOpen(gone: Component, unaware: Component)
  /// RST at once, dials refused while it lasts.
  case reset(Component, Component)
  case slow(Component, Component, by: Duration)
  case redisDown
  /// Down for the given time, then back without data.
  case redisRestartEmpty
  case redisEvict(key: String)
  /// Down for the given time; a replica takes its place that lacks the writes of the last span before.
  case redisFailOver(losing: Duration)
  case redisSlow(by: Duration)
  /// One replica is cut off from Redis and finds another, empty one in its place, until it ends: two views (CHAOS-06).
  case redisSplit(replica: String)
  case redisLosePubSub
  case databaseDown
  /// Each statement takes 0 … `by` longer (seeded).
  case databaseSlow(by: Duration)
  /// The statement by which a dispatcher writes `sent` takes 0 … `by` longer (seeded).
  case dispatcherSlow(by: Duration)
  /// COMMITs whose answer is lost, with the given probability in percent: done or not is the seed's.
  case databaseCommitUnknown(percent: Int)
  /// The agent's next heartbeat is held back until `gap` after now: begun at a beat, the gap between two is that.
  case delayHeartbeat(agent: String, gap: Duration)
  /// The next ack frame of the agent never reaches the control plane.
  case loseAck(agent: String)
  /// The `number`-th request that a replica sends to the database from now on (pings excepted) meets this.
  case databaseRequest(replica: String, number: Int, DatabaseTrouble)
  /// The next query for what a user's sessions use fails, once (MU-08).
  case usageQueryFails
  /// The image takes so long to pull, on every platform.
  case imagePull(image: String, Duration)
  /// Pulls of the image fail, on every platform: the registry answers with an error.
  case imagePullFailure(image: String)
  /// The registry does not know the image (404), and no host has it.
  case imageUnknown(image: String)
  /// The cluster's API server or its nodes.
  case kubernetes(KubernetesTrouble)
  /// The Docker daemon of a host.
  case docker(host: String, DockerTrouble)
  /// A session's workload is hurt by something outside StreamSpace; a fault of an instant.
  case workload(session: String, WorkloadTrouble)
  /// The wall clock of a process jumps by so much and stays there.
  case skew(Component, by: Duration)
  /// The clock of a process runs at a wrong rate, in parts per million; positive: fast.
  case drift(Component, ppm: Int)
  /// The lock file of an agent with the file election is unlinked by an operator; a fault of an instant.
  case unlinkLock(agent: String)
  /// An operator changes something unrelated on the Swarm service of an agent; a fault of an instant.
  case serviceUpdate(agent: String)
  /// When an agent next reaches `step` of a command `command` (`start_session`, …), `action` is done to that process at
  /// that very instant (capability `schedule`).
  case atStep(agent: String, command: String, step: WorkStep, Action)
}

/// What may befall the cluster (spec/05 §2 `k8s(…)`).
public enum KubernetesTrouble: Sendable, Equatable {
  /// No answer at all.
  case down
  /// 503 at once.
  case refusing
  /// 429 with Retry-After.
  case throttled
  /// Each PUT of the kind (`leases`, `deployments`, …) meets another writer's with the given probability in percent.
  case conflicts(resource: String, percent: Int)
  /// 403 for the verb (`create`, …; nil: each) on a resource (`services`, …).
  case forbidden(verb: String?, resource: String)
  case slow(by: Duration)
  /// A write takes effect, its answer is lost: each with the given probability in percent.
  case answersLost(percent: Int)
  /// Requests fail with 500 or 503 with the given probability in percent.
  case brownOut(percent: Int)
  /// No new pod fits on a node.
  case unschedulable
  /// Reads answer from a state up to so long ago.
  case staleReads(by: Duration)
  /// The node that carries most sessions is not ready.
  case nodeNotReady
}

/// What may befall a Docker daemon (spec/05 §2 `docker(…)`).
public enum DockerTrouble: Sendable, Equatable {
  /// Refuses connections; containers live on.
  case down
  /// The daemon stops and starts again at once: containers of restart policy `unless-stopped` come back.
  case restart
  case createFails
  case startFails
  case slow(by: Duration)
  /// A change takes effect, its answer is lost: each with the given probability in percent.
  case answersLost(percent: Int)
  /// Requests fail with 500 with the given probability in percent.
  case errors(percent: Int)
}

/// What may befall one workload.
public enum WorkloadTrouble: Sendable, Equatable {
  /// Its main process ends with a code.
  case exits(code: Int)
  case outOfMemory
  /// The platform evicts it (Kubernetes only).
  case evicted
  /// An operator removes it.
  case removed
}

/// A boundary between two steps of an agent's work on a command.
public enum WorkStep: String, Sendable, Equatable, CaseIterable {
  /// The frame is decoded, nothing is done.
  case received
  /// The ack was handed to the socket.
  case acknowledged
  /// The network stands (Docker).
  case network
  /// The claim or volume stands.
  case volume
  /// The Deployment or container was created.
  case workload
  /// The service stands (Kubernetes).
  case service
  /// The container was started (Docker).
  case started
  /// The workload is ready.
  case ready
  /// The status report was handed to the socket.
  case status
  /// The completion was handed to the socket.
  case complete
}

/// A fault under way.
public struct FaultHandle: Sendable, Hashable {
  public let number: Int
  public init(number: Int) { self.number = number }
}
