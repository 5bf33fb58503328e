import StreamSpaceProtocol

/// The templates of the catalogue (spec/02 §5.10).
final class TemplateRoutes {
  private unowned let replica: Replica
  private let authenticator: Authenticator
  private let cache: ResponseCache?

  init(_ replica: Replica, _ authenticator: Authenticator, cache: ResponseCache?) {
    self.replica = replica
    self.authenticator = authenticator
    self.cache = cache
  }

  func install() {
    replica.router.on(.get, "/api/v1/templates") { [unowned self] exchange in
      serve(exchange) { [self] in list(exchange.request.query, $0) }
    }
    replica.router.on(.get, "/api/v1/templates/:id") { [unowned self] exchange in
      serve(exchange) { [self] in find(exchange[parameter: "id"], $0) }
    }
  }

  private func serve(_ exchange: HTTPExchange, _ produce: @escaping (@escaping (HTTPResponse) -> Void) -> Void) {
    authenticator.authenticate(exchange, role: nil) { [self] user in
      guard let cache else { return produce { exchange.answer($0) } }
      cache.serve(exchange, user: user.id, lifetime: ResponseCache.templateLifetime, produce)
    }
  }

  private func list(_ query: HTTPQuery, _ done: @escaping (HTTPResponse) -> Void) {
    replica.database.execute(CatalogStatements.list) { result in
      do {
        let filter = TemplateFilter(query)
        let templates = try result.get().rows.map { try Template(row: $0) }
        done(HTTPResponse(.ok, TemplateList(filter.apply(to: templates), filters: filter.echo)))
      } catch {
        done(Refusal.failure(error, "Failed to list templates").response)
      }
    }
  }

  private func find(_ name: String, _ done: @escaping (HTTPResponse) -> Void) {
    replica.database.execute(CatalogStatements.find, [.text(name)]) { result in
      do {
        guard let row = try result.get().rows.first else {
          return done(HTTPResponse(.notFound, ErrorBody("Template not found")))
        }
        done(HTTPResponse(.ok, try Template(row: row)))
      } catch {
        done(Refusal.failure(error, "Failed to get template").response)
      }
    }
  }
}

/// What the query of the list asks for.
struct TemplateFilter {
  private let category: String
  private let search: String
  private let sort: String
  private let tags: [String]
  private let featured: String

  init(_ query: HTTPQuery) {
    category = query["category"] ?? ""
    search = query["search"] ?? ""
    sort = query["sort"] ?? ""
    tags = query.values("tags")
    featured = query["featured"] ?? ""
  }

  var echo: TemplateList.Filters {
    TemplateList.Filters(
      category: category, featured: featured, search: search, sortBy: sort, tags: tags.isEmpty ? nil : tags)
  }

  /// Display name in any case unless `popularity` or `created` is asked for; the id breaks ties.
  func apply(to templates: [Template]) -> [Template] {
    let needle = search.lowercased()
    let found = templates.filter { template in
      if !category.isEmpty, template.category != category { return false }
      let own = template.tags.map { $0.lowercased() }
      if !tags.allSatisfy({ own.contains($0.lowercased()) }) { return false }
      if needle.isEmpty { return true }
      return ([template.displayName, template.description] + template.tags).contains {
        $0.lowercased().contains(needle)
      }
    }
    return found.sorted { left, right in
      switch sort {
      case "popularity" where left.installCount != right.installCount: left.installCount > right.installCount
      case "created" where left.createdAt != right.createdAt: left.createdAt > right.createdAt
      default:
        left.displayName.lowercased() == right.displayName.lowercased()
          ? left.id < right.id : left.displayName.lowercased() < right.displayName.lowercased()
      }
    }
  }
}

extension Template {
  /// A row of ``CatalogStatements``; NULL texts are empty.
  init(row: SQLRow) throws {
    self.init(
      id: Int(try row.integer("id")), repositoryID: Int(try row.optionalInteger("repository_id") ?? 0),
      name: try row.optionalText("name") ?? "", displayName: try row.optionalText("display_name") ?? "",
      description: try row.optionalText("description") ?? "", category: try row.optionalText("category") ?? "",
      appType: try row.optionalText("app_type") ?? "", iconURL: try row.optionalText("icon_url") ?? "",
      manifest: try JSONParser.parse(Array((try row.optionalText("manifest") ?? "null").utf8)),
      tags: try row.textArray("tags"), installCount: Int(try row.optionalInteger("install_count") ?? 0),
      createdAt: try row.time("created_at"),
      updatedAt: try row.time("updated_at"))
  }
}
