import StreamSpaceProtocol

/// Bodies as Docker's own clients write them, brought to what the simulated engine knows: other spellings of the same
/// thing are rewritten, what would be lost in silence is refused or named in a warning.
enum DockerBodies {
  /// Refuses a body that is not declared as JSON, where the daemon does.
  static func check(_ call: DockerExchange) throws(DockerFailure) {
    guard call.request.method == .post, !call.request.body.isEmpty, let first = call.path.first,
      ["containers", "networks", "volumes", "services"].contains(first),
      ["create", "connect", "disconnect"].contains(call.path.last ?? "")
    else { return }
    let type = call.request.headers[HTTPHeaderName.contentType] ?? ""
    let media = type.split(separator: ";").first.map { $0.trimmingBlanks.lowercased() } ?? ""
    guard media == "application/json" else {
      throw DockerFailure(400, "Content-Type specified (\(type)) must be 'application/json'")
    }
  }

  /// Rewrites the body of a create. True: the container is to be removed when it ends.
  static func adapt(_ call: DockerExchange) throws(DockerFailure) -> Bool {
    if call.path.first == "images" { adaptImage(call) }
    guard call.request.method == .post, let kind = call.path.first,
      call.path.count == 2 && call.path[1] == "create" || kind == "services" && call.path.last == "update",
      var body = object(call.request.body)
    else { return false }
    var isRemovedAtEnd = false
    switch kind {
    case "containers":
      guard !body.isEmpty else { return false }
      isRemovedAtEnd = try adaptContainer(&body)
    case "services": try adaptService(&body)
    case "networks":
      if body["IPAM"]?["Config"]?.elements?.isEmpty == false {
        throw .notSimulated("networks with a subnet of their own (--subnet)")
      }
      return false
    case "volumes":
      if body["DriverOpts"]?.members?.isEmpty == false { throw .notSimulated("options of volumes (--opt)") }
      let driver = body["Driver"]?.text ?? ""
      guard ["", "local"].contains(driver) else { throw .notSimulated("volumes of the driver \(driver)") }
      return false
    default: return false
    }
    call.request.body = .bytes(JSONWriter.bytes(of: .object(body)))
    return isRemovedAtEnd
  }

  /// Members of a create that are set and that the engine has no part for.
  static func warnings(_ call: DockerExchange) -> [String] {
    guard let body = object(call.request.body) else { return [] }
    let config = withoutEffect.filter { isSet(body[$0]) }
    let host = hostWithoutEffect.filter { isSet(body["HostConfig"]?[$0]) }.map { "HostConfig.\($0)" }
    return (config + host).map { "not simulated, without effect: \($0)" }
  }

  private static let withoutEffect = ["Hostname", "User", "WorkingDir", "Healthcheck", "StopSignal", "StopTimeout"]
  private static let hostWithoutEffect = [
    "Privileged", "CapAdd", "CapDrop", "Devices", "DeviceRequests", "Tmpfs", "ExtraHosts", "Links", "VolumesFrom",
    "PidMode", "UTSMode", "ReadonlyRootfs", "SecurityOpt", "Dns", "PidsLimit", "MemorySwap", "MemoryReservation",
    "CpuShares", "CpuQuota", "CpusetCpus",
  ]

  private static func isSet(_ value: JSONValue?) -> Bool {
    switch value {
    case nil, .null?: false
    case .bool(let flag)?: flag
    case .int(let number)?: number != 0 && number != -1
    case .string(let text)?: !text.isEmpty
    case .array(let elements)?: !elements.isEmpty
    case .object(let members)?: !members.isEmpty
    default: true
    }
  }

  // MARK: Containers

