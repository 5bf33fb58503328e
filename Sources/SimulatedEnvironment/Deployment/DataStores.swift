import Database
import Redis
import SimulationRuntime
import TestEnvironment

/// Database and Redis of a deployment, as its other parts meet them.
struct DataStores {
  /// Nil where the database is a real server.
  let database: SimulatedDatabase?
  /// What answers reads late (C-14); nil: there is none.
  let standby: SimulatedDatabase?
  /// Nil where the topology has no Redis, or a real one.
  let redis: RedisServer?
  /// Where Redis listens inside; nil: the topology has none.
  let redisEndpoint: Endpoint?

  /// Simulated ones.
  static func inside(
    _ topology: Topology, _ behaviours: Behaviours, in simulation: Simulation
  ) throws -> DataStores {
    let database = try SimulatedDatabase(
      image: InitialImage.make(topology.database), in: simulation, name: HostName.database)
    let standby = try Deployment.makeStandby(of: database, topology, behaviours)
    let redis = try makeRedis(topology, behaviours, in: simulation)
    return DataStores(database: database, standby: standby, redis: redis, redisEndpoint: redis?.endpoint)
  }

  /// Real ones: what inside wants of Redis is carried out, the database is asked by nobody inside.
  static func outside(
    _ outside: OutsideControlPlane, _ topology: Topology, in simulation: Simulation
  ) throws -> DataStores {
    guard topology.hasRedis else { return DataStores(database: nil, standby: nil, redis: nil, redisEndpoint: nil) }
    let process = try simulation.addProcess(
      HostName.redis, on: simulation.host(HostName.redis), program: outside.redis)
    process.start()
    return DataStores(
      database: nil, standby: nil, redis: nil,
      redisEndpoint: Endpoint(host: HostName.redis, port: OutsideControlPlane.redisPort))
  }

  private static func makeRedis(
    _ topology: Topology, _ behaviours: Behaviours, in simulation: Simulation
  ) throws -> RedisServer? {
    guard topology.hasRedis else { return nil }
    var behaviour = RedisBehaviour()
    behaviour.configuration.maximumMemory = topology.redisMemory
    behaviour.configuration.eviction = behaviours.redisEviction
    return try RedisServer(
      HostName.redis, on: simulation.host(HostName.redis), of: simulation, behaviour: behaviour)
  }
}
