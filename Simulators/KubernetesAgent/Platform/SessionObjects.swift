import StreamSpaceProtocol

/// The objects of one session as the agent writes them (spec/03 §3, C27).
struct SessionObjects {
  let sessionID: String
  let user: String
  let template: String
  let namespace: String
  let agentID: String
  let commandID: String
  let memory: String
  let cpu: String
  let manifest: TemplateManifest
  let persistentHome: Bool

  /// When neither the request nor the template names an amount (spec/03 §2.2).
  static let defaultMemory = "2Gi"
  static let defaultCPU = "1000m"
  /// Reads a start command; throws the text of the failure (spec/03 §8.3).
  init(_ payload: StartSessionPayload, commandID: String, agentID: String, namespace: String) throws(CommandFault) {
    guard let sessionID = payload.sessionID, !sessionID.isEmpty else { throw .missingSessionID }
    guard let user = payload.user, !user.isEmpty else { throw CommandFault("missing or invalid user") }
    guard let template = payload.template, !template.isEmpty else { throw CommandFault("missing or invalid template") }
    do throws(TemplateManifest.ParseError) {
      manifest = try TemplateManifest(json: payload.templateManifest)
    } catch {
      throw CommandFault("failed to get template \(template): \(error.rawValue)")
    }
    memory = Self.first(payload.memory, manifest.defaultResources.memory, Self.defaultMemory)
    cpu = Self.first(payload.cpu, manifest.defaultResources.cpu, Self.defaultCPU)
    for (name, amount) in [("memory", memory), ("CPU", cpu)] {
      do throws(ResourceQuantity.ParseError) {
        _ = try ResourceQuantity(amount)
      } catch {
        throw CommandFault("failed to create deployment: invalid \(name) value: \(error.rawValue)")
      }
    }
    self.sessionID = sessionID
    self.user = user
    self.template = template
    self.commandID = commandID
    self.agentID = agentID
    self.namespace = namespace
    persistentHome = payload.persistentHome ?? false
  }

  private static func first(_ texts: String?...) -> String {
    texts.lazy.compactMap { $0 }.first { !$0.isEmpty } ?? ""
  }

  /// Name of the home claim of a session.
  static func claimName(_ sessionID: String) -> String { "\(sessionID)-home" }

  var labels: Labels {
    [
      SessionLabel.app: SessionLabel.appValue, SessionLabel.session: sessionID, SessionLabel.user: user,
      SessionLabel.template: template, SessionLabel.agent: agentID, SessionLabel.command: commandID,
    ]
  }

  private func metadata(_ name: String, _ labels: Labels) -> ObjectMetadata {
    ObjectMetadata(name: name, namespace: namespace, labels: labels)
  }

  var deployment: KubernetesObject {
    let labels = labels
    return .deployment(
      Deployment(
        metadata: metadata(sessionID, labels), selector: [SessionLabel.session: sessionID],
        template: PodTemplate(
          labels: labels, image: manifest.baseImage, memory: memory, cpu: cpu, ports: ports, environment: environment,
          homeClaim: persistentHome ? Self.claimName(sessionID) : nil)))
  }

  var service: KubernetesObject {
    .service(
      Service(
        metadata: metadata(sessionID, labels), selector: [SessionLabel.session: sessionID], port: Service.sessionPort,
        targetPort: Service.sessionPort))
  }

  var claim: KubernetesObject {
    .persistentVolumeClaim(PersistentVolumeClaim(metadata: metadata(Self.claimName(sessionID), labels)))
  }

  func sessionResource(_ pod: Pod) -> KubernetesObject {
    .session(
      SessionResource(
        metadata: metadata(sessionID, labels), user: user, template: template, state: "running",
        persistentHome: persistentHome,
        status: SessionResource.Status(
          phase: "Running", podName: pod.metadata.name, url: "http://\(pod.podIP):\(Service.sessionPort)")))
  }

  /// The template's ports, else its VNC port, else 3000 (spec/03 §3).
  private var ports: [ContainerPort] {
    guard manifest.ports.isEmpty else {
      return manifest.ports.map {
        ContainerPort(
          name: $0.name, containerPort: $0.containerPort, networkProtocol: $0.networkProtocol == "UDP" ? "UDP" : "TCP")
      }
    }
    let port = manifest.vnc.flatMap { $0.enabled ? $0.port : nil } ?? Service.sessionPort
    return [ContainerPort(name: "vnc", containerPort: port)]
  }

  /// The template's variables, overridden by the agent's own; in order of their names.
  private var environment: [EnvironmentVariable] {
    var variables = Labels(manifest.environment.map { ($0.name, $0.value) })
    variables["USER"] = user
    variables["SESSION_ID"] = sessionID
    variables["PUID"] = "1000"
    variables["PGID"] = "1000"
    variables["TZ"] = "UTC"
    return variables.pairs.map { EnvironmentVariable(name: $0.key, value: $0.value) }
  }
}

/// Why a command cannot be carried out: the text of its `failed` answer (spec/03 §8.3).
struct CommandFault: Error, Hashable {
  let text: String

  init(_ text: String) { self.text = text }

  static let missingSessionID = CommandFault("missing or invalid sessionId")
}
