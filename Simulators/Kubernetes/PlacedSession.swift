import SimulationRuntime
import StreamSpaceProtocol

/// A session's workload that is put in place in one step instead of being started (capability `seed-state`,
/// spec/06 §10.4).
package struct PlacedSession: Sendable {
  package var session: String
  package var user: String
  package var templateName: String
  /// Agent id that owns it (label `agent`).
  package var agent: String
  /// The start command it is told to come from (label `command`).
  package var command: String
  package var namespace: String
  package var image: String
  package var memory: String
  package var cpu: String
  package var ports: [ContainerPort]
  package var persistentHome: Bool
  /// False: hibernated, a workload without pod.
  package var isRunning: Bool

  package init(
    session: String, user: String, templateName: String, agent: String, command: String,
    namespace: String = "streamspace", image: String, memory: String = "512Mi", cpu: String = "250m",
    ports: [ContainerPort] = [ContainerPort(name: "vnc", containerPort: 5900)], persistentHome: Bool = false,
    isRunning: Bool = true
  ) {
    self.session = session
    self.user = user
    self.templateName = templateName
    self.agent = agent
    self.command = command
    self.namespace = namespace
    self.image = image
    self.memory = memory
    self.cpu = cpu
    self.ports = ports
    self.persistentHome = persistentHome
    self.isRunning = isRunning
  }

  /// The six labels of everything that belongs to the session (spec/03 §3, C27).
  package var labels: Labels {
    [
      SessionLabel.app: SessionLabel.appValue, SessionLabel.session: session, SessionLabel.user: user,
      SessionLabel.template: templateName, SessionLabel.agent: agent, SessionLabel.command: command,
    ]
  }
}

extension KubernetesCluster {
  /// The pod of a placed session.
  package struct Placement: Sendable, Hashable {
    /// Empty when the session is hibernated.
    package var podName: String
    package var podIP: String
  }

  /// Makes all objects of a session as they are after a start, at once and without latency. Observers see the usual
  /// events, from ``KubernetesEvent/Writer/seed``.
  package func place(_ placed: PlacedSession) throws(KubernetesFailure) -> Placement {
    let labels = placed.labels
    let claimName = "\(placed.session)-home"
    func metadata(_ name: String) -> ObjectMetadata {
      ObjectMetadata(name: name, namespace: placed.namespace, labels: labels)
    }
    let template = PodTemplate(
      labels: labels, image: placed.image, memory: placed.memory, cpu: placed.cpu, ports: placed.ports,
      homeClaim: placed.persistentHome ? claimName : nil)
    let deployment = Deployment(
      metadata: metadata(placed.session), replicas: placed.isRunning ? 1 : 0,
      selector: [SessionLabel.session: placed.session], template: template)
    let stored = try seed(.deployment(deployment))
    try seed(
      .service(
        Service(
          metadata: metadata(placed.session), selector: [SessionLabel.session: placed.session],
          port: Service.sessionPort, targetPort: Service.sessionPort)))
    if placed.persistentHome {
      try seed(.persistentVolumeClaim(PersistentVolumeClaim(metadata: metadata(claimName))))
    }
    try seed(
      .session(
        SessionResource(
          metadata: metadata(placed.session), user: placed.user, template: placed.templateName,
          state: placed.isRunning ? "running" : "hibernated", persistentHome: placed.persistentHome)))
    guard placed.isRunning, case .deployment(let owner) = stored else { return Placement(podName: "", podIP: "") }
    return try placePod(of: owner)
  }

  @discardableResult
  private func seed(_ object: KubernetesObject) throws(KubernetesFailure) -> KubernetesObject {
    let stored = try store.create(object, uid: freshUID(), at: now, by: .seed)
    switch stored {
    case .service: return assignAddress(stored)
    case .persistentVolumeClaim: return bind(stored)
    default: return stored
    }
  }

  private func placePod(of owner: Deployment) throws(KubernetesFailure) -> Placement {
    let node = leastLoadedNode() ?? 0
    nodes[node].pods += 1
    let metadata = ObjectMetadata(
      name: podName(of: owner), namespace: owner.metadata.namespace, labels: owner.template.labels,
      owner: OwnerReference(kind: .deployment, name: owner.metadata.name, uid: owner.metadata.uid))
    var pod = Pod(metadata: metadata, template: owner.template)
    pod.nodeName = nodes[node].name
    pod.phase = .running
    pod.isContainerRunning = true
    pod.isReady = true
    pod.podIP = freshPodAddress()
    let stored = try store.create(.pod(pod), uid: freshUID(), at: now, by: .seed)
    podsOfOwner[owner.metadata.uid, default: []].append(stored.reference)
    store.change(KubernetesObject.deployment(owner).reference, at: now) { object in
      guard case .deployment(var deployment) = object else { return }
      deployment.status.observedGeneration = deployment.metadata.generation
      deployment.status.replicas = 1
      deployment.status.readyReplicas = 1
      object = .deployment(deployment)
    }
    return Placement(podName: pod.metadata.name, podIP: pod.podIP)
  }
}
