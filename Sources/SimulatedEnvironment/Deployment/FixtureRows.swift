import ControlPlane
import Database
import Fixtures
import SchemaMigrations
import SimulationRuntime
import StreamSpaceProtocol

/// The rows that every topology starts from, and the image of the database that holds them (spec/06 §0.1).
enum FixtureRows {
  /// The database of the contract with users, quotas and catalogue; made once, copied for each run.
  static let image: Result<DatabaseImage, FixtureError> = {
    do {
      return .success(try DatabaseImage(schema: .contract, at: Epoch.microseconds, rows: rows()))
    } catch {
      return .failure(FixtureError("\(error)"))
    }
  }()

  /// Users, quotas, organisations and catalogue, in the order in which they can be inserted.
  ///
  /// `hasAdministrator`: with the password of the administrator, which otherwise is the replicas' to set.
  static func rows(hasAdministrator: Bool = true) throws -> [(SQLStatement, [SQLValue])] {
    let users = try users(decoded.users).filter { statement, values in
      hasAdministrator || statement != insertUser || values.first != .text("admin")
    }
    return try users + organisations(decoded.organisations) + templates(decoded.templates)
  }

  /// The password of a user; empty if there is no such user.
  static func password(of user: String) -> String {
    (try? decoded.users.user(named: user)?.password) ?? morePassword(of: user)
  }

  /// Users beyond those of the fixtures, `u51` … , each like any other (spec/06 §7: load needs up to 2 000).
  static func moreUsers(upTo count: Int) -> [(SQLStatement, [SQLValue])] {
    let known = ((try? decoded.users.entries.count) ?? 1) - 1
    guard count > known else { return [] }
    return (known + 1...count).flatMap { number -> [Row] in
      let name = SQLValue.text("u\(number)")
      return [
        (
          insertUser,
          [
            name, name, .text("u\(number)@example.org"), .text("User \(number)"), .text("user"),
            .text(TaggedHash.ofPassword(morePassword(of: "u\(number)"))), .text("default-org"),
          ]
        ),
        (insertQuota, [name, .integer(5), .text("4000m"), .text("8192Mi")]),
      ]
    }
  }

  /// Empty for names of another form than theirs.
  private static func morePassword(of user: String) -> String {
    user.first == "u" && Int(user.dropFirst()) != nil ? "Fake-password-\(user)!" : ""
  }

  /// The catalogue entry of a template.
  static func template(_ name: String) throws -> TemplateCatalogue.Entry {
    guard let entry = try decoded.templates.entry(named: name) else { throw FixtureError("no template \(name)") }
    return entry
  }

  static var images: [ContainerImage] { get throws { try ContainerImage.decodeAll(Fixtures.images) } }

  private struct Decoded: Sendable {
    let users: UserRoster
    let organisations: [Organisation]
    let templates: TemplateCatalogue
  }

  private static let decodedOnce: Result<Decoded, FixtureError> = {
    do {
      return .success(
        Decoded(
          users: try UserRoster.decode(Fixtures.users),
          organisations: try Organisation.decodeAll(Fixtures.organisations),
          templates: try TemplateCatalogue.decode(Fixtures.templates)))
    } catch {
      return .failure(FixtureError("\(error)"))
    }
  }()

  private static var decoded: Decoded { get throws { try decodedOnce.get() } }

  // MARK: Rows

  private typealias Row = (SQLStatement, [SQLValue])

  private static func users(_ roster: UserRoster) -> [Row] {
    roster.entries.flatMap { user -> [Row] in
      let hash = SQLValue.text(TaggedHash.ofPassword(user.password))
      return [
        (
          insertUser,
          [
            .text(user.id), .text(user.username), .text(user.email), .text(user.fullName), .text(user.role.rawValue),
            hash, .text(user.organisationID),
          ]
        ),
        (
          insertQuota,
          [.text(user.id), .integer(Int64(user.maxSessions)), .text(user.maxCPU), .text(user.maxMemory)]
        ),
      ]
    }
  }

  private static func organisations(_ list: [Organisation]) -> [Row] {
    list.map { organisation in
      (insertOrganisation, [.text(organisation.id), .text(organisation.name), .text(organisation.kubernetesNamespace)])
    }
  }

  private static func templates(_ catalogue: TemplateCatalogue) -> [Row] {
    let repository: Row = (markSynced, [.integer(Int64(TemplateCatalogue.repositoryID))])
    return [repository]
      + catalogue.entries.map { entry in
        (
          insertTemplate,
          [
            .integer(Int64(TemplateCatalogue.repositoryID)), .text(entry.name), .text(entry.displayName),
            .text(entry.description), .text(entry.category), .text(entry.appType),
            .text(String(decoding: JSONWriter.bytes(of: entry.manifest), as: UTF8.self)),
            .array(entry.tags),
          ]
        )
      }
  }

  private static let insertUser = SQLStatement(
    "fixtureUser",
    """
    INSERT INTO users (id, username, email, full_name, role, password_hash, org_id) VALUES ($1, $2, $3, $4, $5, $6, $7) \
    ON CONFLICT (id) DO UPDATE SET password_hash = EXCLUDED.password_hash
    """)
  private static let insertQuota = SQLStatement(
    "fixtureQuota",
    """
    INSERT INTO user_quotas (user_id, max_sessions, max_cpu, max_memory) VALUES ($1, $2, $3, $4) \
    ON CONFLICT (user_id) DO NOTHING
    """)
  private static let insertOrganisation = SQLStatement(
    "fixtureOrganisation",
    """
    INSERT INTO organizations (id, name, display_name, k8s_namespace) VALUES ($1, $2, $2, $3) \
    ON CONFLICT (id) DO NOTHING
    """)
  private static let markSynced = SQLStatement(
    "fixtureRepository", "UPDATE repositories SET status = 'synced' WHERE id = $1")
  private static let insertTemplate = SQLStatement(
    "fixtureTemplate",
    """
    INSERT INTO catalog_templates (repository_id, name, display_name, description, category, app_type, icon_url, manifest, \
    tags) VALUES ($1, $2, $3, $4, $5, $6, '', $7, $8)
    """)
}

/// Fixtures that cannot be read: a defect of this harness, told as an error and not as a crash.
struct FixtureError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = "fixtures: \(description)" }
}

extension Epoch {
  /// The start of a run in microseconds since 1970.
  static let microseconds = unixSeconds * 1_000_000
}
