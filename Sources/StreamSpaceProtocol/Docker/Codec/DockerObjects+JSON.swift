extension ImageInspection: WireCodable {
  package var json: JSONValue {
    var object = JSONObject(reserving: 4)
    object.add("Id", id)
    object.add("RepoTags", tags)
    object.add("Size", size)
    return .object(object)
  }

  package init(json: JSONValue) throws(WireError) {
    let reader = try JSONReader(json)
    self.init(
      id: try reader.text("Id"), tags: try reader.optionalTexts("RepoTags") ?? [],
      size: try DockerJSON.wide(reader, "Size"))
  }
}

extension PullProgress: WireCodable {
  package var json: JSONValue {
    var object = JSONObject(reserving: 4)
    if let error {
      var detail = JSONObject(reserving: 1)
      detail.add("message", error)
      object.add("errorDetail", detail)
      object.add("error", error)
      return .object(object)
    }
    object.add("status", status)
    object.addIfPresent("id", id)
    return .object(object)
  }

  package init(json: JSONValue) throws(WireError) {
    let reader = try JSONReader(json)
    self.init(
      status: try reader.text("status", default: ""), id: try reader.optionalText("id"),
      error: try reader.optionalText("error"))
  }
}

extension NetworkSpecification: WireCodable {
  package var json: JSONValue {
    var object = JSONObject(reserving: 4)
    object.add("Name", name)
    object.add("Driver", driver)
    object.add("CheckDuplicate", checkDuplicate)
    object.add("Labels", DockerJSON.map(labels))
    return .object(object)
  }

  package init(json: JSONValue) throws(WireError) {
    let reader = try JSONReader(json)
    self.init(
      name: try reader.text("Name", default: ""), driver: try reader.text("Driver", default: "bridge"),
      checkDuplicate: try reader.optionalFlag("CheckDuplicate") ?? false,
      labels: try DockerJSON.labels(reader, "Labels"))
  }
}

extension NetworkInspection: WireCodable {
  package var json: JSONValue {
    var object = JSONObject(reserving: 8)
    object.add("Name", name)
    object.add("Id", id)
    object.add("Created", createdAt.rfc3339)
    object.add("Scope", scope)
    object.add("Driver", driver)
    var addressing = JSONObject(reserving: 1)
    var ranges: [JSONValue] = []
    if !subnet.isEmpty {
      ranges.append(["Subnet": .string(subnet), "Gateway": .string(gateway)])
    }
    addressing.add("Config", ranges)
    object.add("IPAM", addressing)
    object.add("Containers", JSONObject(containers.map { JSONObject.Member(key: $0.id, value: $0.json) }))
    object.add("Labels", DockerJSON.map(labels))
    return .object(object)
  }

  package init(json: JSONValue) throws(WireError) {
    let reader = try JSONReader(json)
    let range = json["IPAM"]?["Config"]?.elements?.first
    var members: [Member] = []
    if let object = try reader.optionalObject("Containers") {
      for id in object.members.map(\.key).sorted() {
        let member = try JSONReader(object[id] ?? .null)
        members.append(
          Member(
            id: id, name: try member.text("Name", default: ""), address: try member.text("IPv4Address", default: "")))
      }
    }
    self.init(
      id: try reader.text("Id"), name: try reader.text("Name"), driver: try reader.text("Driver", default: ""),
      scope: try reader.text("Scope", default: "local"), createdAt: try reader.time("Created"),
      labels: try DockerJSON.labels(reader, "Labels"), subnet: range?["Subnet"]?.text ?? "",
      gateway: range?["Gateway"]?.text ?? "", containers: members)
  }
}

extension NetworkInspection.Member: JSONConvertible {
  package var json: JSONValue { ["Name": .string(name), "IPv4Address": .string(address)] }
}

extension VolumeSpecification: WireCodable {
  package var json: JSONValue {
    var object = JSONObject(reserving: 2)
    object.add("Name", name)
    object.add("Labels", DockerJSON.map(labels))
    return .object(object)
  }

  package init(json: JSONValue) throws(WireError) {
    let reader = try JSONReader(json)
    self.init(name: try reader.text("Name", default: ""), labels: try DockerJSON.labels(reader, "Labels"))
  }
}

