import SimulationRuntime

/// The policies of a Redis server as a process.
package struct RedisBehaviour: Sendable {
  /// What a restart finds.
  package enum Persistence: Sendable, Equatable {
    /// Nothing: the topologies of `spec/06 §1` run Redis without persistence.
    case none
    /// Every write, with expiries as absolute times.
    case everyWrite
  }

  /// Port it listens on.
  package var port = 6_379
  /// The settings of the server itself.
  package var configuration = RedisConfiguration()
  package var persistence = Persistence.none
  /// From the order to start until it accepts connections (`spec/06 §10.3`, pod restart of Redis: 4 to 7 s).
  package var startTime = LatencyModel.uniform(.seconds(4), .seconds(7))
  /// How long a started server answers `LOADING` when it has data to read.
  package var loadingTime = TimeSpan.zero
  /// Period of the cycle that collects expired keys nobody asks for (`spec/04 §3.5`: ten times a second).
  package var collectionPeriod = TimeSpan.milliseconds(100)
  /// A connection with more bytes unread by its peer is ended at the next message (`spec/04 §3.7`: 32 MiB).
  package var hardOutputLimit = 33_554_432
  /// A connection with more bytes unread for ``softOutputTime`` is ended at the next message (`spec/04 §3.7`: 8 MiB).
  package var softOutputLimit = 8_388_608
  package var softOutputTime = TimeSpan.seconds(60)

  package init() {}
}
