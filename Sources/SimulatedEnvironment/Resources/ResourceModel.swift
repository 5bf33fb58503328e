/// What the work of a component costs: a model, not a measurement. Each figure is a base and a price for each thing that
/// the simulation counted, in integers.
///
/// Bases and totals are those that StreamSpace measured idle (spec/06 §10.1): an API replica 50m and 128 MiB, a leading
/// agent 50m and 50 to 64 MiB, a standby 5m and 20 MiB, three election replicas 60m and 90 MiB, Redis 10 MB a replica,
/// 1 MB a channel and 1 KB an agent. The key check is C37, the password check spec/06 §10.3; base64 and JSON of a
/// 32 KiB frame are spec/06 §10.4 (about 200 us a frame, 6 us a KiB and hop). Where nobody has measured anything the price
/// is an assumption: so the figures compare loads with one another, and say nothing of a real cluster.
enum ResourceModel {
  // MARK: An API replica

  /// Thousandths of a core.
  static let replicaBaseCPU = 48
  static let replicaBaseMemory = 126 * 1_024
  /// Microseconds of CPU. A statement: making it, reading its rows (assumed).
  static let statement = 200
  /// A request of a client: router, token check, JSON (assumed).
  static let request = 500
  /// A frame of an agent, either way (assumed).
  static let frame = 150
  static let keyCheck = 285_000
  static let passwordCheck = 75_000
  /// A KiB that passes the relay: once off the agent's socket, once onto the viewer's.
  static let relayedKiB = 12
  /// KiB of memory. A connection to the database, an agent's WebSocket with its buffers (assumed).
  static let databaseConnection = 128
  static let agentConnection = 128
  /// Two windows of 256 KiB, one each way (spec/00, Streaming 3), and two sockets.
  static let attachment = 640

  // MARK: An agent

  static let leaderBaseCPU = 49
  static let leaderBaseMemory = 50 * 1_024
  static let standbyBaseCPU = 5
  static let standbyBaseMemory = 20 * 1_024
  /// Microseconds of CPU. A command from receipt to result: objects made and read (assumed).
  static let command = 20_000
  /// A look at one workload, every 10 s (C13) (assumed).
  static let look = 100
  /// KiB of memory. What an agent keeps of a session: 56 of them fill the 14 MiB between 50 and 64.
  static let session = 256
  /// A stream to a desktop: a window each way (spec/00, Streaming 3).
  static let tunnel = 512

  // MARK: Redis and database

  static let redisBaseCPU = 2
  /// Microseconds of CPU: 20 000 commands a second on one core and connection (DESIGN §3).
  static let redisCommand = 50
  static let redisReplica = 10 * 1_024
  static let redisChannel = 1_024
  static let redisAgent = 1
  static let databaseBaseCPU = 20
  static let databaseBaseMemory = 128 * 1_024
  /// A statement at the server, and a back end's memory (assumed).
  static let databaseStatement = 300
  static let databaseBackend = 5 * 1_024

  // MARK: Nodes

  /// A node (assumed: eight cores, 32 GiB).
  static let nodeCPU = 8_000
  static let nodeMemory = 32 * 1_024

  /// Thousandths of a core that `microseconds` of work take over a span, rounded up.
  static func milliCPU(base: Int, microseconds: Int, over span: Int64) -> Int {
    guard span > 0 else { return base }
    return base + Int((Int64(microseconds) * 1_000 + span - 1) / span)
  }
}
