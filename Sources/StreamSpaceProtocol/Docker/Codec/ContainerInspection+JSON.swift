extension ContainerInspection: WireCodable {
  package var json: JSONValue {
    var object = JSONObject(reserving: 14)
    object.add("Id", id)
    object.add("Created", createdAt.rfc3339)
    object.add("Path", specification.command?.first ?? "")
    object.add("Args", Array((specification.command ?? []).dropFirst()))
    object.add("State", state)
    object.add("Image", imageID)
    object.add("Name", "/\(name)")
    object.add("RestartCount", restartCount)
    object.add("HostConfig", specification.host)
    object.add("Mounts", mounts)
    var config = specification.configMembers
    config.add("Hostname", String(id.prefix(12)))
    object.add("Config", config)
    object.add("NetworkSettings", networkSettings)
    return .object(object)
  }

  package init(json: JSONValue) throws(WireError) {
    let reader = try JSONReader(json)
    guard let config = try reader.optionalObject("Config") else { throw .missing(path: "Config") }
    var specification = try ContainerSpecification(config: JSONReader(.object(config)))
    specification.host = try reader.model("HostConfig")
    let settings: NetworkSettings = try reader.model("NetworkSettings")
    specification.networks = settings.networks.map(\.network)
    let name = try reader.text("Name")
    self.init(
      id: try reader.text("Id"), name: name.hasPrefix("/") ? String(name.dropFirst()) : name,
      createdAt: try reader.time("Created"), state: try reader.model("State"), imageID: try reader.text("Image"),
      restartCount: try reader.optionalInteger("RestartCount") ?? 0, specification: specification,
      mounts: try reader.optionalList("Mounts") ?? [], networkSettings: settings)
  }
}

extension ContainerState: WireCodable {
  package var json: JSONValue {
    var object = JSONObject(reserving: 11)
    object.add("Status", status)
    object.add("Running", isRunning)
    object.add("Paused", isPaused)
    object.add("Restarting", isRestarting)
    object.add("OOMKilled", oomKilled)
    object.add("Dead", isDead)
    object.add("Pid", pid)
    object.add("ExitCode", exitCode)
    object.add("Error", error)
    object.add("StartedAt", DockerJSON.time(startedAt))
    object.add("FinishedAt", DockerJSON.time(finishedAt))
    return .object(object)
  }

  package init(json: JSONValue) throws(WireError) {
    let reader = try JSONReader(json, "types.ContainerState")
    let text = try reader.text("Status")
    guard let status = ContainerStatus(rawValue: text) else {
      throw .invalid(path: "Status", reason: "unknown status \(text)")
    }
    self.init(
      status: status, oomKilled: try reader.optionalFlag("OOMKilled") ?? false,
      pid: try reader.optionalInteger("Pid") ?? 0, exitCode: try reader.optionalInteger("ExitCode") ?? 0,
      error: try reader.text("Error", default: ""), startedAt: try DockerJSON.optionalTime(reader, "StartedAt"),
      finishedAt: try DockerJSON.optionalTime(reader, "FinishedAt"))
  }
}

extension ContainerStatus: JSONConvertible {}

extension ContainerInspection.MountPoint: WireCodable {
  package var json: JSONValue {
    var object = JSONObject(reserving: 7)
    object.add("Type", "volume")
    object.add("Name", volume)
    object.add("Source", source)
    object.add("Destination", destination)
    object.add("Driver", "local")
    object.add("Mode", "z")
    object.add("RW", true)
    return .object(object)
  }

  package init(json: JSONValue) throws(WireError) {
    let reader = try JSONReader(json)
    self.init(
      volume: try reader.text("Name", default: ""), source: try reader.text("Source", default: ""),
      destination: try reader.text("Destination"))
  }
}

extension NetworkSettings: WireCodable {
  package var json: JSONValue {
    var object = JSONObject(reserving: 2)
    object.add("Ports", PortBinding.map(ports, nullWhenEmpty: true))
    object.add("Networks", EndpointSettings.map(networks))
    return .object(object)
  }

  package init(json: JSONValue) throws(WireError) {
    let reader = try JSONReader(json)
    self.init(
      ports: try PortBinding.list(reader, "Ports"), networks: try EndpointSettings.list(json.members))
  }
}

