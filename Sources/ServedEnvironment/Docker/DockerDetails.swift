import StreamSpaceProtocol

/// What Docker's clients look for in answers and StreamSpace does not: added to the engine's own members, the same for
/// all objects.
struct DockerDetails {
  /// When every image was made.
  let made: Timestamp

  static let operatingSystem = "StreamSpace Simulation (no real containers)"
  static let architecture = "x86_64"

  // MARK: Containers

  func of(_ container: ContainerInspection, isRemovedAtEnd: Bool, withSize: Bool) -> JSONValue {
    var document = container.json.members ?? JSONObject()
    document.add("Driver", "overlay2")
    document.add("Platform", "linux")
    var config = document["Config"]?.members ?? JSONObject()
    for name in ["AttachStdin", "AttachStdout", "AttachStderr", "Tty", "OpenStdin"] { config.add(name, false) }
    config.add("WorkingDir", "")
    config.add("User", "")
    config.add("Entrypoint", JSONValue.null)
    document["Config"] = .object(config)
    var host = document["HostConfig"]?.members ?? JSONObject()
    host.add("AutoRemove", isRemovedAtEnd)
    host.add("LogConfig", ["Type": "json-file", "Config": [:]] as JSONValue)
    document["HostConfig"] = .object(host)
    var settings = document["NetworkSettings"]?.members ?? JSONObject()
    let bridge = container.networkSettings.networks.first { $0.network == "bridge" }
    settings.add("IPAddress", bridge?.address ?? "")
    settings.add("IPPrefixLen", bridge?.prefixLength ?? 0)
    settings.add("Gateway", bridge?.gateway ?? "")
    document["NetworkSettings"] = .object(settings)
    if withSize { addSize(&document) }
    return .object(document)
  }

  func of(_ container: ContainerSummary, withSize: Bool) -> JSONValue {
    guard withSize, var document = container.json.members else { return container.json }
    addSize(&document)
    return .object(document)
  }

  private func addSize(_ document: inout JSONObject) {
    document.add("SizeRw", 0)
    document.add("SizeRootFs", 0)
  }

  // MARK: Images and networks

  func summary(_ image: ImageInspection) -> JSONValue {
    var document = image.json.members ?? JSONObject()
    document.add("Created", made.secondsSince1970)
    document.add("Containers", -1)
    document.add("SharedSize", -1)
    document.add("VirtualSize", image.size)
    document.add("ParentId", "")
    document.add("RepoDigests", JSONValue.null)
    document.add("Labels", JSONValue.null)
    return .object(document)
  }

  func of(_ image: ImageInspection) -> JSONValue {
    var document = image.json.members ?? JSONObject()
    document.add("Created", made.rfc3339)
    document.add("VirtualSize", image.size)
    document.add("RepoDigests", JSONValue.array([]))
    document.add("Architecture", "amd64")
    document.add("Os", "linux")
    document.add("Config", ["Env": nil, "Cmd": nil, "Entrypoint": nil, "Labels": nil] as JSONValue)
    return .object(document)
  }

  func of(_ network: NetworkInspection) -> JSONValue {
    var document = network.json.members ?? JSONObject()
    for name in ["EnableIPv6", "Internal", "Attachable", "Ingress", "ConfigOnly"] { document.add(name, false) }
    document.add("Options", JSONObject())
    return .object(document)
  }

  // MARK: The daemon

  func of(_ version: DockerVersion) -> JSONValue {
    var document = version.json.members ?? JSONObject()
    document.add("Arch", "amd64")
    document.add("GitCommit", "simulated")
    document.add("GoVersion", "none")
    document.add("KernelVersion", "none")
    document.add("Platform", ["Name": .string(Self.operatingSystem)] as JSONValue)
    return .object(document)
  }

