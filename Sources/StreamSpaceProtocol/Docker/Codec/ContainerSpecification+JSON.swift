extension ContainerSpecification: WireCodable {
  /// The body of a create.
  package var json: JSONValue {
    var object = configMembers
    object.add("HostConfig", host.json)
    if !networks.isEmpty {
      var networking = JSONObject()
      networking.add("EndpointsConfig", DockerJSON.set(networks))
      object.add("NetworkingConfig", networking)
    }
    return .object(object)
  }

  /// The members of `Config`.
  var configMembers: JSONObject {
    var object = JSONObject(reserving: 8)
    if !exposedPorts.isEmpty { object.add("ExposedPorts", DockerJSON.set(exposedPorts)) }
    object.add("Env", DockerJSON.nullable(environment))
    object.add("Cmd", command?.json ?? .null)
    object.add("Image", image)
    object.add("Labels", DockerJSON.map(labels))
    return object
  }

  package init(json: JSONValue) throws(WireError) {
    let reader = try JSONReader(json, "runconfig.ContainerConfigWrapper")
    try self.init(config: reader)
    host = try reader.optional("HostConfig") ?? HostConfig()
    if let networking = try reader.optionalObject("NetworkingConfig") {
      networks = try DockerJSON.keys(JSONReader(.object(networking)), "EndpointsConfig")
    }
  }

  init(config reader: JSONReader) throws(WireError) {
    self.init(
      image: try reader.text("Image", default: ""), command: try reader.optionalTexts("Cmd"),
      environment: try reader.optionalTexts("Env") ?? [], labels: try DockerJSON.labels(reader, "Labels"),
      exposedPorts: try DockerJSON.keys(reader, "ExposedPorts"))
  }
}

extension HostConfig: WireCodable {
  package var json: JSONValue {
    var object = JSONObject(reserving: 8)
    object.add("NetworkMode", networkMode)
    object.add("PortBindings", PortBinding.map(portBindings, nullWhenEmpty: false))
    object.add("RestartPolicy", restartPolicy)
    object.add("Memory", memory)
    object.add("NanoCpus", nanoCPUs)
    if !mounts.isEmpty { object.add("Mounts", mounts) }
    return .object(object)
  }

  package init(json: JSONValue) throws(WireError) {
    let reader = try JSONReader(json, "container.HostConfig")
    self.init(
      memory: try DockerJSON.wide(reader, "Memory"), nanoCPUs: try DockerJSON.wide(reader, "NanoCpus"),
      restartPolicy: try reader.optional("RestartPolicy") ?? .no,
      portBindings: try PortBinding.list(reader, "PortBindings"), mounts: try reader.optionalList("Mounts") ?? [],
      networkMode: try reader.text("NetworkMode", default: ""))
  }
}

extension HostConfig.Mount: WireCodable {
  package var json: JSONValue {
    var object = JSONObject(reserving: 3)
    object.add("Type", "volume")
    object.add("Source", volume)
    object.add("Target", target)
    return .object(object)
  }

  package init(json: JSONValue) throws(WireError) {
    let reader = try JSONReader(json, "mount.Mount")
    self.init(volume: try reader.text("Source", default: ""), target: try reader.text("Target", default: ""))
  }
}

extension RestartPolicy: WireCodable {
  package var json: JSONValue {
    var object = JSONObject(reserving: 2)
    object.add("Name", name)
    object.add("MaximumRetryCount", maximumRetries)
    return .object(object)
  }

  package init(json: JSONValue) throws(WireError) {
    let reader = try JSONReader(json, "container.RestartPolicy")
    let name = try reader.text("Name", default: "")
    guard
      let policy = RestartPolicy(name: name, maximumRetries: try reader.optionalInteger("MaximumRetryCount") ?? 0)
    else { throw .invalid(path: "Name", reason: "invalid restart policy '\(name)'") }
    self = policy
  }
}

extension PortBinding {
  /// The map of a body, keys in order.
  static func map(_ bindings: [PortBinding], nullWhenEmpty: Bool) -> JSONObject {
    JSONObject(
      bindings.map { binding in
        JSONObject.Member(
          key: binding.containerPort, value: binding.hosts.isEmpty && nullWhenEmpty ? .null : binding.hosts.json)
      })
  }

  static func list(_ reader: JSONReader, _ key: String) throws(WireError) -> [PortBinding] {
    guard let object = try reader.optionalObject(key) else { return [] }
    var bindings: [PortBinding] = []
    for name in object.members.map(\.key).sorted() {
      bindings.append(PortBinding(name, try JSONReader(.object(object)).optionalList(name) ?? []))
    }
    return bindings
  }
}

extension PortBinding.HostPort: WireCodable {
  package var json: JSONValue {
    var object = JSONObject(reserving: 2)
    object.add("HostIp", address)
    object.add("HostPort", port.map(String.init) ?? "")
    return .object(object)
  }

  package init(json: JSONValue) throws(WireError) {
    let reader = try JSONReader(json, "nat.PortBinding")
    let text = try reader.text("HostPort", default: "")
    self.init(address: try reader.text("HostIp", default: ""), port: Int(text))
  }
}