extension EndpointSettings {
  /// `Networks` of a body.
  static func map(_ networks: [EndpointSettings]) -> JSONObject {
    JSONObject(networks.map { JSONObject.Member(key: $0.network, value: $0.json) })
  }

  /// Those under `Networks` of an object, in order of their names; none without one.
  static func list(_ settings: JSONObject?) throws(WireError) -> [EndpointSettings] {
    guard let settings, let object = try JSONReader(.object(settings)).optionalObject("Networks") else { return [] }
    var networks: [EndpointSettings] = []
    for name in object.members.map(\.key).sorted() {
      guard var endpoint: EndpointSettings = try JSONReader(.object(object)).optional(name) else { continue }
      endpoint.network = name
      networks.append(endpoint)
    }
    return networks
  }
}

extension EndpointSettings: WireCodable {
  package var json: JSONValue {
    var object = JSONObject(reserving: 5)
    object.add("NetworkID", networkID)
    object.add("EndpointID", endpointID)
    object.add("Gateway", gateway)
    object.add("IPAddress", address)
    object.add("IPPrefixLen", prefixLength)
    return .object(object)
  }

  /// The name of the network is the key this stands under: the reader of the map sets it.
  package init(json: JSONValue) throws(WireError) {
    let reader = try JSONReader(json)
    self.init(
      network: "", networkID: try reader.text("NetworkID", default: ""),
      endpointID: try reader.text("EndpointID", default: ""), gateway: try reader.text("Gateway", default: ""),
      address: try reader.text("IPAddress", default: ""),
      prefixLength: try reader.optionalInteger("IPPrefixLen") ?? 0)
  }
}

extension ContainerSummary: WireCodable {
  package var json: JSONValue {
    var object = JSONObject(reserving: 13)
    object.add("Id", id)
    object.add("Names", ["/\(name)"])
    object.add("Image", image)
    object.add("ImageID", imageID)
    object.add("Created", createdAt.secondsSince1970)
    object.add("Labels", DockerJSON.map(labels))
    object.add("State", status)
    object.add("Status", statusText)
    object.add("Command", command)
    object.add("Ports", ports)
    object.add("HostConfig", ["NetworkMode": .string(networkMode)] as JSONValue)
    object.add("NetworkSettings", ["Networks": .object(EndpointSettings.map(networks))] as JSONValue)
    object.add("Mounts", mounts)
    return .object(object)
  }

  package init(json: JSONValue) throws(WireError) {
    let reader = try JSONReader(json)
    let name = try reader.optionalTexts("Names")?.first ?? ""
    let state = try reader.text("State")
    guard let status = ContainerStatus(rawValue: state) else {
      throw .invalid(path: "State", reason: "unknown status \(state)")
    }
    self.init(
      id: try reader.text("Id"), name: name.hasPrefix("/") ? String(name.dropFirst()) : name,
      image: try reader.text("Image", default: ""), imageID: try reader.text("ImageID", default: ""),
      createdAt: Timestamp(nanosecondsSince1970: try DockerJSON.wide(reader, "Created") * 1_000_000_000),
      status: status, statusText: try reader.text("Status", default: ""),
      labels: try DockerJSON.labels(reader, "Labels"), command: try reader.text("Command", default: ""),
      ports: try reader.optionalList("Ports") ?? [], networkMode: json["HostConfig"]?["NetworkMode"]?.text ?? "",
      networks: try EndpointSettings.list(reader.optionalObject("NetworkSettings")),
      mounts: try reader.optionalList("Mounts") ?? [])
  }
}

extension ContainerSummary.Port: WireCodable {
  package var json: JSONValue {
    var object = JSONObject(reserving: 4)
    if let host {
      object.add("IP", host.address)
      object.add("PublicPort", host.port ?? 0)
    }
    object.add("PrivatePort", containerPort)
    object.add("Type", networkProtocol)
    return .object(object)
  }

  package init(json: JSONValue) throws(WireError) {
    let reader = try JSONReader(json)
    let published = try reader.optionalInteger("PublicPort")
    let address = try reader.text("IP", default: "")
    self.init(
      networkProtocol: try reader.text("Type", default: "tcp"), containerPort: try reader.integer("PrivatePort"),
      host: published.map { PortBinding.HostPort(address: address, port: $0) })
  }
}
