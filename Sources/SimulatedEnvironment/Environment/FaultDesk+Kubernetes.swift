import Kubernetes
import SimulationRuntime
import StreamSpaceProtocol
import TestEnvironment

/// Faults of the cluster and of its workloads.
extension FaultDesk {
  func cluster(_ fault: KubernetesFault) -> (String, (() -> Void)?) {
    let cluster = deployment.cluster
    let record = cluster.begin(fault)
    return (record.name, { cluster.end(record) })
  }

  static func fault(of trouble: KubernetesTrouble, in cluster: KubernetesCluster) throws -> KubernetesFault {
    switch trouble {
    case .down: return .down(.silent)
    case .refusing: return .down(.refusing)
    case .throttled: return .throttle(retryAfterSeconds: 1)
    case .conflicts(let resource, let percent): return .conflict(try kind(resource), .init(percent, in: 100))
    case .forbidden(nil, "pods/portforward"), .forbidden("create", "pods/portforward"): return .forbidPortForward
    case .forbidden(let verb, let resource): return .forbid(try verb.map(verb(named:)), try kind(resource))
    case .slow(let span): return .slow(TimeSpan(span))
    case .answersLost(let percent): return .answerLost(nil, nil, .init(percent, in: 100))
    case .unschedulable: return .unschedulable
    case .brownOut(let percent): return .brownOut(.serviceUnavailable, .init(percent, in: 100))
    case .staleReads(let span): return .staleReads(nil, upTo: TimeSpan(span))
    case .nodeNotReady:
      guard let node = busiestNode(of: cluster) else { throw EnvironmentError("no node carries a session") }
      return .nodeNotReady(node)
    }
  }

  private static func kind(_ resource: String) throws -> KubernetesKind {
    guard let kind = KubernetesKind.allCases.first(where: { $0.plural == resource }) else {
      throw EnvironmentError("\(resource) is no resource of the cluster")
    }
    return kind
  }

  private static func verb(named name: String) throws -> KubernetesVerb {
    guard let verb = KubernetesVerb(rawValue: name) else { throw EnvironmentError("\(name) is no verb") }
    return verb
  }

  /// The node with most pods of sessions; of several the first by name.
  private static func busiestNode(of cluster: KubernetesCluster) -> String? {
    var counts: [(node: String, pods: Int)] = []
    for pod in cluster.store.list(.pod).compactMap(\.pod) where !pod.nodeName.isEmpty {
      if let index = counts.firstIndex(where: { $0.node == pod.nodeName }) {
        counts[index].pods += 1
      } else {
        counts.append((pod.nodeName, 1))
      }
    }
    return counts.max { ($0.pods, $1.node) < ($1.pods, $0.node) }?.node
  }

  // MARK: Workloads

  func workload(_ session: String, _ trouble: WorkloadTrouble) throws -> (String, (() -> Void)?) {
    let fault: KubernetesFault
    switch trouble {
    case .exits(let code): fault = .containerEnd(session: session, .exited(code: code))
    case .outOfMemory: fault = .containerEnd(session: session, .outOfMemory)
    case .evicted: fault = .podEvict(session: session, .nodePressure)
    case .removed: return try remove(session)
    }
    return (deployment.cluster.begin(fault).name, nil)
  }

  /// An operator deletes the workload.
  private func remove(_ session: String) throws -> (String, (() -> Void)?) {
    let record = simulation.faults.begin("workload(\(session) removed)", at: simulation.now)
    let reference = ObjectReference(.deployment, namespace: Deployment.namespace, name: session)
    let request = KubernetesRequest(.delete(reference, DeleteOptions()), caller: "operator")
    if case .failure = deployment.cluster.perform(request) {} else { record.touch(at: simulation.now) }
    simulation.faults.end(record, at: simulation.now)
    return (record.name, nil)
  }
}
