import StreamSpaceProtocol

/// Why a command cannot be carried out: the text of its failed answer (spec/03 §2.5, §8.3).
struct CommandFault: Error, Hashable {
  /// Whether the command was refused as it stands, before anything was done on the platform.
  let isRefusal: Bool
  let text: String

  /// Something went wrong on the platform.
  static func failed(_ text: String) -> CommandFault { CommandFault(isRefusal: false, text: text) }

  /// The command as it stands cannot be carried out.
  static func refused(_ text: String) -> CommandFault {
    CommandFault(isRefusal: true, text: "command failed: \(text)")
  }

  static func unknownAction(_ name: String) -> CommandFault {
    CommandFault(isRefusal: true, text: "unknown command action: \(name)")
  }

  static let noSessionID = CommandFault.refused("sessionId not found in payload")
}

/// What a start makes for a session: a container and its volumes, as recorded (spec/03 §5.1, §5.2) with the labels of
/// C27. Pure.
struct ContainerPlan {
  let sessionID: String
  let commandID: String
  let container: ContainerSpecification
  /// The volumes in the order they are mounted: the home first.
  let volumes: [VolumeSpecification]
  /// Whether the home outlives the session.
  let persistentHome: Bool

  /// When neither the command nor the template names an amount: what the Kubernetes agent takes (spec/03 §2.2).
  static let defaultMemory = "2Gi"
  static let defaultCPU = "1000m"
  /// The port of a desktop whose template names none (spec/03 §7).
  static let defaultPort = 3000

  var name: String { DockerName.container(session: sessionID) }
  var image: ImageReference { ImageReference(container.image) }
  /// Name of the home volume, empty when there is none.
  var homeVolume: String { persistentHome ? DockerName.homeVolume(session: sessionID) : "" }

  /// Reads a start command; throws the text of the failure.
  init(
    _ payload: StartSessionPayload, commandID: String, agentID: String, network: String,
    resources: DockerAgentBehaviour.Resources = .flat,
    metadata: DockerAgentBehaviour.TemplateMetadata = .optional
  ) throws(CommandFault) {
    guard let sessionID = payload.sessionID, !sessionID.isEmpty else { throw .noSessionID }
    guard let user = payload.user, !user.isEmpty else { throw .refused("user not found in payload") }
    let manifest = try Self.manifest(payload.templateManifest, metadata)
    let limits = try Self.limits(payload, manifest, resources)
    self.sessionID = sessionID
    self.commandID = commandID
    persistentHome = payload.persistentHome ?? true
    let labels = DockerLabel.ofSession(sessionID, agent: agentID, command: commandID)
    var mounts: [HostConfig.Mount] = []
    if persistentHome {
      mounts.append(HostConfig.Mount(volume: DockerName.homeVolume(session: sessionID), target: DockerName.homePath))
    }
    for mount in Self.templateMounts(payload.templateManifest) {
      mounts.append(
        HostConfig.Mount(volume: DockerName.volume(session: sessionID, mount: mount.name), target: mount.path))
    }
    volumes = mounts.map { VolumeSpecification(name: $0.volume, labels: labels) }
    let ports = Self.ports(manifest)
    var containerLabels = labels
    containerLabels[DockerLabel.vncPort] = "\(Self.vncPort(manifest))"
    container = ContainerSpecification(
      image: manifest.baseImage, environment: manifest.environment.map { "\($0.name)=\($0.value)" },
      labels: containerLabels,
      exposedPorts: ports,
      host: HostConfig(
        memory: limits.memory, nanoCPUs: limits.nanoCPUs, restartPolicy: .unlessStopped,
        portBindings: ports.map { .anyHostPort($0) }, mounts: mounts), networks: [network])
  }

  private static func manifest(
    _ json: JSONValue?, _ metadata: DockerAgentBehaviour.TemplateMetadata
  ) throws(CommandFault) -> TemplateManifest {
    let manifest: TemplateManifest
    do throws(TemplateManifest.ParseError) {
      manifest = try TemplateManifest(json: json)
    } catch {
      throw .refused("failed to parse template: \(error.rawValue)")
    }
    guard metadata == .required else { return manifest }
    guard case .object? = json?["metadata"] else {
      throw .refused("failed to parse template: \(TemplateManifest.ParseError.noMetadata.rawValue)")
    }
    return manifest
  }

  // MARK: Limits

  private static func limits(
    _ payload: StartSessionPayload, _ manifest: TemplateManifest, _ resources: DockerAgentBehaviour.Resources
  ) throws(CommandFault) -> (memory: Int64, nanoCPUs: Int64) {
    let wished = resources == .flat ? ResourceAmounts(cpu: payload.cpu ?? "", memory: payload.memory ?? "") : nil
    let memory = first(wished?.memory, manifest.defaultResources.memory, defaultMemory)
    let cpu = first(wished?.cpu, manifest.defaultResources.cpu, defaultCPU)
    return (try quantity(memory, "memory").units, try quantity(cpu, "CPU").milli * 1_000_000)
  }

  private static func first(_ texts: String?...) -> String {
    texts.lazy.compactMap { $0 }.first { !$0.isEmpty } ?? ""
  }

  private static func quantity(_ text: String, _ name: String) throws(CommandFault) -> ResourceQuantity {
    do throws(ResourceQuantity.ParseError) {
      let quantity = try ResourceQuantity(text)
      guard quantity.milli > 0, quantity.milli < .max / 1_000_000 || name == "memory" else {
        throw .format
      }
      return quantity
    } catch {
      throw .failed("Failed to create container: invalid \(name) value: \(error.rawValue)")
    }
  }

  // MARK: Template

  /// The template's ports as `3000/tcp`, in order; when it names none, its VNC port, else 3000: what the Kubernetes
  /// agent opens (XP-05). The shipped agent opens none then (spec/03 §5.2).
  private static func ports(_ manifest: TemplateManifest) -> [String] {
    if manifest.ports.isEmpty {
      return ["\(manifest.vnc.flatMap { $0.enabled ? $0.port : nil } ?? defaultPort)/tcp"]
    }
    let ports = manifest.ports.map { port in
      "\(port.containerPort)/\(port.networkProtocol.isEmpty ? "tcp" : port.networkProtocol.lowercased())"
    }
    return ports.sorted().reduce(into: []) { unique, port in
      if unique.last != port { unique.append(port) }
    }
  }

  /// The port of the desktop, by the rule of the Kubernetes agent.
  private static func vncPort(_ manifest: TemplateManifest) -> Int {
    guard manifest.ports.isEmpty else { return manifest.vncPort }
    return manifest.vnc.flatMap { $0.enabled ? $0.port : nil } ?? defaultPort
  }

  /// `spec.volumeMounts`: name and path, those without either left out.
  private static func templateMounts(_ json: JSONValue?) -> [(name: String, path: String)] {
    (json?["spec"]?["volumeMounts"]?.elements ?? []).compactMap { mount in
      guard let name = mount["name"]?.text, let path = mount["mountPath"]?.text, !name.isEmpty, !path.isEmpty else {
        return nil
      }
      return (name, path)
    }
  }
}