  func of(_ info: DaemonInfo, now: Timestamp) -> JSONValue {
    var document = info.json.members ?? JSONObject()
    document.add("ID", SHA256.hex(info.name))
    document.add("Driver", "overlay2")
    document.add("LoggingDriver", "json-file")
    document.add("OperatingSystem", Self.operatingSystem)
    document.add("OSType", "linux")
    document.add("Architecture", Self.architecture)
    document.add("KernelVersion", "none")
    document.add("SystemTime", now.rfc3339)
    document.add("IndexServerAddress", "https://index.docker.io/v1/")
    document.add("DockerRootDir", "/var/lib/docker")
    document.add("Labels", JSONValue.array([]))
    document.add("ExperimentalBuild", false)
    for name in [
      "MemoryLimit", "SwapLimit", "CpuCfsPeriod", "CpuCfsQuota", "CPUShares", "CPUSet", "PidsLimit", "IPv4Forwarding",
      "BridgeNfIptables", "BridgeNfIp6tables", "OomKillDisable",
    ] { document.add(name, true) }
    document.add(
      "Plugins",
      ["Volume": ["local"], "Network": ["bridge", "host", "null"], "Authorization": nil, "Log": []] as JSONValue)
    if info.swarm.localNodeState == "active", var swarm = document["Swarm"]?.members {
      swarm.add("NodeAddr", Self.nodeAddress)
      swarm.add("Nodes", 1)
      swarm.add("Managers", 1)
      swarm.add("Cluster", cluster(info))
      document["Swarm"] = .object(swarm)
    }
    return .object(document)
  }

  // MARK: Swarm

  static let nodeAddress = "127.0.0.1"

  /// Of the swarm that the engine is the one node of.
  func cluster(_ info: DaemonInfo) -> JSONValue {
    [
      "ID": .string(String(SHA256.hex(info.swarm.nodeID).prefix(25))), "Version": ["Index": 1],
      "CreatedAt": .string(made.rfc3339), "UpdatedAt": .string(made.rfc3339),
      "Spec": ["Name": "default", "Labels": [:]], "DataPathPort": 4789,
    ]
  }

  func node(_ info: DaemonInfo) -> JSONValue {
    [
      "ID": .string(info.swarm.nodeID), "Version": ["Index": 1], "CreatedAt": .string(made.rfc3339),
      "UpdatedAt": .string(made.rfc3339),
      "Spec": ["Labels": [:], "Role": "manager", "Availability": "active"],
      "Description": [
        "Hostname": .string(info.name), "Platform": ["Architecture": .string(Self.architecture), "OS": "linux"],
        "Resources": [
          "NanoCPUs": .int(Int64(info.processors) * 1_000_000_000), "MemoryBytes": .int(info.memory),
        ],
        "Engine": ["EngineVersion": .string(DockerVersion.measured)],
      ],
      "Status": ["State": "ready", "Addr": .string(Self.nodeAddress)],
      "ManagerStatus": [
        "Leader": true, "Reachability": "reachable", "Addr": .string("\(Self.nodeAddress):2377"),
      ],
    ]
  }

  /// `counts`: tasks that run and tasks that are to run; nil when the client did not ask.
  func of(_ service: ServiceInspection, counts: (running: Int, desired: Int)?) -> JSONValue {
    var document = service.json.members ?? JSONObject()
    document.add("Endpoint", ["Spec": [:]] as JSONValue)
    if let counts {
      document.add(
        "ServiceStatus",
        [
          "RunningTasks": .int(Int64(counts.running)), "DesiredTasks": .int(Int64(counts.desired)),
          "CompletedTasks": 0,
        ] as JSONValue)
    }
    return .object(document)
  }

  /// `since`: when it got into its state, as far as is known.
  func of(_ task: TaskInspection, of service: ServiceInspection?, since: Timestamp) -> JSONValue {
    var document = task.json.members ?? JSONObject()
    document.add("Version", ["Index": .int(service?.version ?? 1)] as JSONValue)
    document.add("CreatedAt", since.rfc3339)
    document.add("UpdatedAt", since.rfc3339)
    document.add("Labels", JSONObject())
    document.add("Spec", service?.json["Spec"]?["TaskTemplate"] ?? ["ContainerSpec": ["Image": ""]])
    var status = document["Status"]?.members ?? JSONObject()
    status.add("Timestamp", since.rfc3339)
    status.add("Message", task.state == "running" ? "started" : task.state)
    document["Status"] = .object(status)
    return .object(document)
  }
}
