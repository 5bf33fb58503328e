/// A row of `user_quotas` as answers show it.
package struct UserQuota: WireCodable, Hashable {
  package var userID: String
  /// Empty in every recorded answer.
  package var username: String
  package var maxSessions: Int
  package var maxCPU: String
  package var maxMemory: String
  package var maxStorage: String
  /// The `used` values are never updated.
  package var usedSessions: Int
  package var usedCPU: String
  package var usedMemory: String
  package var usedStorage: String
  package var createdAt: Timestamp
  package var updatedAt: Timestamp

  package init(
    userID: String, username: String = "", maxSessions: Int, maxCPU: String, maxMemory: String,
    maxStorage: String = "100Gi", usedSessions: Int = 0, usedCPU: String = "0", usedMemory: String = "0",
    usedStorage: String = "0", createdAt: Timestamp, updatedAt: Timestamp
  ) {
    self.userID = userID
    self.username = username
    self.maxSessions = maxSessions
    self.maxCPU = maxCPU
    self.maxMemory = maxMemory
    self.maxStorage = maxStorage
    self.usedSessions = usedSessions
    self.usedCPU = usedCPU
    self.usedMemory = usedMemory
    self.usedStorage = usedStorage
    self.createdAt = createdAt
    self.updatedAt = updatedAt
  }

  package init(json: JSONValue) throws(WireError) {
    let reader = try JSONReader(json, "models.UserQuota")
    userID = try reader.text("userId")
    username = try reader.text("username", default: "")
    maxSessions = try reader.integer("maxSessions")
    maxCPU = try reader.text("maxCpu")
    maxMemory = try reader.text("maxMemory")
    maxStorage = try reader.text("maxStorage")
    usedSessions = try reader.integer("usedSessions")
    usedCPU = try reader.text("usedCpu")
    usedMemory = try reader.text("usedMemory")
    usedStorage = try reader.text("usedStorage")
    createdAt = try reader.time("createdAt")
    updatedAt = try reader.time("updatedAt")
  }

  package var json: JSONValue {
    var object = JSONObject(reserving: 12)
    object.add("userId", userID)
    object.add("username", username)
    object.add("maxSessions", maxSessions)
    object.add("maxCpu", maxCPU)
    object.add("maxMemory", maxMemory)
    object.add("maxStorage", maxStorage)
    object.add("usedSessions", usedSessions)
    object.add("usedCpu", usedCPU)
    object.add("usedMemory", usedMemory)
    object.add("usedStorage", usedStorage)
    object.add("createdAt", createdAt)
    object.add("updatedAt", updatedAt)
    return .object(object)
  }
}
