import SimulationRuntime
import StreamSpaceProtocol

/// Brings a replica up: it listens at once, and is ready when database, schema and, in multi-pod mode, Redis and the
/// subscription stand (C8).
final class StartUp {
  /// Wait before a failed step is tried again.
  static let retry = TimeSpan.seconds(1)

  private unowned let replica: Replica
  private var upgrade: SchemaUpgrade?
  private static let retryLabel = EventLabel("controlplane.start.retry")

  init(_ replica: Replica) { self.replica = replica }

  private var policies: LifeCyclePolicies { replica.behaviour.lifeCycle }

  func begin() {
    let isNamed = !(replica.configuration.podName ?? "").isEmpty
    if replica.configuration.redis != nil, !isNamed, policies.podName == .required {
      replica.stayUnready("POD_NAME is required in multi-pod mode")
      replica.incarnation.exit("POD_NAME is required in multi-pod mode")
      return
    }
    replica.listen()
    replica.stayUnready("waiting for the database")
    pingDatabase()
  }

  private func again(_ step: @escaping () -> Void) {
    replica.incarnation.after(Self.retry, Self.retryLabel, step)
  }

  private var isStarting: Bool {
    if case .starting = replica.health { true } else { false }
  }

  private func pingDatabase() {
    guard isStarting else { return }
    replica.database.ping { [unowned self] result in
      switch result {
      case .success: awaitAdminPassword()
      case .failure(let error):
        replica.stayUnready("database: \(error)")
        again { [unowned self] in pingDatabase() }
      }
    }
  }

  /// An administrator without password could never be given one: the migrations insert the row.
  private func awaitAdminPassword() {
    guard isStarting else { return }
    if let password = replica.configuration.adminPassword, password() == nil, policies.adminPassword == .required {
      replica.stayUnready("ADMIN_PASSWORD is required")
      return again { [unowned self] in awaitAdminPassword() }
    }
    upgradeSchema()
  }

  private func upgradeSchema() {
    guard let plan = replica.configuration.schema else { return checkSchema() }
    switch policies.migrationOrder {
    case .beforeServing:
      upgrade = SchemaUpgrade(replica, plan) { [unowned self] in
        upgrade = nil
        setAdminPassword()
      }
    case .whileServing:
      upgrade = SchemaUpgrade(replica, plan) {}
      endEarlierLife()
    }
    upgrade?.begin()
  }

  /// Gives the administrator that the migrations have inserted its password, once.
  private func setAdminPassword() {
    guard isStarting else { return }
    guard let password = replica.configuration.adminPassword?() else { return endEarlierLife() }
    replica.database.execute(
      UserStatements.setFirstAdminPassword, [.text(TaggedHash.ofPassword(password))]
    ) { [unowned self] result in
      switch result {
      case .success: endEarlierLife()
      case .failure(let error):
        replica.stayUnready("administrator: \(error)")
        again { [unowned self] in setAdminPassword() }
      }
    }
  }

  /// For a replica that is given no migrations: the schema is another's business, but it must be there.
  private func checkSchema() {
    guard isStarting else { return }
    replica.database.execute(AgentStatements.schemaProbe) { [unowned self] result in
      switch result {
      case .success: endEarlierLife()
      case .failure(let error):
        replica.stayUnready("migrations: \(error)")
        again { [unowned self] in checkSchema() }
      }
    }
  }

  /// What an earlier life of this replica held is held by nobody: its rows say so at once, not after 45 s.
  private func endEarlierLife() {
    guard replica.behaviour.hub.routeRemoval == .compareAndDelete else { return joinRedis() }
    replica.database.execute(
      AgentStatements.podDisconnected,
      [.text(replica.podName), .integer(1), .integer(replica.epochBase)]
    ) { [unowned self] result in
      switch result {
      case .success: joinRedis()
      case .failure: again { [unowned self] in endEarlierLife() }
      }
    }
  }

  private func joinRedis() {
    guard isStarting else { return }
    guard let endpoint = replica.configuration.redis else { return replica.becomeReady() }
    let redis = replica.redis ?? RedisClient(replica.incarnation, endpoint: endpoint, database: 1)
    replica.redis = redis
    redis.call(["PING"]) { [unowned self] result in
      switch result {
      case .success: subscribe(endpoint, redis)
      case .failure(let failure):
        if policies.redisBoot == .fallsBack {
          replica.redis = nil
          replica.becomeReady()
          return
        }
        replica.stayUnready("redis: \(failure)")
        again { [unowned self] in joinRedis() }
      }
    }
  }

  private func subscribe(_ endpoint: Endpoint, _ redis: RedisClient) {
    guard isStarting else { return }
    let routes = RouteRegistry(redis, pod: replica.podName, policies: replica.behaviour.hub) {
      [unowned replica] in replica.tell($0)
    }
    replica.hub.routes = routes
    let subscription = RedisSubscription(
      replica.incarnation, endpoint: endpoint, channel: RouteKeys.commands(pod: replica.podName))
    replica.subscription = subscription
    replica.stayUnready("redis: not subscribed")
    subscription.onMessage = { [unowned replica] in replica.dispatcher.receive($0) }
    subscription.onConfirmed = { [unowned self] in confirmed(routes) }
    subscription.onLost = { [unowned self] in lost() }
    subscription.start()
  }

  private func confirmed(_ routes: RouteRegistry) {
    if replica.health.isReady {
      replica.hub.rewriteRoutes()
      for part in replica.extensions { part.redisCameBack() }
      replica.dispatcher.rereadAll()
      return
    }
    guard isStarting else { return }
    guard replica.behaviour.hub.routeRemoval == .compareAndDelete else { return replica.becomeReady() }
    routes.removeLeftovers { [unowned self] in
      if isStarting { replica.becomeReady() }
    }
  }

  private func lost() {
    switch policies.subscription {
    case .resubscribes:
      if isStarting { replica.stayUnready("redis: not subscribed") }
    case .once:
      // The listener returns for good when its first confirmation fails; the replica serves on, deaf (B-08).
      guard isStarting else { return }
      replica.subscription?.stop()
      replica.becomeReady()
    }
  }
}
