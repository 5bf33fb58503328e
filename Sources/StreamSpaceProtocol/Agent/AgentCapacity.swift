/// What an agent says it can carry, as the control plane stores and shows it (spec/01 §1.2).
package struct AgentCapacity: WireCodable, Hashable {
  /// Sessions at most; honoured under contract (C15).
  package var maxSessions: Int
  /// Free text such as `8 cores`; empty when the agent did not say.
  package var cpu: String
  /// Free text such as `16Gi`; empty when the agent did not say.
  package var memory: String
  /// Free text; left out when absent.
  package var storage: String?

  package init(maxSessions: Int, cpu: String = "", memory: String = "", storage: String? = nil) {
    self.maxSessions = maxSessions
    self.cpu = cpu
    self.memory = memory
    self.storage = storage
  }

  package init(json: JSONValue) throws(WireError) {
    let reader = try JSONReader(json, "models.AgentCapacity")
    maxSessions = try reader.optionalInteger("maxSessions") ?? 0
    cpu = try reader.text("cpu", default: "")
    memory = try reader.text("memory", default: "")
    storage = try reader.optionalText("storage")
  }

  /// In declared order, as in registrations and answers (spec/02 §6.4).
  package var json: JSONValue {
    var object = JSONObject(reserving: 4)
    object.add("maxSessions", maxSessions)
    object.add("cpu", cpu)
    object.add("memory", memory)
    object.addIfPresent("storage", storage)
    return .object(object)
  }
}

/// The capacity of the shipped Docker agent: keys the control plane does not know, so that it stores empty cpu and
/// memory (HZ-26).
package struct DockerCapacity: WireCodable, Hashable {
  package var maxCPU: Int
  package var maxMemory: Int
  package var maxSessions: Int

  package init(maxCPU: Int, maxMemory: Int, maxSessions: Int) {
    self.maxCPU = maxCPU
    self.maxMemory = maxMemory
    self.maxSessions = maxSessions
  }

  package init(json: JSONValue) throws(WireError) {
    let reader = try JSONReader(json, "Capacity")
    maxCPU = try reader.integer("maxCpu")
    maxMemory = try reader.integer("maxMemory")
    maxSessions = try reader.integer("maxSessions")
  }

  package var json: JSONValue {
    var object = JSONObject(reserving: 3)
    object.add("maxCpu", maxCPU)
    object.add("maxMemory", maxMemory)
    object.add("maxSessions", maxSessions)
    return .object(object)
  }
}

/// A capacity as it is reported in a registration or a heartbeat.
package enum CapacityReport: WireCodable, Hashable {
  case standard(AgentCapacity)
  case shippedDocker(DockerCapacity)

  package init(json: JSONValue) throws(WireError) {
    if json["maxCpu"] != nil {
      self = .shippedDocker(try DockerCapacity(json: json))
    } else {
      self = .standard(try AgentCapacity(json: json))
    }
  }

  package var json: JSONValue {
    switch self {
    case .standard(let capacity): capacity.json
    case .shippedDocker(let capacity): capacity.json
    }
  }

  /// What the control plane keeps of it.
  package var stored: AgentCapacity {
    switch self {
    case .standard(let capacity): capacity
    case .shippedDocker(let capacity): AgentCapacity(maxSessions: capacity.maxSessions)
    }
  }
}
