/// Body of `POST /api/v1/sessions`.
package struct CreateSessionRequest: WireCodable, Hashable {
  /// Id or name of the owner; required.
  package var user: String
  /// Name in the catalogue; either this or ``applicationID``.
  package var template: String?
  package var applicationID: String?
  package var resources: ResourceAmounts?
  /// Absent means true.
  package var persistentHome: Bool?
  package var idleTimeout: String?
  package var maxSessionDuration: String?
  package var tags: [String]?
  /// `kubernetes` or `docker`; nil leaves the choice to template, application and default (C17, R-09).
  package var platform: String?

  package init(
    user: String, template: String? = nil, applicationID: String? = nil, resources: ResourceAmounts? = nil,
    persistentHome: Bool? = nil, idleTimeout: String? = nil, maxSessionDuration: String? = nil, tags: [String]? = nil,
    platform: String? = nil
  ) {
    self.user = user
    self.template = template
    self.applicationID = applicationID
    self.resources = resources
    self.persistentHome = persistentHome
    self.idleTimeout = idleTimeout
    self.maxSessionDuration = maxSessionDuration
    self.tags = tags
    self.platform = platform
  }

  /// An absent or empty user fails as the binder words it: ``WireError/goText(structName:)`` of the thrown error is the
  /// recorded text.
  package init(json: JSONValue) throws(WireError) {
    let reader = try JSONReader(json, "struct")
    user = try reader.text("user", default: "")
    template = try reader.optionalText("template")
    applicationID = try reader.optionalText("applicationId")
    resources = try reader.optional("resources")
    persistentHome = try reader.optionalFlag("persistentHome")
    idleTimeout = try reader.optionalText("idleTimeout")
    maxSessionDuration = try reader.optionalText("maxSessionDuration")
    tags = try reader.optionalTexts("tags")
    platform = try reader.optionalText("platform")
    if user.isEmpty { throw .missing(path: "user") }
  }

  package var json: JSONValue {
    var object = JSONObject(reserving: 9)
    object.add("user", user)
    object.addIfPresent("template", template)
    object.addIfPresent("applicationId", applicationID)
    object.addIfPresent("resources", resources)
    object.addIfPresent("persistentHome", persistentHome)
    object.addIfPresent("idleTimeout", idleTimeout)
    object.addIfPresent("maxSessionDuration", maxSessionDuration)
    object.addIfPresent("tags", tags)
    object.addIfPresent("platform", platform)
    return .object(object)
  }

  package var estimatedByteCount: Int { 150 }
}
