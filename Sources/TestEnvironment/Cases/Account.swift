extension Topology {
  /// A user of the fixture who differs from the rest, which are plain users of ``defaultOrganisation`` with a quota of 5
  /// sessions, 4000m and 8192Mi (spec/06 §0.1).
  public struct Account: Sendable, Equatable {
    /// A row of `user_quotas`: an administrator set it, so its totals bound a single session too (C15).
    public struct Quota: Sendable, Equatable {
      public var sessions: Int
      public var milliCPU: Int
      public var memoryMiB: Int

      public init(sessions: Int, milliCPU: Int, memoryMiB: Int) {
        self.sessions = sessions
        self.milliCPU = milliCPU
        self.memoryMiB = memoryMiB
      }
    }

    /// `u01`, …
    public var user: String
    public var organisation: String
    /// Whether the role is `admin`: of the own organisation (C16).
    public var isAdministrator: Bool
    /// Nil: that of the fixture.
    public var quota: Quota?

    public init(
      _ user: String, organisation: String = Topology.defaultOrganisation, isAdministrator: Bool = false,
      quota: Quota? = nil
    ) {
      self.user = user
      self.organisation = organisation
      self.isAdministrator = isAdministrator
      self.quota = quota
    }
  }

  public static let defaultOrganisation = "default-org"

  /// The organisation of a user.
  public func organisation(of user: String) -> String {
    accounts.first { $0.user == user }?.organisation ?? Self.defaultOrganisation
  }

  /// Whether a user has the role `admin`.
  public func isAdministrator(_ user: String) -> Bool {
    user == "admin" || accounts.contains { $0.user == user && $0.isAdministrator }
  }
}
