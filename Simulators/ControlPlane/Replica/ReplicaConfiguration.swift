import SchemaMigrations
import SimulationRuntime
import StreamSpaceProtocol

/// What the environment of a replica says (spec/01 §8.2), and the policies and costs of its simulation.
package struct ReplicaConfiguration {
  /// `POD_NAME`; required in multi-pod mode (C8).
  package var podName: String?
  /// `API_PORT`.
  package var port = 8000
  /// Where PostgreSQL listens.
  package var database: Endpoint
  /// Where a standby listens that lies behind; asked only under ``DatabasePolicies/Reads/standby``.
  package var standby: Endpoint?
  /// Where Redis listens, with `AGENTHUB_REDIS_ENABLED`: multi-pod mode. Nil: this replica works alone.
  package var redis: Endpoint?
  /// Where the name of Redis leads at a dial: one side of a partition may find another server behind it.
  package var resolveRedis: (Endpoint) -> Endpoint = { $0 }
  /// `CACHE_ENABLED`: answers and login sessions on database 0 of ``redis``.
  package var isCacheEnabled = false
  /// `JWT_SECRET`, equal on all replicas, at least 32 characters.
  package var jwtSecret: String
  /// `AGENT_BOOTSTRAP_KEY`, 64 hexadecimal digits.
  package var bootstrapKey: String?
  /// `PLATFORM`: used where neither template nor application names one (C17).
  package var defaultPlatform = Platform.kubernetes
  /// `RATE_LIMIT_REQUESTS_PER_MINUTE` per client address; nil: `RATE_LIMIT_ENABLED=false`.
  package var agentRateLimit: Int? = 60
  /// `SHUTDOWN_TIMEOUT`: how long handlers may take to finish.
  package var shutdownTimeout = TimeSpan.seconds(30)
  /// `TZ` of the replica's host. Under contract nothing depends on it (C31).
  package var zone = HostZone.utc
  /// `timezone` of the database. Under contract nothing depends on it (C31).
  package var databaseZone = HostZone.utc
  /// `POD_IP`: host under which other replicas reach this one; nil: its own host name.
  package var relayHost: String?
  /// How this replica brings the schema to the version of its binary; nil: it takes the schema as it finds it.
  package var schema: SchemaUpgradePlan?
  /// `ADMIN_PASSWORD`, asked for until it is there; nil: the database's administrators have their passwords.
  package var adminPassword: (() -> String?)?
  package var behaviour = ControlPlaneBehaviour.contract
  package var costs = ReplicaCosts()
  /// Told of everything in ``ControlPlaneEvent``, in the life of the replica.
  package var observer: ((ControlPlaneEvent) -> Void)?
  /// Told of each request to the database, pings excepted, when it has been sent: crashes are injected here.
  package var onDatabaseRequest: ((SQLRequest) -> Void)?

  package init(podName: String?, database: Endpoint, redis: Endpoint?, jwtSecret: String, bootstrapKey: String? = nil) {
    self.podName = podName
    self.database = database
    self.redis = redis
    self.jwtSecret = jwtSecret
    self.bootstrapKey = bootstrapKey
  }
}

/// How long the replica's own work takes (spec/06 §10.3). Network and database have their own models.
package struct ReplicaCosts: Sendable, Equatable {
  /// Check of an agent key, bcrypt cost 12 (C37).
  package var keyCheck = LatencyModel.uniform(.milliseconds(270), .milliseconds(300))
  /// Check of a password, bcrypt cost 10.
  package var passwordCheck = LatencyModel.uniform(.milliseconds(70), .milliseconds(80))
  /// Registration handler beside the key check.
  package var registration = LatencyModel.lognormal(median: .milliseconds(5), .s030)
  /// Handshake of an agent's WebSocket beside the key check.
  package var handshake = LatencyModel.lognormal(median: .milliseconds(2), .s060)

  package init() {}
}
