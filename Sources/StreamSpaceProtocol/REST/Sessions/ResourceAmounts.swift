/// Requested or stored resources of a session as quantity texts (spec/02 §7.2).
package struct ResourceAmounts: WireCodable, Hashable {
  /// For example `500m`; empty means the default.
  package var cpu: String
  /// For example `1Gi`; empty means the default.
  package var memory: String

  package init(cpu: String = "", memory: String = "") {
    self.cpu = cpu
    self.memory = memory
  }

  package init(json: JSONValue) throws(WireError) {
    let reader = try JSONReader(json)
    cpu = try reader.text("cpu", default: "")
    memory = try reader.text("memory", default: "")
  }

  package var json: JSONValue {
    var object = JSONObject(reserving: 2)
    object.add("cpu", cpu)
    object.add("memory", memory)
    return .object(object)
  }
}
