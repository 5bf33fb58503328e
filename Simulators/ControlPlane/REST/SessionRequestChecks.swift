import StreamSpaceProtocol

/// The checks of a create request in their order (spec/02 §5.2): body, owner, platform, application, template, resources. What
/// needs a transaction follows in ``SessionCreation``.
final class SessionRequestChecks {
  private static let templateFailure = "Failed to fetch template"

  private let services: SessionServices
  private let exchange: HTTPExchange
  private let user: AuthenticatedUser

  init(_ services: SessionServices, _ exchange: HTTPExchange, _ user: AuthenticatedUser) {
    self.services = services
    self.exchange = exchange
    self.user = user
  }

  func start() {
    guard let request: CreateSessionRequest = exchange.plainBody() else { return }
    let namesSelf = request.user == user.id || request.user == user.username
    guard namesSelf || user.isAdministrator || services.policies.users.ownership == .anyUser else {
      return exchange.answer(.forbidden, ErrorBody.insufficientPermissions)
    }
    if let platform = request.platform, Platform(rawValue: platform) == nil {
      return exchange.answer(.badRequest, ErrorBody("Invalid platform: \(platform)"))
    }
    if let application = request.applicationID, !application.isEmpty {
      return findApplication(application, request)
    }
    guard let template = request.template, !template.isEmpty else {
      return exchange.answer(.badRequest, ErrorBody.missingTemplate)
    }
    findTemplate(template, request, applicationPlatform: nil)
  }

  private func findApplication(_ id: String, _ request: CreateSessionRequest) {
    services.database.execute(CatalogStatements.applicationForSession, [.text(id)]) { [self] result in
      do {
        guard let row = try result.get().rows.first else {
          return exchange.answer(.notFound, ErrorBody("Application not found"))
        }
        let application = try InstalledApplication(row: row)
        if let refusal = application.refusal { return exchange.answer(refusal) }
        findTemplate(application.template ?? "", request, applicationPlatform: application.platform)
      } catch {
        exchange.answer(.failure(error, "Failed to fetch application"))
      }
    }
  }

  private func findTemplate(_ name: String, _ request: CreateSessionRequest, applicationPlatform: String?) {
    let scan = services.policies.schema.templateScan
    let statement = scan == .arrayAsList ? SchemaStatements.templateWithTags : CatalogStatements.forSession
    services.database.execute(statement, [.text(name)]) { [self] result in
      do {
        guard let row = try result.get().rows.first else {
          return exchange.answer(.notFound, ErrorBody.templateNotFound(name))
        }
        let template = try CatalogTemplate(row: row, scan: scan)
        if !template.hasManifest {
          return exchange.answer(.internalServerError, ErrorBody(Self.templateFailure, message: "no manifest"))
        }
        let platform =
          services.policies.choosesPlatformPerRequest
          ? request.platform ?? template.platform ?? applicationPlatform ?? services.defaultPlatform
          : services.defaultPlatform
        checkResources(request, template, platform)
      } catch {
        exchange.answer(.failure(error, Self.templateFailure))
      }
    }
  }

  private func checkResources(_ request: CreateSessionRequest, _ template: CatalogTemplate, _ platform: String) {
    let asked = request.resources ?? ResourceAmounts()
    let amounts = ResourceAmounts(
      cpu: asked.cpu.isEmpty ? SessionResources.defaultCPU : asked.cpu,
      memory: asked.memory.isEmpty ? SessionResources.defaultMemory : asked.memory)
    let resources: SessionResources
    do throws(ResourceError) {
      resources = try SessionResources(validating: amounts)
    } catch {
      return exchange.answer(.badRequest, ErrorBody.invalidResources(error))
    }
    findOwner(request.user) { [self] id, name, organisation in
      create(
        SessionDraft(
          ownerID: id, ownerName: name, organisationID: organisation, template: template, platform: platform,
          amounts: amounts, resources: resources, persistentHome: request.persistentHome ?? true,
          idleTimeout: request.idleTimeout ?? "", maxSessionDuration: request.maxSessionDuration ?? "",
          tags: request.tags))
    }
  }

  /// The owner by id or name (C16, R-04). Only an administrator names another, and only one of the organisation.
  private func findOwner(_ named: String, _ found: @escaping (String, String, String) -> Void) {
    if named == user.id || named == user.username { return found(user.id, user.username, user.organisation) }
    services.database.execute(UserStatements.findByIDOrName, [.text(named)]) { [self] result in
      do {
        let row = try UserRow.first(of: result.get())
        guard let row, row.organisation == user.organisation || services.policies.users.ownership == .anyUser else {
          return exchange.answer(.forbidden, ErrorBody.quotaExceeded(QuotaViolation.unknownUser.message))
        }
        found(row.id, row.username, row.organisation)
      } catch {
        exchange.answer(.failure(error, SessionCreation.failureText))
      }
    }
  }

  private func create(_ draft: SessionDraft) {
    SessionCreation(services, draft) { [self] result in
      switch result {
      case .success(let answer): exchange.answer(.accepted, answer)
      case .failure(let refusal): exchange.answer(refusal)
      }
    }.begin()
  }
}
