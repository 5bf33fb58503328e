/// Who users are, what they may reach, and how fresh what they see is (spec/00 C16, C19).
package struct UserPolicies: Sendable, Equatable {
  /// Who may see and touch a session.
  package enum Ownership: Sendable, Equatable {
    /// Its owner, and administrators of its organisation (C16).
    case ownerOrAdministrator
    /// Whoever is logged in (B-72, R-05).
    case anyUser
  }

  /// What the login check does when Redis does not answer.
  package enum UnreachableLogins: Sendable, Equatable {
    /// Signature and expiry still hold (C19).
    case passes
    /// 401 for everybody.
    case refuses
  }

  /// What a starting replica does to the login sessions of all (with the cache on).
  package enum LoginsAtStart: Sendable, Equatable {
    /// They stay (C8).
    case kept
    /// They go: everybody is logged out everywhere.
    case wiped
  }

  /// What logout does (with the cache on).
  package enum Logout: Sendable, Equatable {
    /// The token is refused from now on.
    case revokes
    /// It answers 200.
    case answers
  }

  /// Which organisation a refreshed token names.
  package enum Refresh: Sendable, Equatable {
    /// That of the old one.
    case keepsOrganisation
    /// The default one (B-74).
    case dropsOrganisation
  }

  /// How a write makes cached answers fresh.
  package enum CacheInvalidation: Sendable, Equatable {
    /// At once (C19).
    case byWrite
    /// Only by their age (B-76).
    case never
  }

  /// Whom a cached answer is for.
  package enum CacheKey: Sendable, Equatable {
    /// One user.
    case byUser
    /// Whoever asks for the same URI.
    case byURI
  }

  /// What the browser feed shows.
  package enum Feed: Sendable, Equatable {
    /// What the list shows to the same user (C16).
    case visible
    /// All of the default organisation, to everybody (B-73).
    case defaultOrganisation
    /// Everything of all organisations, to everybody.
    case everything
  }

  /// Which requests must prove by a token that they come from the own pages (spec/02 §2.9).
  package enum CrossSiteCheck: Sendable, Equatable {
    /// Those without `Authorization: Bearer`, which a foreign page cannot make a browser send.
    case cookiesOnly
    /// All that change something, those with a bearer token too.
    case everyRequest
  }

  /// Where the tokens of that check come from.
  package enum CrossSiteToken: Sendable, Equatable {
    /// From the login: the same on every replica and for every answer.
    case ofLogin
    /// Each GET draws a new one, which this replica alone knows: header and cookie of different answers differ.
    case ofEachAnswer
  }

  /// How the rows of a user that is deleted go.
  package enum Deletion: Sendable, Equatable {
    /// In one transaction: all or none.
    case together
    /// One statement after the other: a failure leaves the rest.
    case oneByOne
  }

  package var deletion = Deletion.together
  package var ownership = Ownership.ownerOrAdministrator
  package var unreachableLogins = UnreachableLogins.passes
  package var loginsAtStart = LoginsAtStart.kept
  package var logout = Logout.revokes
  package var refresh = Refresh.keepsOrganisation
  package var cacheInvalidation = CacheInvalidation.byWrite
  package var cacheKey = CacheKey.byUser
  package var feed = Feed.visible
  package var crossSiteCheck = CrossSiteCheck.cookiesOnly
  package var crossSiteToken = CrossSiteToken.ofLogin

  package init() {}

  /// What the shipped program does (spec/02 §1.6, §2).
  package static let shipped: UserPolicies = {
    var policies = UserPolicies()
    policies.ownership = .anyUser
    policies.unreachableLogins = .refuses
    policies.loginsAtStart = .wiped
    policies.logout = .answers
    policies.refresh = .dropsOrganisation
    policies.cacheInvalidation = .never
    policies.feed = .defaultOrganisation
    return policies
  }()
}
