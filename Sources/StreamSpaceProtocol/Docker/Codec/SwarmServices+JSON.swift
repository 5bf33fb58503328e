extension ServiceSpecification: WireCodable {
  package var json: JSONValue {
    var container = JSONObject(reserving: 3)
    container.add("Image", image)
    if !containerLabels.isEmpty { container.add("Labels", DockerJSON.map(containerLabels)) }
    if !command.isEmpty { container.add("Command", command) }
    var object = JSONObject(reserving: 4)
    object.add("Name", name)
    object.add("Labels", DockerJSON.map(labels))
    object.add("TaskTemplate", ["ContainerSpec": .object(container)] as JSONValue)
    object.add("Mode", ["Replicated": ["Replicas": .int(Int64(replicas))]] as JSONValue)
    return .object(object)
  }

  package init(json: JSONValue) throws(WireError) {
    let reader = try JSONReader(json)
    let container = try JSONReader(json["TaskTemplate"]?["ContainerSpec"] ?? .object(JSONObject()))
    self.init(
      name: try reader.text("Name", default: ""), labels: try DockerJSON.labels(reader, "Labels"),
      image: try container.text("Image", default: ""), containerLabels: try DockerJSON.labels(container, "Labels"),
      command: try container.optionalTexts("Command") ?? [],
      replicas: Int(json["Mode"]?["Replicated"]?["Replicas"]?.integer ?? 1))
  }
}

extension ServiceInspection: WireCodable {
  package var json: JSONValue {
    var object = JSONObject(reserving: 5)
    object.add("ID", id)
    object.add("Version", ["Index": .int(version)] as JSONValue)
    object.add("CreatedAt", createdAt.rfc3339)
    object.add("UpdatedAt", updatedAt.rfc3339)
    object.add("Spec", specification)
    return .object(object)
  }

  package init(json: JSONValue) throws(WireError) {
    let reader = try JSONReader(json)
    guard let version = json["Version"]?["Index"]?.integer else { throw .missing(path: "Version.Index") }
    self.init(
      id: try reader.text("ID"), version: version, createdAt: try reader.time("CreatedAt"),
      updatedAt: try reader.time("UpdatedAt"), specification: try reader.model("Spec"))
  }
}

extension TaskInspection: WireCodable {
  package var json: JSONValue {
    var status = JSONObject(reserving: 2)
    status.add("State", state)
    if !containerID.isEmpty {
      status.add("ContainerStatus", ["ContainerID": .string(containerID)] as JSONValue)
    }
    var object = JSONObject(reserving: 6)
    object.add("ID", id)
    object.add("ServiceID", serviceID)
    object.add("Slot", slot)
    object.add("NodeID", nodeID)
    object.add("Status", status)
    object.add("DesiredState", desiredState)
    return .object(object)
  }

  package init(json: JSONValue) throws(WireError) {
    let reader = try JSONReader(json)
    self.init(
      id: try reader.text("ID"), serviceID: try reader.text("ServiceID", default: ""),
      nodeID: try reader.text("NodeID", default: ""), slot: try reader.optionalInteger("Slot") ?? 0,
      state: json["Status"]?["State"]?.text ?? "", desiredState: try reader.text("DesiredState", default: ""),
      containerID: json["Status"]?["ContainerStatus"]?["ContainerID"]?.text ?? "")
  }
}