extension VolumeInspection: WireCodable {
  package var json: JSONValue {
    var object = JSONObject(reserving: 7)
    object.add("CreatedAt", createdAt.inSeconds.rfc3339)
    object.add("Driver", driver)
    object.add("Labels", labels.isEmpty ? JSONValue.null : .object(DockerJSON.map(labels)))
    object.add("Mountpoint", mountpoint)
    object.add("Name", name)
    object.add("Options", JSONValue.null)
    object.add("Scope", "local")
    return .object(object)
  }

  package init(json: JSONValue) throws(WireError) {
    let reader = try JSONReader(json)
    self.init(
      name: try reader.text("Name"), driver: try reader.text("Driver", default: "local"),
      mountpoint: try reader.text("Mountpoint", default: ""), createdAt: try reader.time("CreatedAt"),
      labels: try DockerJSON.labels(reader, "Labels"))
  }
}

extension DockerEvent: WireCodable {
  package var json: JSONValue {
    var object = JSONObject(reserving: 6)
    object.add("Type", kind)
    object.add("Action", action)
    var subject = JSONObject(reserving: 2)
    subject.add("ID", actor)
    subject.add("Attributes", DockerJSON.map(attributes))
    object.add("Actor", subject)
    object.add("scope", kind == .service || kind == .node ? "swarm" : "local")
    object.add("time", time.secondsSince1970)
    object.add("timeNano", time.nanosecondsSince1970)
    return .object(object)
  }

  package init(json: JSONValue) throws(WireError) {
    let reader = try JSONReader(json)
    let type = try reader.text("Type")
    guard let kind = Kind(rawValue: type) else { throw .invalid(path: "Type", reason: "unknown type \(type)") }
    guard let actor = try reader.optionalObject("Actor") else { throw .missing(path: "Actor") }
    let subject = try JSONReader(.object(actor))
    self.init(
      kind, try reader.text("Action"), actor: try subject.text("ID", default: ""),
      attributes: try DockerJSON.labels(subject, "Attributes"),
      time: Timestamp(nanosecondsSince1970: try DockerJSON.wide(reader, "timeNano")))
  }
}

extension DockerEvent.Kind: JSONConvertible {}

extension DockerVersion: WireCodable {
  package var json: JSONValue {
    var object = JSONObject(reserving: 4)
    object.add("Version", version)
    object.add("ApiVersion", apiVersion.text)
    object.add("MinAPIVersion", minimumAPIVersion.text)
    object.add("Os", "linux")
    return .object(object)
  }

  package init(json: JSONValue) throws(WireError) {
    let reader = try JSONReader(json)
    self.init(
      version: try reader.text("Version"),
      apiVersion: DockerAPIVersion(try reader.text("ApiVersion")) ?? .oldest,
      minimumAPIVersion: DockerAPIVersion(try reader.text("MinAPIVersion", default: "")) ?? .oldest)
  }
}

extension DaemonInfo: WireCodable {
  package var json: JSONValue {
    var object = JSONObject(reserving: 12)
    object.add("Containers", containers)
    object.add("ContainersRunning", running)
    object.add("ContainersPaused", paused)
    object.add("ContainersStopped", stopped)
    object.add("Images", images)
    object.add("NCPU", processors)
    object.add("MemTotal", memory)
    object.add("Name", name)
    object.add("ServerVersion", DockerVersion.measured)
    object.add("Swarm", swarm)
    return .object(object)
  }

  package init(json: JSONValue) throws(WireError) {
    let reader = try JSONReader(json)
    self.init(
      name: try reader.text("Name", default: ""), containers: try reader.integer("Containers"),
      running: try reader.integer("ContainersRunning"), paused: try reader.integer("ContainersPaused"),
      stopped: try reader.integer("ContainersStopped"), images: try reader.integer("Images"),
      processors: try reader.integer("NCPU"), memory: try DockerJSON.wide(reader, "MemTotal"),
      swarm: try reader.model("Swarm"))
  }
}

extension DaemonInfo.SwarmMembership: WireCodable {
  package var json: JSONValue {
    ["NodeID": .string(nodeID), "LocalNodeState": .string(localNodeState), "ControlAvailable": .bool(isManager)]
  }

  package init(json: JSONValue) throws(WireError) {
    let reader = try JSONReader(json)
    self.init(
      nodeID: try reader.text("NodeID", default: ""),
      localNodeState: try reader.text("LocalNodeState", default: "inactive"),
      isManager: try reader.optionalFlag("ControlAvailable") ?? false)
  }
}
