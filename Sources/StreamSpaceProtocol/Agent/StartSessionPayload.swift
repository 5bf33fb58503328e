/// What the control plane sends with `start_session` (spec/01 §1.4). Every key may be absent, because an administrator
/// may send any object; agents name what they miss (spec/03 §2.2).
package struct StartSessionPayload: WireCodable, Hashable {
  package var sessionID: String?
  package var user: String?
  package var template: String?
  /// The whole template document; see ``TemplateManifest``.
  package var templateManifest: JSONValue?
  package var namespace: String?
  package var memory: String?
  package var cpu: String?
  package var persistentHome: Bool?
  package var idleTimeout: String?
  package var maxSessionDuration: String?
  /// Null when the request had none.
  package var tags: WireOptional<[String]>

  /// The payload of a session row: all keys present.
  package init(
    sessionID: String, user: String, template: String, templateManifest: JSONValue,
    namespace: String = "streamspace", memory: String, cpu: String, persistentHome: Bool, idleTimeout: String = "",
    maxSessionDuration: String = "", tags: [String]? = nil
  ) {
    self.sessionID = sessionID
    self.user = user
    self.template = template
    self.templateManifest = templateManifest
    self.namespace = namespace
    self.memory = memory
    self.cpu = cpu
    self.persistentHome = persistentHome
    self.idleTimeout = idleTimeout
    self.maxSessionDuration = maxSessionDuration
    self.tags = tags.map { .value($0) } ?? .null
  }

  static let keys = [
    "cpu", "idleTimeout", "maxSessionDuration", "memory", "namespace", "persistentHome", "sessionId", "tags",
    "template", "templateManifest", "user",
  ]

  package init(json: JSONValue) throws(WireError) {
    let reader = try JSONReader(json, "map[string]interface {}")
    sessionID = try reader.optionalText("sessionId")
    user = try reader.optionalText("user")
    template = try reader.optionalText("template")
    templateManifest = reader.value("templateManifest")
    namespace = try reader.optionalText("namespace")
    memory = try reader.optionalText("memory")
    cpu = try reader.optionalText("cpu")
    persistentHome = try reader.optionalFlag("persistentHome")
    idleTimeout = try reader.optionalText("idleTimeout")
    maxSessionDuration = try reader.optionalText("maxSessionDuration")
    tags = try reader.wireTexts("tags")
  }

  /// Keys in byte order: the payload is a map.
  package var json: JSONValue {
    var object = JSONObject(reserving: 11)
    object.addIfPresent("cpu", cpu)
    object.addIfPresent("idleTimeout", idleTimeout)
    object.addIfPresent("maxSessionDuration", maxSessionDuration)
    object.addIfPresent("memory", memory)
    object.addIfPresent("namespace", namespace)
    object.addIfPresent("persistentHome", persistentHome)
    object.addIfPresent("sessionId", sessionID)
    object.add("tags", tags)
    object.addIfPresent("template", template)
    object.addIfPresent("templateManifest", templateManifest)
    object.addIfPresent("user", user)
    return .object(object)
  }
}