  private static func adaptContainer(_ body: inout JSONObject) throws(DockerFailure) -> Bool {
    if let entry = texts(body["Entrypoint"]), !entry.isEmpty {
      body["Cmd"] = (entry + (texts(body["Cmd"]) ?? [])).json
    }
    if body["Volumes"]?.members?.isEmpty == false {
      throw .notSimulated("anonymous volumes: give the volume a name, as in -v name:/path")
    }
    if let ends = body["NetworkingConfig"]?["EndpointsConfig"]?.members, ends["default"] != nil {
      // The name of a mode, not of a network; the client writes it into both places.
      let named = JSONObject(ends.members.filter { $0.key != "default" })
      body["NetworkingConfig"] = ["EndpointsConfig": .object(named)]
    }
    guard var host = body["HostConfig"]?.members else { return false }
    try adaptMounts(&host)
    if host["PublishAllPorts"]?.flag == true { publishAll(body["ExposedPorts"]?.members, in: &host) }
    let isRemovedAtEnd = host["AutoRemove"]?.flag == true
    if isRemovedAtEnd, !["", "no"].contains(host["RestartPolicy"]?["Name"]?.text ?? "") {
      throw DockerFailure(400, "can't create 'AutoRemove' container with restart policy")
    }
    body["HostConfig"] = .object(host)
    return isRemovedAtEnd
  }

  /// Docker's own client calls `busybox` by its whole name, `docker.io/library/busybox`; the daemon does not.
  private static func adaptImage(_ call: DockerExchange) {
    if let name = call.request.query["fromImage"] { call.request.query["fromImage"] = familiar(name) }
    guard call.path.count > 2 else { return }
    let name = call.path[1..<(call.path.count - 1)].joined(separator: "/")
    let short = familiar(name)
    guard short != name, let last = call.path.last else { return }
    call.request.path = "/images/\(short)/\(last)"
  }

  static func familiar(_ name: String) -> String {
    guard name.hasPrefix("docker.io/") else { return name }
    let rest = name.dropFirst("docker.io/".count)
    return String(rest.hasPrefix("library/") ? rest.dropFirst("library/".count) : rest)
  }

  /// `-v name:/path` is the older form of `--mount type=volume`.
  private static func adaptMounts(_ host: inout JSONObject) throws(DockerFailure) {
    var mounts = host["Mounts"]?.elements ?? []
    for mount in mounts {
      let type = mount["Type"]?.text ?? ""
      guard type == "volume" else { throw .notSimulated("mounts of the type \(type)") }
      if (mount["Source"]?.text ?? "").isEmpty { throw .notSimulated("anonymous volumes: name the source") }
    }
    for bind in texts(host["Binds"]) ?? [] {
      let parts = bind.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
      guard parts.count >= 2, !parts[0].isEmpty else {
        throw DockerFailure(400, "invalid volume specification: '\(bind)'")
      }
      guard !parts[0].hasPrefix("/") else { throw .notSimulated("folders of the host in a container (-v \(bind))") }
      mounts.append(["Type": "volume", "Source": .string(parts[0]), "Target": .string(parts[1])])
    }
    if !mounts.isEmpty { host["Mounts"] = .array(mounts) }
  }

  private static func publishAll(_ exposed: JSONObject?, in host: inout JSONObject) {
    var bindings = host["PortBindings"]?.members ?? JSONObject()
    for port in exposed?.members ?? [] where bindings[port.key] == nil {
      bindings[port.key] = [["HostIp": "", "HostPort": ""]]
    }
    host["PortBindings"] = .object(bindings)
  }

  // MARK: Services

  /// `docker service create image args` sends the arguments apart from the command.
  private static func adaptService(_ body: inout JSONObject) throws(DockerFailure) {
    if body["Mode"]?.members.map({ !$0.isEmpty && $0["Replicated"] == nil }) == true {
      throw .notSimulated("services of another mode than replicated")
    }
    guard var template = body["TaskTemplate"]?.members, var container = template["ContainerSpec"]?.members,
      let arguments = texts(container["Args"]), !arguments.isEmpty
    else { return }
    container["Command"] = ((texts(container["Command"]) ?? []) + arguments).json
    container["Args"] = nil
    template["ContainerSpec"] = .object(container)
    body["TaskTemplate"] = .object(template)
  }

  // MARK: JSON

  /// A body that is no object is for the engine's own reader to refuse.
  private static func object(_ body: HTTPBody) -> JSONObject? {
    do throws(WireError) { return try body.json().members } catch { return nil }
  }

  /// A list of texts, or one text as Docker takes it too.
  private static func texts(_ value: JSONValue?) -> [String]? {
    if let text = value?.text { return [text] }
    return value?.elements?.compactMap(\.text)
  }
}

extension Substring {
  fileprivate var trimmingBlanks: Substring {
    var rest = self.drop { $0 == " " }
    while rest.last == " " { rest.removeLast() }
    return rest
  }
}
