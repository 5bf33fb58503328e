import SimulationRuntime
import StreamSpaceProtocol

/// A machine that runs pods.
struct Node {
  let name: String
  /// Cold images that were pulled here.
  var images: Set<String> = []
  /// Starts that are under way.
  var starting = 0
  /// Pods bound here.
  var pods = 0
  /// Faults that keep its kubelet from being heard.
  var losses = 0
  /// Counts losses and returns: what was planned in an earlier life of the node is void.
  var turn = 0
  /// The cluster has noticed the loss: its pods count as not ready, and it takes no more.
  var isTainted = false
  /// What its kubelet will do when it is back.
  var stalled: [() -> Void] = []

  init(_ name: String) { self.name = name }

  /// Its kubelet is not heard of.
  var isLost: Bool { losses > 0 }
}

/// Nodes that are not heard of: their pods become unready, then they are evicted (spec/04 §4.4).
extension KubernetesCluster {
  private static let nodeStep = EventLabel("kubernetes.node")

  /// The node that runs the pod of a session; nil if it has none that is bound.
  package func node(ofSession session: String) -> String? {
    store.list(.pod, .label(SessionLabel.session, session)).lazy.compactMap(\.pod)
      .first { !$0.metadata.isBeingDeleted && !$0.nodeName.isEmpty }?.nodeName
  }

  /// Whether a node takes pods, as far as the cluster knows; false for an unknown one.
  package func isNodeReady(_ name: String) -> Bool { nodes.contains { $0.name == name && !$0.isTainted } }

  func nodeLost(_ name: String) {
    guard let node = nodes.firstIndex(where: { $0.name == name }) else { return }
    nodes[node].losses += 1
    guard nodes[node].losses == 1 else { return }
    planTurn(of: node, after: drawNodeStep(behaviour.latencies.nodeDetection)) { $0.nodeLossNoticed(node) }
  }

  func nodeReturned(_ name: String) {
    guard let node = nodes.firstIndex(where: { $0.name == name }), nodes[node].isLost else { return }
    nodes[node].losses -= 1
    guard nodes[node].losses == 0 else { return }
    let stalled = nodes[node].stalled
    nodes[node].stalled = []
    for action in stalled { action() }
    planTurn(of: node, after: drawNodeStep(behaviour.latencies.nodeReturn)) { $0.nodeReturnNoticed(node) }
  }

  /// Keeps an action of a node's kubelet until the node is back.
  func stall(on node: Int, _ action: @escaping () -> Void) {
    nodes[node].stalled.append(action)
    touchLoss(of: node)
  }

  private func nodeLossNoticed(_ node: Int) {
    nodes[node].isTainted = true
    for pod in pods(on: node) where pod.isReady {
      changePod(pod, because: "node not ready") { $0.isReady = false }
      touchLoss(of: node)
      podChanged(pod)
    }
    planTurn(of: node, after: behaviour.latencies.toleration) { cluster in
      for pod in cluster.pods(on: node) where !pod.metadata.isBeingDeleted && pod.phase != .failed {
        cluster.touchLoss(of: node)
        cluster.deletePod(pod, reason: "evicted: node not ready")
      }
    }
  }

  private func nodeReturnNoticed(_ node: Int) {
    nodes[node].isTainted = false
    for pod in pods(on: node)
    where !pod.isReady && pod.phase == .running && starting[pod.metadata.name] == nil && !pod.metadata.isBeingDeleted {
      changePod(pod) { $0.isReady = true }
      podChanged(pod)
    }
  }

  private func pods(on node: Int) -> [Pod] {
    store.list(.pod).compactMap(\.pod).filter { $0.nodeName == nodes[node].name }
  }

  /// Runs `action` after `delay` unless the node is lost or comes back before.
  private func planTurn(of node: Int, after delay: TimeSpan, _ action: @escaping (KubernetesCluster) -> Void) {
    nodes[node].turn += 1
    let turn = nodes[node].turn
    simulation.schedule(after: delay, Self.nodeStep) { [weak self] in
      guard let self, nodes[node].turn == turn else { return }
      action(self)
    }
  }

  private func drawNodeStep(_ model: LatencyModel) -> TimeSpan {
    simulation.decisions.draw(simulation.decisions.stream("kubernetes.node"), model)
  }

  private func touchLoss(of node: Int) {
    let name = nodes[node].name
    let _: Bool? = faults.first { $0 == .nodeNotReady(name) ? true : nil }
  }
}
