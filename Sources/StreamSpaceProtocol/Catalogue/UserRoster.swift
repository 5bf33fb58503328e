/// The users every environment starts with (spec/06 §0.1), decoded from the fixture file.
package struct UserRoster: Sendable, Hashable {
  /// A user with its row of `user_quotas`.
  package struct Entry: WireCodable, Hashable {
    /// Equal to the name, so that the shipped look-up of quotas by name finds it.
    package var id: String
    package var username: String
    package var email: String
    package var fullName: String
    package var role: UserRole
    package var organisationID: String
    package var password: String
    package var maxSessions: Int
    package var maxCPU: String
    package var maxMemory: String

    package init(json: JSONValue) throws(WireError) {
      let reader = try JSONReader(json)
      id = try reader.text("id")
      username = try reader.text("username")
      email = try reader.text("email")
      fullName = try reader.text("fullName")
      let roleText = try reader.text("role")
      guard let role = UserRole(rawValue: roleText) else {
        throw .invalid(path: "role", reason: "unknown role '\(roleText)'")
      }
      self.role = role
      organisationID = try reader.text("organisation")
      password = try reader.text("password")
      guard let quota = try reader.optionalObject("quota") else { throw .missing(path: "quota") }
      let limits = try JSONReader(.object(quota))
      do throws(WireError) {
        maxSessions = try limits.integer("maxSessions")
        maxCPU = try limits.text("maxCpu")
        maxMemory = try limits.text("maxMemory")
      } catch {
        throw error.within("quota")
      }
    }

    package var json: JSONValue {
      var quota = JSONObject(reserving: 3)
      quota.add("maxSessions", maxSessions)
      quota.add("maxCpu", maxCPU)
      quota.add("maxMemory", maxMemory)
      var object = JSONObject(reserving: 8)
      object.add("id", id)
      object.add("username", username)
      object.add("email", email)
      object.add("fullName", fullName)
      object.add("role", role)
      object.add("organisation", organisationID)
      object.add("password", password)
      object.add("quota", quota)
      return .object(object)
    }

    /// The limits of the row.
    package var quota: SessionQuota {
      .row(
        maxSessions: maxSessions,
        total: SessionResources(counting: ResourceAmounts(cpu: maxCPU, memory: maxMemory)))
    }
  }

  /// `admin` first, then `u01` to `u50`.
  package var entries: [Entry]

  /// The user of that name.
  package func user(named name: String) -> Entry? {
    entries.first { $0.username == name }
  }

  /// Decodes the fixture file.
  package static func decode(_ bytes: [UInt8]) throws(WireError) -> UserRoster {
    UserRoster(entries: try decodeList(bytes))
  }
}

/// Reads a file that is one array of models.
func decodeList<Model: WireDecodable>(_ bytes: [UInt8]) throws(WireError) -> [Model] {
  let reader = try JSONReader(.object(JSONObject([.init(key: "items", value: try JSONParser.parse(bytes))])))
  return try reader.list("items")
}
