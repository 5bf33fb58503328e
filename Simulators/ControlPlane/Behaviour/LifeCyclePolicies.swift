/// How a replica starts and ends (spec/00 C8).
package struct LifeCyclePolicies: Sendable, Equatable {
  /// What a replica does that finds no Redis at its start.
  package enum RedisBoot: Sendable, Equatable {
    /// Tries on, and is not ready until it has joined.
    case keepsTrying
    /// Works alone for its whole life (B-09).
    case fallsBack
  }

  /// What a replica does when its subscription is not confirmed or lost.
  package enum Subscription: Sendable, Equatable {
    /// Subscribes again, for ever.
    case resubscribes
    /// Stays deaf when the first confirmation fails (B-08, H09).
    case once
  }

  /// What a replica does without POD_NAME in multi-pod mode.
  package enum PodName: Sendable, Equatable {
    /// Refuses to start.
    case required
    /// Calls itself `unknown-pod`, as all others do (B-12, H10).
    case unknownPod
  }

  /// What SIGTERM does.
  package enum Shutdown: Sendable, Equatable {
    /// Close frames, routes and claims released, handlers awaited.
    case graceful
    /// Waits for requests, then exits as in a crash (spec/01 §0.4).
    case abrupt
  }

  /// What `/health` says.
  package enum Health: Sendable, Equatable {
    /// 503 with a reason while starting and draining.
    case truthful
    /// Always 200.
    case alwaysHealthy
  }

  /// What a replica does whose migration failed at a statement.
  package enum FailedMigration: Sendable, Equatable {
    /// Stays not ready and starts the run anew: what was recorded stands (C30).
    case startsAnew
    /// Ends, as the shipped program does: the platform starts it again (A-45, spec/02 §8.1).
    case exits
  }

  /// When a replica serves whose binary has migrations to run.
  package enum MigrationOrder: Sendable, Equatable {
    /// Once the schema stands at its version (C8).
    case beforeServing
    /// At once, whatever the schema is; the migrations run meanwhile (C-31).
    case whileServing
  }

  /// What a start without `ADMIN_PASSWORD` does.
  package enum AdminPassword: Sendable, Equatable {
    /// Waits for it: no database gets an administrator who cannot log in.
    case required
    /// Goes on; the row of the administrator keeps no password.
    case optional
  }

  package var redisBoot = RedisBoot.keepsTrying
  package var subscription = Subscription.resubscribes
  package var podName = PodName.required
  package var shutdown = Shutdown.graceful
  package var health = Health.truthful
  package var failedMigration = FailedMigration.startsAnew
  package var migrationOrder = MigrationOrder.beforeServing
  package var adminPassword = AdminPassword.required

  package init() {}

  /// What the shipped program does (spec/01 §0.4, §2).
  package static let shipped: LifeCyclePolicies = {
    var policies = LifeCyclePolicies()
    policies.redisBoot = .fallsBack
    policies.subscription = .once
    policies.podName = .unknownPod
    policies.shutdown = .abrupt
    policies.health = .alwaysHealthy
    policies.failedMigration = .exits
    policies.adminPassword = .optional
    return policies
  }()
}
