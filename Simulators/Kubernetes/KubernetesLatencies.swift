import SimulationRuntime
import StreamSpaceProtocol

/// How long the steps of the cluster take: spec/06 §10.3, the two controllers' steps of spec/04 §4.4.
package struct KubernetesLatencies: Sendable {
  /// POST of a Deployment until it is answered.
  package var deploymentCreate = LatencyModel.lognormal(median: .milliseconds(500), .s030)
  /// POST of a Service or a claim.
  package var serviceCreate = LatencyModel.lognormal(median: .milliseconds(200), .s030)
  /// Any write of a Lease.
  package var leaseWrite = LatencyModel.lognormal(median: .milliseconds(30), .s070)
  /// Every other write: 5..20 ms (spec/04 §4.4, first row).
  package var write = LatencyModel.uniform(.milliseconds(5), .milliseconds(20))
  /// GET and LIST inside the server; the way to it is the network's (spec/06 §10.3, agent-pod).
  package var read = LatencyModel.uniform(.milliseconds(1), .milliseconds(5))
  /// From the request for a port-forward until the server has reached the kubelet (spec/06 §10.3).
  package var portForward = LatencyModel.lognormal(median: .milliseconds(500), .s030)
  /// From there until the kubelet has dialled into the pod (spec/06 §10.3).
  package var portForwardDial = LatencyModel.lognormal(median: .milliseconds(500), .s030)
  /// One controller's step: ReplicaSet, then Pod (spec/04 §4.4).
  package var controller = LatencyModel.uniform(.milliseconds(10), .milliseconds(100))
  /// Until a pod is bound to its node.
  package var scheduling = LatencyModel.lognormal(median: .milliseconds(500), .s030)
  /// Added to scheduling for each other start that is under way on the node.
  package var contention = TimeSpan.milliseconds(300)
  /// An image that is on the node.
  package var imageCached = LatencyModel.lognormal(median: .milliseconds(2000), .s035)
  /// An image that is not.
  package var imageCold = LatencyModel.uniform(.milliseconds(8000), .milliseconds(18_000))
  /// Until a failing pull is given up (spec/06 §10.3: failure 60 s).
  package var imageFailure = LatencyModel.constant(.seconds(60))
  package var containerStart = LatencyModel.lognormal(median: .milliseconds(1200), .s030)
  package var readiness = LatencyModel.lognormal(median: .milliseconds(400), .s030)
  /// From the deletion of a pod until it is gone.
  package var podDeletion = LatencyModel.lognormal(median: .milliseconds(900), .s060)
  /// The scheduler's next look at a pod that fits nowhere: 1..10 s (spec/04 §4.4).
  package var reschedule = LatencyModel.uniform(.seconds(1), .seconds(10))
  /// Until the silence of a node is noticed: 40..50 s (spec/04 §4.4).
  package var nodeDetection = LatencyModel.uniform(.seconds(40), .seconds(50))
  /// From then until its pods are evicted: the default toleration, 300 s (spec/04 §4.4).
  package var toleration = TimeSpan.seconds(300)
  /// Until a node that is back counts as ready: at its next status update, every 10 s [K].
  package var nodeReturn = LatencyModel.uniform(.zero, .seconds(10))
  /// From a change until a watcher hears of it (spec/06 §10.3; spec/04 §4.2).
  package var watchDelivery = LatencyModel.uniform(.milliseconds(1), .milliseconds(50))
  /// When the server ends a watch whose reader named no limit: 30..60 min (spec/04 §4.2).
  package var watchLife = LatencyModel.uniform(.minutes(30), .minutes(60))

  package init() {}
}

/// How the cluster behaves. The contract is the default; a defect is a change of one field.
package struct KubernetesBehaviour: Sendable {
  /// What the cluster does with a write whose leader term is older than the newest it saw (C28, C-04).
  package enum Fencing: Sendable, Hashable {
    /// Refuses it: an admission policy on the `agent` label.
    case refusesOlderTerms
    /// Takes it: a cluster without that policy.
    case none
  }

  /// What the role of the agents lets them do with ports of pods (spec/03 §3.1).
  package enum PortForwarding: Sendable, Hashable {
    case granted
    /// The role has no `create` on `pods/portforward`.
    case missing
  }

  package var fencing = Fencing.refusesOlderTerms
  package var portForwarding = PortForwarding.granted
  package var latencies = KubernetesLatencies()

  package init() {}
}

/// What the cluster is made of.
package struct ClusterConfiguration: Sendable {
  /// Whether an image is on the nodes from the start.
  package enum ImageClass: Sendable, Hashable {
    case cached
    /// On no node at first; a node that has pulled it keeps it.
    case cold
  }

  /// Names of the nodes, at least one.
  package var nodes: [String]
  /// Images that are not of ``defaultImageClass``.
  package var images: [String: ImageClass]
  package var defaultImageClass: ImageClass

  package init(
    nodes: [String] = ["node-1", "node-2", "node-3"], images: [String: ImageClass] = [:],
    defaultImageClass: ImageClass = .cached
  ) {
    self.nodes = nodes.isEmpty ? ["node-1"] : nodes
    self.images = images
    self.defaultImageClass = defaultImageClass
  }
}

/// The drawn steps, each from its own stream of decisions, so that a new draw in one does not shift another.
struct LatencySteps {
  /// One step.
  struct Step {
    let model: LatencyModel
    let stream: DecisionStream
    let decisions: Decisions

    func draw() -> TimeSpan { decisions.draw(stream, model) }
  }

  let deploymentCreate, serviceCreate, leaseWrite, write, read, controller, scheduling, imageCached, imageCold: Step
  let imageFailure, containerStart, readiness, podDeletion, reschedule, portForward, portForwardDial: Step

  init(_ latencies: KubernetesLatencies, _ decisions: Decisions) {
    func step(_ name: String, _ model: LatencyModel) -> Step {
      Step(model: model, stream: decisions.stream("kubernetes.\(name)"), decisions: decisions)
    }
    deploymentCreate = step("deployment-create", latencies.deploymentCreate)
    serviceCreate = step("service-create", latencies.serviceCreate)
    leaseWrite = step("lease-write", latencies.leaseWrite)
    write = step("write", latencies.write)
    read = step("read", latencies.read)
    controller = step("controller", latencies.controller)
    scheduling = step("scheduling", latencies.scheduling)
    imageCached = step("image-cached", latencies.imageCached)
    imageCold = step("image-cold", latencies.imageCold)
    imageFailure = step("image-failure", latencies.imageFailure)
    containerStart = step("container-start", latencies.containerStart)
    readiness = step("readiness", latencies.readiness)
    podDeletion = step("pod-deletion", latencies.podDeletion)
    reschedule = step("reschedule", latencies.reschedule)
    portForward = step("port-forward", latencies.portForward)
    portForwardDial = step("port-forward-dial", latencies.portForwardDial)
  }

  /// What the server spends on a request before it takes effect.
  func serverTime(of request: KubernetesRequest) -> TimeSpan {
    guard request.isWrite else { return read.draw() }
    if request.kind == .lease { return leaseWrite.draw() }
    guard case .create = request.operation else { return write.draw() }
    switch request.kind {
    case .deployment: return deploymentCreate.draw()
    case .service, .persistentVolumeClaim: return serviceCreate.draw()
    case .pod, .lease, .secret, .session, .template: return write.draw()
    }
  }
}
