import SimulationRuntime
import StreamSpaceProtocol

/// The user side of a replica: who users are, their sessions, and what keeps sessions moving (spec/00 C9, C13 to C20).
package final class UserSide: ReplicaExtension {
  private unowned let replica: Replica
  package let services: SessionServices
  package let effects: SessionEffects
  private let authenticator: Authenticator
  private let verbs: SessionVerbs
  private let reconciler: SessionReconciler
  private let tracker: ConnectionTracker
  private let viewers: ViewerRoutes
  private let pages: HTTPProxyRoutes
  private let logins: LoginSessions?
  private let authentication: AuthenticationRoutes
  private let users: UserRoutes
  private let templates: TemplateRoutes
  private let catalogueSync: CatalogueSyncRoute
  private let sessions: SessionRoutes
  private let connections: ConnectionRoutes
  private let batches: BatchRoutes
  private let feed: SessionFeedRoutes
  private let figures: FigureFeedRoutes
  private let orphans: OrphanRoutes

  package init(_ replica: Replica) {
    self.replica = replica
    let configuration = replica.configuration
    let policies = configuration.behaviour.sessions
    var logins: LoginSessions?
    var cache: ResponseCache?
    if configuration.isCacheEnabled, let endpoint = configuration.redis {
      let redis = CacheRedis(replica.incarnation, endpoint: endpoint)
      logins = LoginSessions(redis)
      cache = ResponseCache(replica.incarnation, redis, policies.users)
    }
    self.logins = logins
    services = SessionServices(
      replica.incarnation, database: replica.database, policies: policies,
      defaultPlatform: configuration.defaultPlatform.rawValue)
    services.holdsConnection = { [unowned replica] agentID in replica.hub.isConnected(agentID) }
    services.tell = { [unowned replica] event in replica.tell(event) }
    services.invalidate = cache.map { cache in { cache.invalidate($0) } }
    authenticator = Authenticator(
      secret: configuration.jwtSecret, clock: replica.clock, database: replica.database, logins: logins,
      policies: policies,
      crossSite: CrossSiteCheck(replica.incarnation, policies: policies.users, secret: configuration.jwtSecret))
    verbs = SessionVerbs(services)
    effects = SessionEffects(services)
    let removal = OrphanRemoval(services)
    reconciler = SessionReconciler(services, verbs, removal)
    tracker = ConnectionTracker(services)
    viewers = ViewerRoutes(replica, authenticator, verbs)
    pages = HTTPProxyRoutes(replica, authenticator, verbs)
    authentication = AuthenticationRoutes(replica, authenticator, logins: logins)
    users = UserRoutes(replica, authenticator)
    templates = TemplateRoutes(replica, authenticator, cache: cache)
    catalogueSync = CatalogueSyncRoute(replica, authenticator)
    sessions = SessionRoutes(replica, authenticator, services, verbs, cache: cache)
    connections = ConnectionRoutes(replica, authenticator, services, verbs, tracker)
    batches = BatchRoutes(replica, authenticator, services, verbs)
    feed = SessionFeedRoutes(replica, authenticator)
    figures = FigureFeedRoutes(replica, authenticator)
    orphans = OrphanRoutes(replica, authenticator, removal)
  }

  /// Serves the viewers of RFB sessions.
  package var viewerEndpoint: (any ViewerEndpoint)? {
    get { viewers.endpoint }
    set { viewers.endpoint = newValue }
  }

  /// Whether the login of a token stands; true where nobody can tell (C19).
  func loginStands(_ tokenID: String, _ done: @escaping (Bool) -> Void) {
    guard let logins else { return done(true) }
    logins.standing(of: tokenID) { done($0 != .missing) }
  }

  package func install() {
    replica.authenticator = authenticator
    replica.sink = effects
    services.onCommandWritten = { [unowned replica] command, agent in
      if let command {
        replica.dispatcher.commandCommitted(command, agentID: agent)
      } else {
        replica.dispatcher.commandsChanged(agentID: agent)
      }
    }
    services.reaches = { [unowned replica] agent, done in
      replica.hub.locate(agent) { presence in
        if case .nowhere = presence { done(false) } else { done(true) }
      }
    }
    authentication.install()
    users.install()
    templates.install()
    catalogueSync.install()
    sessions.install()
    connections.install()
    batches.install()
    viewers.install()
    pages.install()
    feed.install()
    figures.install()
    orphans.install()
  }

  package func replicaBecameReady() {
    if services.policies.users.loginsAtStart == .wiped { logins?.wipe() }
    reconciler.begin()
    tracker.begin()
  }

  package func replicaStops(_ done: @escaping () -> Void) {
    feed.close()
    figures.close()
    done()
  }
}
