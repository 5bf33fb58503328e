import Kubernetes
import StreamSpaceProtocol
import TestEnvironment

/// What the cluster tells: workloads, leases, and who wrote.
extension ObservationRecorder {
  func note(_ event: KubernetesEvent) {
    switch event {
    case .workloadCreated(let workload, let writer):
      note(workload, "deployment", .created, writer)
      noteWrite("deployment/\(workload.name)", writer)
    case .workloadScaled(let workload, let replicas, let writer):
      note(workload, "deployment", replicas == 0 ? .scaledToZero : .scaledUp, writer)
      noteWrite("deployment/\(workload.name)", writer)
    case .workloadDeleting(let workload, let writer): noteWrite("deployment/\(workload.name)", writer)
    case .workloadDeleted(let workload): note(workload, "deployment", .deleted, nil)
    case .podReady(let workload, _): note(workload, "deployment", .ready, nil)
    case .podUnready(let workload, _, _): note(workload, "deployment", .notReady, nil)
    case .objectCreated(let object, let workload, let writer):
      note(workload, object, .created, writer)
      noteWrite("\(object.kind.rawValue.lowercased())/\(object.name)", writer)
    case .objectDeleted(let object, let workload): note(workload, object, .deleted, nil)
    case .leaseChanged(let agent, let holder, let term, _, _):
      add(.lockChanged(agent: agent, holder: holder.isEmpty ? nil : processName(holder), term: term))
    case .writeRefused(let object, let writer, _):
      let instance = processName(writer.caller)
      guard let known = instances[instance], let term = writer.term else { return }
      add(
        .platformWriteRefused(
          agent: known.agent, instance: instance, term: term,
          object: "\(object.kind.rawValue.lowercased())/\(object.name)"))
    default: break
    }
  }

  /// Only what an agent's process wrote counts: neither the cluster itself nor what a case put in place.
  private func noteWrite(_ object: @autoclosure () -> String, _ writer: KubernetesEvent.Writer) {
    let instance = processName(writer.caller)
    guard let known = instances[instance] else { return }
    add(.platformWrite(agent: known.agent, instance: instance, term: writer.term, object: object()))
  }

  private func note(
    _ workload: KubernetesEvent.Workload, _ kind: String, _ event: WorkloadEvent, _ writer: KubernetesEvent.Writer?
  ) {
    guard !workload.session.isEmpty else { return }
    add(
      .workload(
        session: workload.session, agent: workload.agent, object: "\(kind)/\(workload.session)", event: event,
        command: command(for: workload.session, by: writer.map { processName($0.caller) }, label: workload.command)))
  }

  private func note(
    _ workload: KubernetesEvent.Workload, _ object: ObjectReference, _ event: WorkloadEvent,
    _ writer: KubernetesEvent.Writer?
  ) {
    guard !workload.session.isEmpty, let kind = Self.kind(object.kind) else { return }
    add(
      .workload(
        session: workload.session, agent: workload.agent, object: "\(kind)/\(object.name)", event: event,
        command: command(for: workload.session, by: writer.map { processName($0.caller) }, label: workload.command)))
  }

  /// The kinds that belong to a session's workload. The Session resource is a record, not a workload: the recorded
  /// agent leaves it behind (spec/03 §2.3).
  private static func kind(_ kind: KubernetesKind) -> String? {
    switch kind {
    case .service: "service"
    case .persistentVolumeClaim: "pvc"
    default: nil
    }
  }
}
